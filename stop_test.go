package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestStopAndGo: valetkey stop halts what changes something in every process of the
// person at once, wherever a host has put its configuration, and nothing that reads.
func TestStopAndGo(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	hosts := map[string]*server{
		"as usual":        serve(t, s.env),
		"another folder":  serve(t, s.at(s.home, "VALET_DIR="+t.TempDir())),
		"another keyring": serve(t, s.at(s.home, "VALET_KEYRING=work")),
	}
	if runtime.GOOS == "linux" {
		hosts["a sandbox that shows the home"] = serve(t, s.at(s.home, "XDG_CONFIG_HOME="+t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus"))
		hosts["a sandbox that shows the bus"] = serve(t, s.at(t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir()))
	}
	try := func(when, want string) {
		t.Helper()
		for name, host := range hosts {
			if text, isError := host.call("acme_api_write", widget); !strings.HasPrefix(text, want) || isError == strings.HasPrefix(want, "POST") {
				t.Errorf("%s, %s: %q", when, name, text)
			}
			if text, isError := host.call("acme_api", `{"path":"widgets"}`); isError {
				t.Errorf("%s, %s: reading: %q", when, name, text)
			}
			if text, isError := host.call("acme_api_write", `{"dry_run":true,`+widget[1:]); isError || !strings.HasPrefix(text, "dry run: nothing was sent.") {
				t.Errorf("%s, %s: a dry run: %q", when, name, text)
			}
		}
	}
	for _, host := range hosts {
		host.initialize()
	}
	try("before", "POST widgets: 201")
	s.says(0, []string{"stop", "look\nat", "the \x1b[1mcommits"}, "Changes are stopped since 20", `("look at the [1mcommits")`, "valetkey go")
	const refused = `nothing was sent: the person has everything that would change something stopped since 20`
	try("stopped", refused)
	s.says(1, []string{"call", "acme_api_write", widget}, refused, `("look at the [1mcommits"); they can let it go on with: valetkey go`)
	s.says(0, []string{"go"}, "Changes go on. They were stopped since 20", `("look at the [1mcommits")`)
	try("afterwards", "POST widgets: 201")
	for _, host := range hosts {
		host.end()
	}
	sent, _ := s.acme.requests()
	if got := strings.Count(sent, "POST /v1/widgets"); got != 2*len(hosts) {
		t.Errorf("%d changes were sent, want %d", got, 2*len(hosts))
	}
}

// TestStopTwice: what is stopped stays so, since when it was and for that reason, until
// it is let go, which can be said twice as well. Files are the person's alone.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	s.says(0, []string{"go"}, "Nothing was stopped.\n")
	s.says(0, []string{"stop", "first"}, "Changes are stopped since ", `("first")`)
	since := regexp.MustCompile(`since (\S+Z)`)
	first := since.FindString(s.says(0, []string{"stop", "second"}, "already", `("first")`).stdout)
	places := []string{s.folder(s.home)}
	if runtime.GOOS == "linux" {
		places = append(places, filepath.Join(s.bus, "valetkey"))
	}
	for _, place := range places {
		folder, err := os.Stat(place)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Stat(filepath.Join(place, "stopped"))
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && (folder.Mode().Perm() != 0o700 || file.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v and %v", place, folder.Mode(), file.Mode())
		}
	}
	status := s.says(0, []string{"status"}, "! Changes are stopped "+first+` ("first")`, "→ to let them go on, run: valetkey go")
	if !strings.HasPrefix(status.stdout, "! Changes") {
		t.Errorf("status begins otherwise: %s", status.stdout)
	}
	var all []struct{ Service, Changes string }
	if err := json.Unmarshal([]byte(s.says(0, []string{"status", "--json"}).stdout), &all); err != nil || len(all) != 1 || all[0].Changes != "stopped "+first+` ("first")` {
		t.Errorf("%v, %v", all, err)
	}
	s.says(1, []string{"doctor"}, "✗ changes", "stopped "+first+` ("first")`, "→ to let them go on, run: valetkey go")
	s.says(0, []string{"go"}, "Changes go on.")
	s.says(0, []string{"go"}, "Nothing was stopped.\n")
	if status := s.says(0, []string{"status"}); strings.Contains(status.stdout, "hanges") {
		t.Error(status.stdout)
	}
	if doctor := run(t, s.env, "", "doctor"); !strings.Contains(doctor.stdout, "✓ changes") {
		t.Errorf("%+v", doctor)
	}
	s.says(2, []string{"go", "on"}, "takes no argument")
}

// TestStopBesideWrongSettings: nothing else has to be right for it.
func TestStopBesideWrongSettings(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"VALET_CONFIRM=perhaps", "VALET_REPOS=,", "VALET_STORE=nowhere", "VALET_SERVICES=no such", "VALET_PROXY=::", "VALET_WRITES_PER_MINUTE=-1", "VALET_KEYRING=a/b"} {
		s := sitDown(t)
		right := s.env
		s.env = with(s.env, wrong)
		s.says(0, []string{"stop"}, "Changes are stopped since ")
		s.env = right
		s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent")
		s.env = with(s.env, wrong)
		s.says(0, []string{"go"}, "Changes go on.")
	}
}

