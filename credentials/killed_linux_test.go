//go:build linux && (amd64 || arm64)

package credentials

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// killingCalls are the system calls by which a step can be recognised.
func killingCalls() map[string]uint32 {
	return map[string]uint32{beforeSync: unix.SYS_FSYNC, beforeRename: unix.SYS_RENAMEAT}
}

// dieAtCall has the kernel kill this process at its first system call of a
// kind, by a filter on them (seccomp), if it is to die at one.
func dieAtCall(t *testing.T, die string) {
	t.Helper()
	number, ok := killingCalls()[die]
	if !ok {
		return
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	// struct seccomp_data begins with the number of the call.
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed != 0 {
		t.Fatal(failed)
	}
}
