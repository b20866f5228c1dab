package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
	return place, Backups{Folder: filepath.Join(m.Home, "backups"), Time: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
}

// next is a later run.
func (b Backups) next() Backups {
	b.Time = b.Time.Add(time.Nanosecond)
	return b
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

// undo takes the latest change back.
func undo(t *testing.T, b Backups, place Place) Undoing {
	t.Helper()
	undoing, err := b.Undo(place)
	if err != nil {
		t.Fatal(err)
	}
	if err := undoing.Write(); err != nil {
		t.Fatal(err)
	}
	return undoing
}

// TestWriteAndUndo: each change is taken back in turn, to the byte, with the file's
// permissions; what is kept is this person's alone, and holds nothing of others.
func TestWriteAndUndo(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{"a": 1, "mcpServers": {"é": {"env": {"T": "example-é-secret"}}}, "z": "ü"}`)
	texts := []string{read(t, place.File)}
	for _, command := range []string{"/one", "/ä", "/ö"} {
		backups = backups.next()
		if err := backups.Write(changed(t, place, command), nil); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, read(t, place.File))
	}
	if info, err := os.Stat(place.File); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(backups.Folder); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, path := range backups.of("cursor") {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if strings.Contains(read(t, path), "secret") {
			t.Errorf("another's secret is in %s", read(t, path))
		}
	}
	if n := count(t, filepath.Dir(place.File)); n != 1 {
		t.Errorf("%d files beside it, want 1", n)
	}
	for _, want := range []string{texts[2], texts[1], texts[0]} {
		if undoing := undo(t, backups, place); undoing.IsPartial || undoing.IsRemoved || undoing.IsIdle {
			t.Errorf("%+v", undoing)
		}
		if got := read(t, place.File); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if _, err := backups.Undo(place); !errors.Is(err, ErrNoBackup) {
		t.Errorf("%v", err)
	}
}

// TestWriteRefuses: what somebody else has changed, or wants unchanged, is left
// alone, and so is what couldn't be undone.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spoil func(Place, Backups) error
		want  string
	}{
		"it has changed":       {func(p Place, _ Backups) error { return os.WriteFile(p.File, []byte(`{"b": 2}`), 0o644) }, "has changed meanwhile"},
		"it is gone":           {func(p Place, _ Backups) error { return os.Remove(p.File) }, "has changed meanwhile"},
		"no place for backups": {func(_ Place, b Backups) error { return os.WriteFile(b.Folder, nil, 0o600) }, "can't be kept"},
		"it is protected":      {func(p Place, _ Backups) error { return os.Chmod(p.File, 0o444) }, "write-protected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, backups := cursorFile(t, `{"a": 1}`)
			if row.want == "write-protected" {
				if err := row.spoil(place, backups); err != nil {
					t.Fatal(err)
				}
			}
			config := changed(t, place, "/one")
			if err := row.spoil(place, backups); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(place.File)
			if err := backups.Write(config, nil); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v", err)
			}
			if after, _ := os.ReadFile(place.File); string(after) != string(before) {
				t.Errorf("it is now %q", after)
			}
			if left := backups.of("cursor"); len(left) > 0 {
				t.Errorf("kept, of what wasn't changed: %q", left)
			}
		})
	}
}

// TestUndoRefuses: what isn't as the change has left it, or is for another file, is
// left alone.
func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spoil func(t *testing.T, p *Place, kept string) error
		want  string
	}{
		"it has changed": {func(_ *testing.T, p *Place, _ string) error { return os.WriteFile(p.File, []byte(`{"b": 2}`), 0o644) }, "has changed since"},
		"it is gone":     {func(_ *testing.T, p *Place, _ string) error { return os.Remove(p.File) }, "has changed since"},
		"no JSON":        {func(_ *testing.T, _ *Place, kept string) error { return os.WriteFile(kept, []byte("{"), 0o600) }, "is no use"},
		"for another file": {func(_ *testing.T, p *Place, _ string) error {
			p.File += ".other"
			return os.WriteFile(p.File, nil, 0o600)
		}, "is no use"},
		"offsets that can't be": {func(t *testing.T, _ *Place, kept string) error {
			return os.WriteFile(kept, []byte(strings.Replace(read(t, kept), `"added": `, `"added": 9`, 1)), 0o600)
		}, "belongs to another file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, backups := cursorFile(t, `{"a": 1}`)
			if err := backups.Write(changed(t, place, "/one"), nil); err != nil {
				t.Fatal(err)
			}
			if err := row.spoil(t, &place, backups.of("cursor")[0]); err != nil {
				t.Fatal(err)
			}
			if _, err := backups.Undo(place); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestOldBackups: five changes of a host can be undone, and another host's stay.
func TestOldBackups(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{}`)
	other := filepath.Join(backups.Folder, "20260101T000000.000000000Z-cursor-insiders.json")
	if err := errors.Join(os.MkdirAll(backups.Folder, 0o700), os.WriteFile(other, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, command := range strings.Split("abcdefg", "") {
		backups = backups.next()
		if err := backups.Write(changed(t, place, "/"+command), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(backups.of("cursor")); got != kept {
		t.Errorf("%d of Cursor's, want %d", got, kept)
	}
	if got := count(t, backups.Folder); got != kept+1 {
		t.Errorf("%d files, want %d", got, kept+1)
	}
}

// TestLatest: the hosts of the latest run, and no others.
func TestLatest(t *testing.T) {
	t.Parallel()
	_, backups := cursorFile(t, `{}`)
	for name, want := range map[string][]string{"": nil, "1-cursor 1-zed": {"cursor", "zed"}, "1-cursor 1-zed 2-zed": {"zed"}} {
		folder := Backups{Folder: filepath.Join(t.TempDir(), "b")}
		for _, file := range strings.Fields(name) {
			path := filepath.Join(folder.Folder, "2026010"+file[:1]+"T000000.000000000Z"+file[1:]+".json")
			if err := errors.Join(os.MkdirAll(folder.Folder, 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, host := range folder.Latest(All()) {
			got = append(got, host.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if latest := backups.Latest(All()); len(latest) > 0 {
		t.Errorf("%v, of none", latest)
	}
}

// TestKilledWrite: what a process left that was killed in between stands in nobody's
// way, and is no reason to undo what came before it.
func TestKilledWrite(t *testing.T) {
	t.Parallel()
	place, backups := cursorFile(t, `{"a": 1}`)
	if err := backups.Write(changed(t, place, "/one"), nil); err != nil {
		t.Fatal(err)
	}
	one := read(t, place.File)
	left := filepath.Join(filepath.Dir(place.File), ".mcp.json.valetkey-1")
	old := time.Now().Add(-2 * time.Hour)
	if err := errors.Join(os.WriteFile(left, nil, 0o600), os.Chtimes(left, old, old)); err != nil {
		t.Fatal(err)
	}
	// The second had kept what it takes, and not changed the file yet.
	backups = backups.next()
	if err := backups.Write(changed(t, place, "/two"), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(place.File, []byte(one), 0o644); err != nil {
		t.Fatal(err)
	}
	if undoing := undo(t, backups, place); !undoing.IsIdle || read(t, place.File) != one {
		t.Errorf("%+v, %s", undoing, read(t, place.File))
	}
	if undoing := undo(t, backups, place); undoing.IsIdle || read(t, place.File) != `{"a": 1}` {
		t.Errorf("%+v, %s", undoing, read(t, place.File))
	}
	if n := count(t, filepath.Dir(place.File)); n != 1 {
		t.Errorf("%d files beside it, want 1", n)
	}
}

// TestHiddenBackup: what is hidden isn't kept, undoing says so, and values that others
// still use stay what they are.
func TestHiddenBackup(t *testing.T) {
	t.Parallel()
	const live = `"live": {"env": {"T": "example"}}`
	place, backups := cursorFile(t, `{"mcpServers": {"a": {"env": {"T": "example"}}, `+live+`}}`)
	config := changed(t, place, "/one")
	if err := config.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if err := backups.Write(config, func(text string) string { return strings.ReplaceAll(text, "example", "*hidden") }); err != nil {
		t.Fatal(err)
	}
	if text := read(t, backups.of("cursor")[0]); strings.Contains(text, "example") {
		t.Errorf("kept is %s", text)
	}
	if undoing := undo(t, backups, place); !undoing.IsPartial {
		t.Errorf("%+v", undoing)
	}
	if text := read(t, place.File); text != `{"mcpServers": {"a": {"env": {"T": "*hidden"}}, `+live+`}}` {
		t.Errorf("it is now %s", text)
	}
}