// TestStopNotEverywhere: a stop that can't be told to all says so and fails, and
// stops those it can; and so does a go.
func TestStopNotEverywhere(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := s.env
	s.env = with(s.env, "VALET_DIR="+filepath.Join(file, "below"))
	usual := []string{s.folder(s.home)}
	if runtime.GOOS == "linux" {
		usual = append(usual, filepath.Join(s.bus, "valetkey"))
	}
	inUsual := "for processes that look into " + strings.Join(usual, " or ") + " they are stopped since "
	s.says(1, []string{"stop"}, "changes are not stopped everywhere; "+inUsual, "VALET_DIR")
	s.env = with(whole, "VALET_DIR=here")
	s.says(1, []string{"stop"}, "VALET_DIR=\"here\" is not a whole path", inUsual)
	s.env = with(whole, "VALET_DIR="+filepath.Join(t.TempDir(), strings.Repeat("too long", 50)))
	s.says(1, []string{"stop"}, "changes are not stopped everywhere; "+inUsual)
	s.env = whole
	s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent")
	stopped := filepath.Join(s.folder(s.home), "stopped")
	if err := os.Remove(stopped); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(stopped, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.says(0, []string{"stop"}, "Changes were stopped since ", "already")
	s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent")
	s.says(1, []string{"go"}, "changes do not go on everywhere; for processes that look into "+s.folder(s.home)+" they are still stopped since ", "remove it yourself")
	s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent")
	if err := os.Remove(filepath.Join(stopped, "full")); err != nil {
		t.Fatal(err)
	}
	s.says(0, []string{"go"}, "Changes go on.")
	const unknown = "there is no folder here that all processes of this user look into: "
	s.env = with(s.homeless(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus")
	s.says(1, []string{"stop"}, "changes are not stopped: "+unknown)
	s.says(1, []string{"go"}, "changes may still be stopped: "+unknown)
	here := filepath.Join(t.TempDir(), "here")
	s.env = with(s.env, "VALET_DIR="+here)
	s.says(1, []string{"stop"}, "changes are not stopped everywhere; for processes that look into "+here+" they are stopped since ", unknown)
	s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent")
	s.says(1, []string{"go"}, "changes may still be stopped: "+unknown)
	s.says(0, []string{"call", "acme_api_write", widget}, "POST widgets: 201")
}

// homeless is an environment in which nothing says where the configuration is.
func (s seatOfStop) homeless() []string {
	return slices.DeleteFunc(slices.Clone(s.env), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"HOME", "USERPROFILE", "APPDATA"}, name)
	})
}

