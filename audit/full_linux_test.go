package audit_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// pages are what a file gives back of a disk, in bytes.
const pages = 8 << 10

// TestFullDisk: what doesn't fit isn't half there, and once there is room again the chain
// goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=32k,mode=0700"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		// A process that is just being started may still hold what is open here.
		if err := syscall.Unmount(small, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	folder := filepath.Join(small, "audit")
	sizes, ballast := []int64{1 << 20, 10_000}, filepath.Join(small, "ballast")
	if err := os.WriteFile(ballast, make([]byte, len(sizes)*pages), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, maxSize := range sizes {
		log := logIn(folder)
		log.MaxSize = maxSize
		written, err := verified(t, folder, "").Records, error(nil)
		for err == nil {
			if err = log.Append(t.Context(), recordOf("1")); err == nil {
				written++
			}
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device") {
			t.Error(err)
		}
		if report := verified(t, folder, ""); report.Broken != nil || report.Records != written || written < 10 || len(report.Torn) > 0 {
			t.Errorf("%d were acknowledged: %+v, %v", written, report, report.Broken)
		}
		if err := os.Truncate(ballast, int64(len(sizes)-1-i)*pages); err != nil {
			t.Fatal(err)
		}
		if err := log.Append(t.Context(), recordOf("2")); err != nil {
			t.Error(err)
		}
		if report := verified(t, folder, ""); report.Broken != nil || report.Records != written+1 {
			t.Errorf("%+v", report)
		}
	}
}
