//go:build unix

package hosts

import (
	"os"
	"path/filepath"
	"syscall"
)

// keepOwner gives a file to whom the one belongs that it takes the place of, or, if
// there is none, its folder: root may work in another user's home.
func keepOwner(path string, file *os.File) error {
	info, err := os.Stat(path)
	if err != nil {
		info, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	return file.Chown(int(owner.Uid), int(owner.Gid))
}
