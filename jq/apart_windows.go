package jq

import (
	"os/exec"
	"syscall"
)

// apart gives a process no console: no window opens for it, and Ctrl-C ends who
// waits for it, and that ends it.
func apart(command *exec.Cmd) {
	const createNoWindow = 0x08000000
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: createNoWindow}
}
