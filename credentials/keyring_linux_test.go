package credentials

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/valetkey/valetkey/oauth"
)

// These tests are about a real bus and a real keyring, both private to the
// test. VALET_TEST_REAL=1 says that the programs they need must be there.

func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("VALET_TEST_REAL") == "1":
		t.Fatalf("VALET_TEST_REAL=1, but %s is not installed", name)
	default:
		t.Skipf("%s is not installed", name)
	}
	return ""
}

// startProgram runs a program until the test ends.
func startProgram(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Kill(); err != nil {
			t.Errorf("ending %s: %v", command.Path, err)
		}
		// It was killed, so that is what Wait says.
		_ = command.Wait()
	})
}

const busConfiguration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  %s
</busconfig>
`

// startBus starts a private bus that starts nothing by itself, unless extra
// says so, and answers its address.
func startBus(t *testing.T, extra string) string {
	t.Helper()
	daemon := program(t, "dbus-daemon")
	dir := shortDir(t)
	configuration := filepath.Join(dir, "bus.conf")
	text := fmt.Sprintf(busConfiguration, filepath.Join(dir, "bus"), extra)
	if err := os.WriteFile(configuration, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(daemon, "--config-file="+configuration, "--nofork", "--print-address")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startProgram(t, command)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// shortDir is a directory whose name leaves room in the 108 bytes of a socket's
// address.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// startKeyring starts gnome-keyring on a bus and waits until it is there. The
// arguments unlock it, or don't; data is where it keeps what it keeps.
func startKeyring(t *testing.T, address, data string, arguments ...string) {
	t.Helper()
	daemon := program(t, "gnome-keyring-daemon")
	conn, err := dbus.Connect(address, dbus.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretsName))
	if err != nil {
		t.Fatal(err)
	}
	owned := make(chan *dbus.Signal, 1)
	conn.Signal(owned)
	command := exec.Command(daemon, append([]string{"--foreground", "--components=secrets"}, arguments...)...)
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + data, "XDG_DATA_HOME=" + data, "XDG_CACHE_HOME=" + data, "XDG_RUNTIME_DIR=" + data,
		"DBUS_SESSION_BUS_ADDRESS=" + address,
	}
	command.Stdin = strings.NewReader("example-password")
	startProgram(t, command)
	select {
	case <-owned:
	case <-time.After(20 * time.Second):
		t.Fatal("gnome-keyring has not taken its name on the bus")
	}
}

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
		expectOutcome(t, fmt.Sprintf("%q", address), probeAt(t, address, false), Absent)
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
	expectOutcome(t, "the probe", probeAt(t, startBus(t, ""), false), Absent)
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

// inBus runs a part of this test in a process of its own, on a private bus:
// go-keyring keeps one connection for the life of a process.
func inBus(t *testing.T, address, part string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address, "VALET_TEST_PART="+part)
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%s: %v\n%s", part, err, out)
	}
}

// part is what inBus wants done in this process; "" in the test's own.
func part() string { return os.Getenv("VALET_TEST_PART") }

func TestRealKeyring(t *testing.T) {
	if part() == "use" {
		useRealKeyring(t)
		return
	}
	address := startBus(t, "")
	startKeyring(t, address, shortDir(t), "--unlock")
	if err := probeAt(t, address, false); err != nil {
		t.Errorf("the probe: %v", err)
	}
	inBus(t, address, "use")
}

func useRealKeyring(t *testing.T) {
	ctx := t.Context()
	// The two minutes of a person: on a busy machine and under the race
	// detector, two seconds may be short for 200 kB.
	k := &Keyring{Name: "valetkey-test", Interactive: true}
	if _, err := k.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty keyring: %v", err)
	}
	if err := k.Delete(ctx, "github"); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
	for _, entry := range []string{"github", "github/work"} {
		for _, size := range []int{40, 200 << 10} {
			writeAndRead(t, k, entry, size)
		}
	}
	if err := k.Delete(ctx, "github"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	auto, err := OpenStore("auto", k)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := auto.Read(ctx, "github/work"); err != nil || r.Account != "github/work" || auto.Source() != SourceKeyring {
		t.Errorf("the other entry: %v, %v, %s", r, err, auto.Source())
	}
}

func writeAndRead(t *testing.T, k *Keyring, entry string, size int) {
	t.Helper()
	r := fullRecord()
	r.Account = entry
	r.Token.Access = oauth.NewSecret(strings.Repeat("example-", size/8))
	if err := k.Write(t.Context(), entry, r); err != nil {
		t.Fatalf("%s, %d bytes: %v", entry, size, err)
	}
	back, err := k.Read(t.Context(), entry)
	if err != nil || !back.Token.Access.Equal(r.Token.Access) || back.Account != entry {
		t.Fatalf("%s, %d bytes: %v", entry, size, err)
	}
}

// The keyring of somebody who has not given the password since logging in.
func TestRealKeyringLocked(t *testing.T) {
	switch part() {
	case "fill":
		if err := (&Keyring{}).Write(t.Context(), "github", fullRecord()); err != nil {
			t.Error(err)
		}
		return
	case "use":
		useLockedKeyring(t)
		return
	}
	data := shortDir(t)
	before, after := startBus(t, ""), startBus(t, "")
	startKeyring(t, before, data, "--unlock")
	inBus(t, before, "fill")
	startKeyring(t, after, data)
	expectOutcome(t, "the probe", probeAt(t, after, false), Locked)
	if err := probeAt(t, after, true); err != nil {
		t.Errorf("the probe when a person is there: %v", err)
	}
	inBus(t, after, "use")
}

func useLockedKeyring(t *testing.T) {
	k := &Keyring{}
	auto, err := OpenStore("auto", k)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Store{k, auto} {
		for name, run := range operations(s) {
			expectOutcome(t, name, run(t.Context()), Locked)
		}
	}
	if auto.Source() != SourceKeyring {
		t.Errorf("auto has gone over to %s", auto.Source())
	}
	// Nobody can be asked here either; the library answers as if a person had
	// said no.
	_, err = (&Keyring{Interactive: true}).Read(t.Context(), "github")
	expectOutcome(t, "with a person", err, Declined)
	c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: auto, HTTP: unused(t)})
	defer c.Close()
	_, err = c.token(t.Context())
	expectOutcome(t, "a token", err, Locked)
}

// The home of somebody whose keyring was never opened.
func TestRealKeyringNeverOpened(t *testing.T) {
	address := startBus(t, "")
	startKeyring(t, address, shortDir(t))
	expectOutcome(t, "the probe", probeAt(t, address, false), Absent)
}
