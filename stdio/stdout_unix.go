//go:build unix

package stdio

import (
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// PrivateStdout takes stdout away from everything else in this process: it
// answers a duplicate that only the caller has, and leads file descriptor 1 to
// stderr, so that a stray print can't get between two messages. Children don't
// inherit the duplicate.
//
// From then on nothing in this process dies of SIGPIPE: a client that stops
// reading, and a host that closes stderr, are write errors. Children have the
// usual SIGPIPE, since it is caught and not ignored.
func PrivateStdout() (*os.File, error) {
	private, err := unix.FcntlInt(uintptr(unix.Stdout), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("keeping stdout private: %w", err)
	}
	if err := redirect(unix.Stderr, unix.Stdout); err != nil {
		return nil, errors.Join(fmt.Errorf("leading stray output to stderr: %w", err), unix.Close(private))
	}
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	return os.NewFile(uintptr(private), "stdout"), nil
}
