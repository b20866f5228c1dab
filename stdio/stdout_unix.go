//go:build unix

package stdio

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// PrivateStdout takes stdout away from everything else in this process: it
// answers a duplicate that only the caller has, and leads file descriptor 1 to
// stderr, so that a stray print can't get between two messages. Children don't
// inherit the duplicate. A client that stops reading is a write error, not the
// end of the process, since only writes to descriptors 1 and 2 raise SIGPIPE in
// Go programs.
func PrivateStdout() (*os.File, error) {
	private, err := unix.FcntlInt(uintptr(unix.Stdout), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("keeping stdout private: %w", err)
	}
	if err := redirect(unix.Stderr, unix.Stdout); err != nil {
		return nil, errors.Join(fmt.Errorf("leading stray output to stderr: %w", err), unix.Close(private))
	}
	return os.NewFile(uintptr(private), "stdout"), nil
}
