//go:build !race

package jq

import "syscall"

// limit has the system refuse this process what it can take between two looks at
// its memory. Go asks for 64 MiB at a time, so there is room above. What it only
// reserves doesn't count. Where the system won't, there are still the looks.
func limit(most uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: 2 * most, Max: 2 * most})
}
