//go:build unix

package credentials

import (
	"os/exec"
	"syscall"
)

// killAsGroup starts a command in a session of its own, where it fails at once
// if it wants to ask at the terminal, and has its context end the whole group.
func killAsGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error {
		if syscall.Kill(-command.Process.Pid, syscall.SIGKILL) == nil {
			return nil
		}
		// This one knows whether the command has ended already.
		return command.Process.Kill()
	}
}
