package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// cursorFile is Cursor's file with a text, and a place for backups.
func cursorFile(t *testing.T, text string) (Place, Backups) {
	t.Helper()
	m := machine(t, "linux", nil, ".cursor/mcp.json")
	place := m.place(t, "cursor")
	if err := errors.Join(os.WriteFile(place.File, []byte(text), 0o644), os.Chmod(place.File, 0o644)); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return place, Backups{Folder: filepath.Join(m.Home, "backups"), Now: func() time.Time {
		now = now.Add(time.Nanosecond)
		return now
	}}
}

// changed reads a file and puts valetkey into it, with this command.
func changed(t *testing.T, place Place, command string) *Config {
	t.Helper()
	config, err := place.Read()
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Set(Server{Command: command}); err != nil {
		t.Fatal(err)
	}
	return config
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// count answers how many things are in a folder.
func count(t *testing.T, folder string) int {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

// TestWriteAndUndo: each change is taken back in turn, to the byte, with the file's
// permissions; the copies are this person's alone.
func TestWriteAndUndo(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{"a": 1}`)
	texts := []string{read(t, place.File)}
	for _, command := range []string{"/one", "/two"} {
		backup, err := backups.Write(changed(t, place, command), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(backup, "mcp.json")); got != texts[len(texts)-1] {
			t.Errorf("the copy is %q, want %q", got, texts[len(texts)-1])
		}
		texts = append(texts, read(t, place.File))
	}
	if info, err := os.Stat(place.File); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(backups.Folder); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if n := count(t, filepath.Dir(place.File)); n != 1 {
		t.Errorf("%d files beside it, want 1", n)
	}
	for _, want := range []string{texts[1], texts[0]} {
		if undone, err := backups.Undo(place.Host); err != nil || undone.IsPartial || undone.IsRemoved {
			t.Errorf("%+v, %v", undone, err)
		}
		if got := read(t, place.File); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if _, err := backups.Undo(place.Host); !errors.Is(err, ErrNoBackup) {
		t.Errorf("%v", err)
	}
}

// TestWriteRefuses: what somebody else has changed, or wants unchanged, is left
// alone, and so is what can't be kept.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spoil func(Place, *Backups) error
		want  string
	}{
		"it has changed": {func(p Place, _ *Backups) error { return os.WriteFile(p.File, []byte(`{"b": 2}`), 0o644) }, "has changed meanwhile"},
		"it is gone":     {func(p Place, _ *Backups) error { return os.Remove(p.File) }, "has changed meanwhile"},
		"no place for the copy": {func(_ Place, b *Backups) error {
			return os.WriteFile(b.Folder, nil, 0o600)
		}, "can't be kept"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, backups := cursorFile(t, `{"a": 1}`)
			config := changed(t, place, "/one")
			if err := row.spoil(place, &backups); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(place.File)
			if _, err := backups.Write(config, nil); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v", err)
			}
			if after, _ := os.ReadFile(place.File); string(after) != string(before) {
				t.Errorf("it is now %q", after)
			}
		})
	}
	t.Run("write-protected", func(t *testing.T) {
		t.Parallel()
		place, backups := cursorFile(t, `{"a": 1}`)
		if err := os.Chmod(place.File, 0o444); err != nil {
			t.Fatal(err)
		}
		if _, err := backups.Write(changed(t, place, "/one"), nil); err == nil || !strings.Contains(err.Error(), "write-protected") {
			t.Errorf("%v", err)
		}
		if count(t, backups.Folder) != 0 {
			t.Error("there is a backup of what wasn't changed")
		}
	})
}

// TestOldBackups: of a host's there are five at most, and another host's stay.
func TestOldBackups(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{}`)
	if err := os.MkdirAll(filepath.Join(backups.Folder, "cursor-not-a-time"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, command := range strings.Split("abcdefg", "") {
		if _, err := backups.Write(changed(t, place, "/"+command), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(backups.of("cursor")); got != kept {
		t.Errorf("%d backups, want %d", got, kept)
	}
	if got := count(t, backups.Folder); got != kept+1 {
		t.Errorf("%d folders, want %d", got, kept+1)
	}
}

// TestKilledWrite: what a process left that was killed in between stands in nobody's
// way.
func TestKilledWrite(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{"a": 1}`)
	if _, err := backups.Write(changed(t, place, "/one"), nil); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(filepath.Dir(place.File), ".mcp.json.valetkey-1")
	old := time.Now().Add(-2 * time.Hour)
	if err := errors.Join(os.WriteFile(left, nil, 0o600), os.Chtimes(left, old, old)); err != nil {
		t.Fatal(err)
	}
	// It had kept the file, and not changed it yet.
	if _, err := backups.keep(changed(t, place, "/two"), []byte(`{"a": 1}`)); err != nil {
		t.Fatal(err)
	}
	if undone, err := backups.Undo(place.Host); err != nil || undone.IsPartial {
		t.Errorf("%+v, %v", undone, err)
	}
	if got := read(t, place.File); got != `{"a": 1}` {
		t.Errorf("it is now %q", got)
	}
	if n := count(t, filepath.Dir(place.File)); n != 1 {
		t.Errorf("%d files beside it, want 1", n)
	}
}

// TestHiddenInTheCopy: what is hidden from the copy isn't in it, and undoing says so.
func TestHiddenInTheCopy(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{"mcpServers": {"a": {"env": {"T": "example"}}}}`)
	config := changed(t, place, "/one")
	if err := config.Remove("a"); err != nil {
		t.Fatal(err)
	}
	backup, err := backups.Write(config, func(text []byte) []byte { return []byte(strings.ReplaceAll(string(text), "example", "hidden")) })
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, filepath.Join(backup, "mcp.json")); strings.Contains(text, "example") {
		t.Errorf("the copy is %s", text)
	}
	if undone, err := backups.Undo(place.Host); err != nil || !undone.IsPartial {
		t.Errorf("%+v, %v", undone, err)
	}
}
