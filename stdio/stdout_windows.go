package stdio

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// PrivateStdout takes stdout away from everything else in this process: it
// answers a duplicate that only the caller has, and leads the standard output
// handle, os.Stdout and syscall.Stdout to stderr, so that a stray print can't get between two
// messages. Children don't inherit the duplicate.
func PrivateStdout() (*os.File, error) {
	process := windows.CurrentProcess()
	var private windows.Handle
	err := windows.DuplicateHandle(process, windows.Handle(os.Stdout.Fd()), process, &private, 0, false, windows.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return nil, fmt.Errorf("keeping stdout private: %w", err)
	}
	stderr := windows.Handle(os.Stderr.Fd())
	if err := windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, stderr); err != nil {
		return nil, errors.Join(fmt.Errorf("leading stray output to stderr: %w", err), windows.CloseHandle(private))
	}
	os.Stdout = os.Stderr
	syscall.Stdout, windows.Stdout = syscall.Handle(stderr), stderr
	return os.NewFile(uintptr(private), "stdout"), nil
}