// TestStopOutOfReach: a process that stop couldn't surely reach changes nothing, and
// says what mends that; it reads on.
func TestStopOutOfReach(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	whole := s.env
	const refused, mend = "valetkey stop wouldn't reach this process (", "); the person can set that, or VALET_DIR, in valetkey's entry of this host"
	lost := map[string][]string{"no home": s.homeless(), "no whole home": with(s.homeless(), "HOME=here", "APPDATA=here", "VALET_AUDIT=off")}
	if runtime.GOOS == "linux" {
		lost["no whole XDG_CONFIG_HOME"] = with(whole, "XDG_CONFIG_HOME=here")
	}
	for name, env := range lost {
		host := serve(t, env)
		host.initialize()
		if text, isError := host.call("acme_api_write", widget); !isError || !strings.HasPrefix(text, "nothing was sent: "+refused) || !strings.HasSuffix(text, mend) {
			t.Errorf("%s: %q", name, text)
		}
		if text, isError := host.call("acme_api", `{"path":"widgets"}`); isError {
			t.Errorf("%s: reading: %q", name, text)
		}
		if text, isError := host.call("acme_api_write", `{"dry_run":true,`+widget[1:]); isError {
			t.Errorf("%s: a dry run: %q", name, text)
		}
		host.end()
		s.env = env
		for command, says := range map[string]string{"status": "! Changes are stopped: ", "doctor": "✗ changes"} {
			if said := run(t, s.env, "", command).stdout; !containsAll(said, []string{says, refused, mend}) || strings.Contains(said, "valetkey go") {
				t.Errorf("%s: %s: %s", name, command, said)
			}
		}
		s.env = with(env, "VALET_DIR="+t.TempDir())
		s.says(0, []string{"call", "acme_api_write", widget}, "POST widgets: 201")
	}
	s.env = whole
	s.says(0, []string{"stop"}, "Changes are stopped since ", "can look into "+s.folder(s.home), "end a host whose sandbox shows it none of these")
	if sent, _ := s.acme.requests(); strings.Count(sent, "POST /v1/widgets") != len(lost) {
		t.Errorf("changes were sent:\n%s", sent)
	}
}

