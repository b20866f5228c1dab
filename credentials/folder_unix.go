//go:build unix

package credentials

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkPrivate refuses what another user owns or may read or write.
func checkPrivate(path string, info fs.FileInfo) error {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return faulty("remove it, or "+ownFolder, "%w: %s belongs to another user", ErrFolder, path)
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 {
		return faulty("run: chmod go= "+path, "%w: other users may open %s (mode %04o)", ErrFolder, path, info.Mode().Perm())
	}
	return nil
}

// isLoose reports whether other users may open a file of this user's. What
// belongs to somebody else, such as a secret that a container is given, is
// theirs to guard: so does OpenSSH with keys (sshkey_perm_ok).
func isLoose(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 != 0
}

// syncFolder makes a rename last, on file systems that can: some of those behind
// a network or FUSE can't flush a directory and say so.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
