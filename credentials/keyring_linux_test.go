package credentials

import (
	"errors"
	"os"
	"os/exec"
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
	useSmallEntries(t)
	if err := k.Delete(ctx, "github"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	auto, err := OpenStore("auto", k, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := auto.Read(ctx, "github/work"); err != nil || r.Account != "github/work" || auto.Source() != SourceKeyring {
		t.Errorf("the other entry: %v, %v, %s", r, err, auto.Source())
	}
}

// useSmallEntries is a real keyring with no more room than on Windows.
func useSmallEntries(t *testing.T) {
	t.Helper()
	folder := &Folder{Path: folderPath(t)}
	small := &Keyring{Name: "valetkey-test", Interactive: true, Folder: folder, system: operatingSystem()}
	small.system.limit = entryLimit("windows")
	for size, files := range map[int]int{40: 0, 20 << 10: 1} {
		writeAndRead(t, small, "github/small", size)
		if names, err := folder.names("", sealedSuffix); err != nil || len(names) != files {
			t.Errorf("%d bytes: %q, %v", size, names, err)
		}
	}
	if err := small.Delete(t.Context(), "github/small"); err != nil {
		t.Error(err)
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
	auto, err := OpenStore("auto", k, nil)
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
