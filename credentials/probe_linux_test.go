package credentials

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// probeAt probes the bus at an address, as in an environment of its own.
func probeAt(t *testing.T, address string, interactive bool) error {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return probe(t.Context(), interactive)
}

func TestProbeWithoutABus(t *testing.T) {
	if socket := fmt.Sprintf("/run/user/%d/bus", os.Getuid()); exists(socket) {
		t.Skipf("%s exists, so there is always a bus here", socket)
	}
	for _, address := range []string{"", "autolaunch:", "unix:path=/nowhere/bus"} {
		err := probeAt(t, address, false)
		expectOutcome(t, fmt.Sprintf("%q", address), err, Absent)
		expectMend(t, err, "desktop session")
	}
}

// expectMend is for a keyring that isn't there: what mends it depends on what is
// missing, and a file always does.
func expectMend(t *testing.T, err error, want string) {
	t.Helper()
	if _, mend := Advice(err); !strings.Contains(mend, want) || !strings.Contains(mend, "VALET_STORE=file") {
		t.Errorf("to mend %v: %q", err, mend)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// dbus-launch would leave a bus behind: it must not be started.
func TestProbeStartsNoBus(t *testing.T) {
	if socket := fmt.Sprintf("/run/user/%d/bus", os.Getuid()); exists(socket) {
		t.Skipf("%s exists, so nothing would be started here", socket)
	}
	dir := t.TempDir()
	trace := filepath.Join(dir, "started")
	script := "#!/bin/sh\ntouch " + trace + "\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	_, err := (&Keyring{}).Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Absent)
	if exists(trace) {
		t.Error("dbus-launch was started")
	}
}

// listen plays a bus that is not one.
func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	path := filepath.Join(shortDir(t), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-ended
	})
	return "unix:path=" + path
}

// A bus that accepts and never answers is not a bus that isn't there.
func TestProbeOfADeadBus(t *testing.T) {
	address := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- probe(ctx, false) }()
	cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a dead bus passes")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the probe hangs")
	}
	_, err := (&Keyring{}).Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Locked)
	_, err = connect(t.Context(), time.Millisecond)
	expectOutcome(t, "a call that may take minutes", err, Broken)
}

func TestProbeOfABusThatRefuses(t *testing.T) {
	address := listen(t, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		for {
			if _, err := reader.ReadString('\n'); err != nil {
				return
			}
			if _, err := io.WriteString(conn, "REJECTED KERBEROS_V4\r\n"); err != nil {
				return
			}
		}
	})
	expectOutcome(t, "the probe", probeAt(t, address, false), Absent)
	_, err := (&Keyring{}).Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Absent)
}

func TestProbeOfABusWithoutAKeyring(t *testing.T) {
	err := probeAt(t, startBus(t, ""), false)
	expectOutcome(t, "the probe", err, Absent)
	expectMend(t, err, "install gnome-keyring")
}

// A keyring that could be started and doesn't start.
func TestProbeOfAKeyringThatDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	text := "[D-BUS Service]\nName=" + secretsName + "\nExec=" + program(t, "false") + "\n"
	if err := os.WriteFile(filepath.Join(dir, secretsName+".service"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	expectOutcome(t, "the probe", probeAt(t, startBus(t, "<servicedir>"+dir+"</servicedir>"), false), Broken)
}

// fakeService is a Secret Service with odd answers.
type fakeService struct {
	collections any
	alias       dbus.ObjectPath
	locked      any
}

func (f fakeService) Get(_, name string) (dbus.Variant, *dbus.Error) {
	switch name {
	case "Collections":
		return dbus.MakeVariant(f.collections), nil
	case "Locked":
		if f.locked == nil {
			return dbus.Variant{}, dbus.NewError("org.example.NotNow", []any{"example-secret"})
		}
		return dbus.MakeVariant(f.locked), nil
	}
	return dbus.Variant{}, dbus.NewError("org.example.Unknown", nil)
}

func (f fakeService) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return f.alias, nil }

// serveSecrets puts a service on the bus under the Secret Service's name.
func serveSecrets(t *testing.T, address string, f fakeService) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, path := range []dbus.ObjectPath{secretsPath, loginCollection, "/org/example/other"} {
		for _, name := range []string{"org.freedesktop.DBus.Properties", serviceInterface} {
			if err := conn.Export(f, path, name); err != nil {
				t.Fatal(err)
			}
		}
	}
	if reply, err := conn.RequestName(secretsName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v, %v", reply, err)
	}
}

func TestProbeOfOddKeyrings(t *testing.T) {
	login, other := dbus.ObjectPath(loginCollection), dbus.ObjectPath("/org/example/other")
	cases := []struct {
		name                 string
		service              fakeService
		serving, interactive Outcome
	}{
		{"open", fakeService{[]dbus.ObjectPath{login}, "/", false}, Ready, Ready},
		{"open, by its alias", fakeService{[]dbus.ObjectPath{other}, other, false}, Ready, Ready},
		{"locked", fakeService{[]dbus.ObjectPath{login}, "/", true}, Locked, Ready},
		{"locked, by its alias", fakeService{[]dbus.ObjectPath{}, other, true}, Locked, Ready},
		{"no collection", fakeService{[]dbus.ObjectPath{}, "/", false}, Absent, Absent},
		{"collections of a wrong type", fakeService{"example-secret", "/", false}, Broken, Broken},
		{"an error", fakeService{[]dbus.ObjectPath{login}, "/", nil}, Broken, Ready},
		{"a lock of a wrong type", fakeService{[]dbus.ObjectPath{login}, "/", "yes"}, Ready, Ready},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			address := startBus(t, "")
			serveSecrets(t, address, c.service)
			for interactive, want := range map[bool]Outcome{false: c.serving, true: c.interactive} {
				err := probeAt(t, address, interactive)
				if OutcomeOf(err) != want {
					t.Errorf("interactive %v: %v, want %s", interactive, err, want)
				}
				if err != nil && strings.Contains(err.Error(), "example-secret") {
					t.Errorf("the error quotes the answer: %v", err)
				}
			}
		})
	}
}

// Locks lie beside the bus if nobody else can get there.
func TestBesideKeyring(t *testing.T) {
	private, open := t.TempDir(), t.TempDir()
	if err := errors.Join(os.Chmod(private, 0o700), os.Chmod(open, 0o755)); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"unix:path=" + private + "/bus,guid=0123": filepath.Join(private, "valetkey"),
		"unix:path=" + open + "/bus":              "",
		"unix:path=/nowhere-example/bus":          "",
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		got := ""
		if folder := BesideKeyring("valetkey"); folder != nil {
			got = folder.Path
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
