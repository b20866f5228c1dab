//go:build unix

package hosts

import (
	"os"
	"syscall"
	"testing"
)

func ownerOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Uid
}

// TestOwner is for root, who may work in another user's home: the file stays theirs.
func TestOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	place, backups := cursorFile(t, `{}`)
	if err := os.Chown(place.File, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := backups.Write(changed(t, place, "/one"), nil); err != nil {
		t.Fatal(err)
	}
	if owner := ownerOf(t, place.File); owner != 12345 {
		t.Errorf("it belongs to %d", owner)
	}
}
