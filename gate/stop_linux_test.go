package gate_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// TestStopFileOutOfReach: a folder that is kept from this process stops nothing, but
// for its own.
func TestStopFileOutOfReach(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	locked, here, there := filepath.Join(folder, "locked", "stopped"), filepath.Join(folder, "stopped"), filepath.Join(folder, "there")
	if err := os.Mkdir(filepath.Dir(locked), 0); err != nil {
		t.Fatal(err)
	}
	write(t, there, "")
	for _, open := range []string{filepath.Dir(folder), folder} {
		if err := os.Chmod(open, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	const unknown = "nobody can tell whether changes are stopped"
	for name, c := range map[string]struct {
		files gate.StopFile
		own   string
		want  string
	}{
		"another's":            {gate.StopFile{locked, here}, here, ""},
		"another's, and there": {gate.StopFile{locked, there}, here, "stopped since 2"},
		"its own":              {gate.StopFile{locked, here}, locked, unknown},
		"whoever's":            {gate.StopFile{locked, here}, "", unknown},
	} {
		t.Run(name, func(t *testing.T) {
			asNobody(t)
			g := &gate.Gate{Next: &behind{}, Base: base, Rules: &gate.Rules{Confirm: gate.Never, Stop: c.files, Own: c.own}}
			err := send(t, g, &gate.Call{Access: policy.Admin}, "DELETE", "things/1", "")
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// asNobody has the rest of a test look at files as somebody from whom they can be kept,
// unlike from root. The thread isn't unlocked, and so ends with the test.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread()
	const nobody = 65534
	if _, err := unix.SetfsuidRetUid(nobody); err != nil {
		t.Fatal(err)
	}
}
