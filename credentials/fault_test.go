package credentials

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever is wrong with the folder, the error of either store that uses it
// says once what, names the path and says one thing to do.
func TestFolderFaultsAreSaidOnce(t *testing.T) {
	t.Parallel()
	notAFolder := filepath.Join(t.TempDir(), "valetkey")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := folderPath(t)
	file := filepath.Join(folder, "github.age")
	if err := os.MkdirAll(file, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, entry, wrong, mend string
	}{
		"none":       {"", "github", "there is no place for it, since this user has no home directory", "set VALET_DIR to a directory of yours"},
		"a file":     {notAFolder, "github", notAFolder + " is not a directory itself", "remove it, or set VALET_DIR to a directory of yours"},
		"no records": {folder, "github", file + " is not a regular file", "remove it"},
	} {
		_, err := quick(c.path, Passphrase{}).Read(t.Context(), c.entry)
		if want := "the file store is broken: " + c.wrong + "; " + c.mend; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if wrong, mend := Advice(err); wrong != "the file store is broken: "+c.wrong || mend != c.mend {
			t.Errorf("%s: %q, %q", name, wrong, mend)
		}
	}
	_, err := quick(notAFolder, Passphrase{}).Folder.read("x")
	if err := (&Keyring{Folder: &Folder{Path: notAFolder}}).failed(err); err.Error() != "the folder for sealed files is broken: "+notAFolder+" is not a directory itself; remove it, or set VALET_DIR to a directory of yours" {
		t.Error(err)
	}
	err = (&Folder{Path: folder}).failed(fileStoreName, &os.PathError{Op: "openat", Path: "github.age.x.unfinished", Err: errors.New("no space left")})
	if want := "the file store is broken: " + folder + " can't be written: no space left; make room"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// What can't be read says what mends it once, be it its own advice or the usual.
func TestUnreadableRecordsAreSaidOnce(t *testing.T) {
	t.Parallel()
	const usual = "to start afresh, run: valetkey logout, then: valetkey login"
	for cause, mend := range map[error]string{errRecord: usual, errSwapped: usual, laterFormat(9): "update this one; until then it is left as it is"} {
		err := &StoreError{Outcome: Broken, Reason: "an entry", unreadable: cause}
		if err.Mend() != mend || strings.Count(err.Error(), mend) != 1 || !strings.HasSuffix(err.Error(), "; "+mend) {
			t.Errorf("%v; to mend it: %s", err, err.Mend())
		}
	}
}

// Each system's own command unlocks its keyring.
func TestMendingLockedKeyrings(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{"darwin": "security unlock-keychain", "linux": "valetkey login", "windows": "valetkey login"} {
		if got := mending(system)[Locked]; !strings.Contains(got, want) {
			t.Errorf("%s: %s", system, got)
		}
	}
}
