package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	secretsName    = "org.freedesktop.secrets"
	secretsPath    = dbus.ObjectPath("/org/freedesktop/secrets")
	secretsService = "org.freedesktop.Secret.Service"
	defaultKeyring = dbus.ObjectPath("/org/freedesktop/secrets/aliases/default")

	busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>session</type>
<listen>unix:dir=DIRECTORY</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`
)

// realKeyring is a GNOME Keyring on a session bus of its own, with nothing in
// it and the same password as long as the test runs.
type realKeyring struct {
	t       testing.TB
	dir     string
	address string
	bus     *dbus.Conn
	daemon  *exec.Cmd
}

// startBus starts a session bus without a keyring.
func startBus(t testing.TB) *realKeyring {
	t.Helper()
	needReal(t, "dbus-daemon", "gnome-keyring-daemon")
	return privateBus(t)
}

// privateBus starts a session bus without a keyring, for a test whose other
// programs are there.
func privateBus(t testing.TB) *realKeyring {
	t.Helper()
	// The path of a socket may take about a hundred bytes, and the directories
	// of testing are long.
	dir, err := os.MkdirTemp("", "valetkey-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(busConfig, "DIRECTORY", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &realKeyring{t: t, dir: dir}
	k.address = firstLine(t, background(t, exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")))
	if k.bus, err = dbus.Connect(k.address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.bus.Close() })
	return k
}

// startKeyring starts a bus with an unlocked keyring.
func startKeyring(t testing.TB) *realKeyring {
	t.Helper()
	k := startBus(t)
	k.unlock()
	return k
}

func (k *realKeyring) env() []string {
	return []string{"DBUS_SESSION_BUS_ADDRESS=" + k.address, "XDG_DATA_HOME=" + k.dir, "XDG_CACHE_HOME=" + k.dir, "XDG_RUNTIME_DIR=" + k.dir}
}

const (
	locked   = true
	unlocked = false
)

func (k *realKeyring) waitUntil(state bool) {
	k.t.Helper()
	eventually(k.t, "the keyring's new state", func() bool {
		value, err := k.bus.Object(secretsName, defaultKeyring).GetProperty("org.freedesktop.Secret.Collection.Locked")
		return err == nil && value.Value() == state
	})
}

func (k *realKeyring) lock() {
	k.t.Helper()
	call := k.bus.Object(secretsName, secretsPath).Call(secretsService+".Lock", 0, []dbus.ObjectPath{defaultKeyring})
	if call.Err != nil {
		k.t.Fatal(call.Err)
	}
	k.waitUntil(locked)
}

// unlock starts the daemon with the password, as a login does, in place of the
// one that runs.
func (k *realKeyring) unlock() {
	k.t.Helper()
	if k.daemon != nil {
		stop(k.daemon)
	}
	k.daemon = exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	k.daemon.Env = environment(k.dir, k.env()...)
	k.daemon.Stdin = strings.NewReader("example")
	background(k.t, k.daemon)
	k.waitUntil(unlocked)
}

// entries counts everything in the keyring, locked or not.
func (k *realKeyring) entries() int { return k.search(map[string]string{}) }

// holds reports whether the one entry in the keyring is where a person would
// look for it.
func (k *realKeyring) holds(service, name string) bool {
	return k.entries() == 1 && k.search(map[string]string{"service": service, "username": name}) == 1
}

func (k *realKeyring) search(attributes map[string]string) int {
	k.t.Helper()
	var open, shut []dbus.ObjectPath
	call := k.bus.Object(secretsName, secretsPath).Call(secretsService+".SearchItems", 0, attributes)
	if err := call.Store(&open, &shut); err != nil {
		k.t.Fatal(err)
	}
	return len(open) + len(shut)
}
