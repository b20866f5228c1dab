//go:build unix

package audit

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// noFollow opens no link.
const noFollow = syscall.O_NOFOLLOW

// noBlock waits for nobody at the other end of a pipe.
const noBlock = syscall.O_NONBLOCK

// checkPrivate refuses what another user owns or may read or write.
func checkPrivate(path string, info fs.FileInfo) error {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user; move it away", path)
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 {
		return fmt.Errorf("other users may open %s (mode %04o); run: chmod go= %[1]s", path, info.Mode().Perm())
	}
	return nil
}
