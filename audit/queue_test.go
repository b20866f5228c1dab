package audit_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/valetkey/valetkey/audit"
)

// crowd are records that wait for a lock, which somebody else holds until release.
type crowd struct {
	*sync.WaitGroup
	folder  string
	release func()
	errs    []error
}

// gather has so many records come one after the other. It is for a bubble of synctest.
func gather(t *testing.T, folder string, records int) *crowd {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	held := flock.New(filepath.Join(folder, "audit.lock"))
	if locked, err := held.TryLock(); !locked || err != nil {
		t.Fatal(locked, err)
	}
	c := &crowd{&sync.WaitGroup{}, folder, func() { held.Close() }, make([]error, records)}
	log := logIn(folder)
	for i := range records {
		c.Go(func() { c.errs[i] = log.Append(t.Context(), recordOf(strconv.Itoa(i))) })
		synctest.Wait()
	}
	return c
}

// expectAll: all of them are there once, in the order in which they came.
func (c *crowd) expectAll(t *testing.T) {
	t.Helper()
	c.Wait()
	var got, want []string
	for i, err := range c.errs {
		want = append(want, strconv.Itoa(i))
		if err != nil {
			t.Errorf("record %d: %v", i, err)
		}
	}
	entries, _, err := audit.Read(t.Context(), c.folder, audit.Filter{})
	for _, entry := range entries {
		got = append(got, entry.Request)
	}
	if report, broken := audit.Verify(t.Context(), c.folder, ""); err != nil || broken != nil || report.Broken != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, %+v: %q", err, broken, report, got)
	}
}

// TestCrowd: records that have to wait are written in the order in which they came, in
// the folder that is there when it is their turn.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(folder string) error{
		"as it was":      func(string) error { return nil },
		"another folder": os.RemoveAll,
	} {
		if runtime.GOOS == "windows" && name == "another folder" {
			t.Log("left out: what is open can't be removed there")
			continue
		}
		folder := filepath.Join(t.TempDir(), "audit")
		synctest.Test(t, func(t *testing.T) {
			c := gather(t, folder, 64)
			if err := meanwhile(folder); err != nil {
				t.Fatal(name, err)
			}
			c.release()
			c.expectAll(t)
		})
	}
}

// TestPatience: as long as others write, a record waits for up to 10 s, and so does
// whoever reads. A log that nobody writes to is read in spite of its lock.
func TestPatience(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seconds, written int
		want, reading    string
	}{
		{9, 9, "", ""},
		{11, 11, "there was no turn for 10s", "there was no turn for 10s"},
		{4, 0, "has held the log's lock for 2s", ""},
	} {
		folder := filepath.Join(t.TempDir(), "audit")
		if err := logIn(folder).Append(t.Context(), recordOf("before")); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			crowd := gather(t, folder, 3)
			var reading error
			crowd.Go(func() { _, _, reading = audit.Read(t.Context(), folder, audit.Filter{}) })
			for i := range c.seconds {
				// Inside, sleeping moves a clock of its own on and takes no time.
				time.Sleep(time.Second)
				if i < c.written {
					appendText(t, filepath.Join(folder, "audit.jsonl"), "x")
				}
			}
			crowd.release()
			crowd.Wait()
			for _, err := range crowd.errs {
				expectError(t, err, c.want)
			}
			expectError(t, reading, c.reading)
		})
	}
}

// expectError wants an error that says something; "": none.
func expectError(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