// TestStopInAnotherFolder: what stops is found and let go also where only the entry of a
// host says it is, and is named where nothing does.
func TestStopInAnotherFolder(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	usual, dir := s.env, filepath.Join(t.TempDir(), "of the host")
	there := with(usual, "VALET_DIR="+dir)
	file := filepath.Join(dir, "stopped")
	mark := func() {
		t.Helper()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mark()
	s.says(0, []string{"go"}, "Nothing was stopped.")
	s.env = there
	s.says(1, []string{"call", "acme_api_write", widget}, `("mine") by `+file+"; they can let it go on with: valetkey go, or by removing that file")
	s.says(0, []string{"go"}, "Changes go on.")
	s.says(0, []string{"stop"}, "valetkey go (with VALET_DIR="+dir+", as here)")
	s.env = usual
	entry, err := json.Marshal(map[string]any{"mcpServers": map[string]any{"valetkey": map[string]any{"command": "valetkey", "env": map[string]string{"VALET_DIR": dir}}}})
	if err != nil {
		t.Fatal(err)
	}
	writeIn(t, s.home, ".cursor/mcp.json", string(entry))
	writeIn(t, s.home, ".gemini/settings.json", "{ broken valetkey")
	s.says(0, []string{"go"}, "Changes go on.")
	if _, err := os.Lstat(file); err == nil {
		t.Fatal("the host's file is still there")
	}
	s.says(0, []string{"stop"}, "Changes are stopped since ", " or "+dir+".", "end Gemini CLI too, if it has a VALET_DIR of its own, which can't be told: ")
	if _, err := os.Lstat(file); err != nil {
		t.Error(err)
	}
	s.says(0, []string{"go"}, "Changes go on.")
	mark()
	s.env = with(usual, "VALET_DIR="+t.TempDir())
	s.says(0, []string{"status"}, "! Changes are stopped since ", `("mine") by `+file)
	s.says(1, []string{"doctor"}, "✗ changes", " by "+file)
	s.says(0, []string{"go"}, "Changes go on.")
	s.env = usual
	writeIn(t, s.home, ".cursor/mcp.json", `{"mcpServers": {"valetkey": {"command": "valetkey", "env": {"VALET_DIR": "${workspaceFolder}/here"}}}}`)
	s.says(0, []string{"stop"}, "Changes are stopped since ", `end Cursor too, if it has a VALET_DIR of its own, which can't be told: VALET_DIR="`)
	s.says(0, []string{"go"}, "Changes go on.")
}

// TestOddStopFiles: a link, wherever it leads, and a directory stop as well, and go
// removes them and nothing they lead to.
func TestOddStopFiles(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	folder := s.folder(s.home)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.WriteFile(kept, []byte("not a reason"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, put := range map[string]func(path string) error{
		"a directory":     func(path string) error { return os.Mkdir(path, 0o700) },
		"a link":          func(path string) error { return os.Symlink(kept, path) },
		"a dangling link": func(path string) error { return os.Symlink(filepath.Join(folder, "nothing"), path) },
		"an empty file":   func(path string) error { return os.WriteFile(path, nil, 0o644) },
	} {
		if err := put(filepath.Join(folder, "stopped")); err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		r := s.says(1, []string{"call", "acme_api_write", widget}, "nothing was sent: the person has everything that would change something stopped since 20")
		if strings.Contains(r.stderr, "not a reason") {
			t.Errorf("%s: %s", name, r.stderr)
		}
		s.says(0, []string{"go"}, "Changes go on.")
		s.says(0, []string{"call", "acme_api_write", widget}, "POST widgets: 201")
	}
	if content, err := os.ReadFile(kept); err != nil || string(content) != "not a reason" {
		t.Errorf("what a link led to is %q, %v", content, err)
	}
}

// TestStopAtOnce: several commands at once leave things stopped, or not, and never
// in between.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	s := sitDown(t)
	for _, command := range []string{"stop", "go"} {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { s.says(0, []string{command}) })
		}
		all.Wait()
		want := map[string]int{"stop": 1, "go": 0}[command]
		s.says(want, []string{"call", "acme_api_write", widget})
	}
}

// TestWriteBudgets: they hold for a process, over the real pipes, and a wrong one is
// said and lets nothing pass.
func TestWriteBudgets(t *testing.T) {
	t.Parallel()
	a := sitDown(t)
	for variable, want := range map[string]string{
		"VALET_WRITES_PER_MINUTE=2": "nothing was sent: the changes of this minute, VALET_WRITES_PER_MINUTE=2, are used up; try again in ", "VALET_WRITES_PER_SESSION= 2 ": "nothing was sent: the changes from the start of this server to its end, VALET_WRITES_PER_SESSION=2, are used up; the person",
	} {
		s := serve(t, with(a.env, variable))
		s.initialize()
		for i := range 4 {
			if text, isError := s.call("acme_api_write", `{"dry_run":true,`+widget[1:]); isError {
				t.Error(text)
			}
			if text, isError := s.call("acme_api_write", widget); isError != (i >= 2) || isError && !strings.HasPrefix(text, want) {
				t.Errorf("%s: call %d: %q", variable, i+1, text)
			}
		}
		s.end()
	}
	for _, name := range []string{"VALET_WRITES_PER_MINUTE", "VALET_WRITES_PER_SESSION"} {
		for _, value := range []string{"0", "-1", "1.5", "many", "1e3", "+", "99999999999999999999", "1 2", "0x10", "１"} {
			a.env = with(a.at(a.home), name+"="+value)
			a.says(1, []string{"call", "acme_api_write", widget}, name+"=", "is not a number from 1 on; unset it for any number")
		}
		for _, unset := range []string{"", " ", "${user_config.writes}"} {
			a.env = with(a.at(a.home), name+"="+unset)
			a.says(0, []string{"call", "acme_api_write", widget}, "POST widgets: 201")
		}
	}
}
