package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// seatOfStop is one person's machine with a service to change something at.
type seatOfStop struct {
	t    *testing.T
	acme *acme
	home string
	bus  string
	env  []string
}

func sitDown(t *testing.T) seatOfStop {
	t.Helper()
	s := seatOfStop{t: t, acme: startAcme(t), home: t.TempDir(), bus: privateFolder(t)}
	s.env = s.at(s.home)
	return s
}

// busIn is the variable for a session bus in a folder. Without it a stop would be in the
// folder of the real one, and hold for every valetkey of whoever runs the tests.
func busIn(folder string) string {
	return "DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(folder, "bus")
}

func privateFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// at is an environment with another home.
func (s seatOfStop) at(home string, more ...string) []string {
	return environment(home, append([]string{busIn(s.bus), "VALET_STORE=memory", "VALET_ROLE=developer", "VALET_CONFIRM=never",
		"VALET_SERVICES=acme", "ACME_API_URL=" + s.acme.url, "ACME_TOKEN=" + acmeKey}, more...)...)
}

// folder is the configuration directory of a home.
func (s seatOfStop) folder(home string) string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "valetkey")
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "valetkey")
	}
	return filepath.Join(home, ".config", "valetkey")
}

// says runs a command and holds it to an exit code and parts of what it says.
func (s seatOfStop) says(code int, args []string, parts ...string) ran {
	s.t.Helper()
	r := run(s.t, s.env, "", args...)
	if said := r.stdout + r.stderr; r.code != code || !containsAll(said, parts) {
		s.t.Errorf("valetkey %q: %d, want %d and %q in\n%s", args, r.code, code, parts, said)
	}
	return r
}

const widget = `{"method":"POST","path":"widgets","body":{"name":"two"}}`
