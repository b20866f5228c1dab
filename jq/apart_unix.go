//go:build unix

package jq

import (
	"os/exec"
	"syscall"
)

// apart keeps from a process what a terminal sends to everybody: Ctrl-C ends who
// waits for it, and that ends it.
func apart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
