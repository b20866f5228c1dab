package credentials

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
)

// runtimeDirectories is where the session bus is found if the environment
// doesn't say. The test has it for itself, in a mount namespace.
const runtimeDirectories = "/run/user"

// Hosts of MCP servers pass on HOME, LOGNAME, PATH, SHELL, TERM and USER, and
// nothing that says where the bus is.
func TestKeyringInAStrippedEnvironment(t *testing.T) {
	if part() == "stripped" {
		useStrippedEnvironment(t)
		return
	}
	program(t, "dbus-daemon")
	if _, err := os.Stat(runtimeDirectories); err != nil {
		t.Skipf("there is no place to mount over: %v", err)
	}
	self, err := os.Executable()
	must(t, err)
	command := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = []string{"VALET_TEST_PART=stripped", "GORACE=atexit_sleep_ms=0"}
	for _, name := range []string{"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"} {
		command.Env = append(command.Env, name+"="+os.Getenv(name))
	}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := command.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EINVAL), strings.Contains(string(out), noMount):
		t.Skipf("this system lets nobody have %s for themselves: %v\n%s", runtimeDirectories, err, out)
	case err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("%v\n%s", err, out)
	}
}

const noMount = "nothing can be mounted here"

func useStrippedEnvironment(t *testing.T) {
	private := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err := errors.Join(private, syscall.Mount("tmpfs", runtimeDirectories, "tmpfs", 0, "mode=755")); err != nil {
		t.Fatalf("%s: %v", noMount, err)
	}
	launched := watchForLaunch(t)
	auto, err := OpenStore("auto", &Keyring{}, nil)
	must(t, err)
	if _, err := auto.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) || auto.Source() != SourceMemory {
		t.Errorf("without a bus: %v, from %s", err, auto.Source())
	}
	expectNoAddress(t)
	must(t, os.Mkdir(filepath.Join(runtimeDirectories, "0"), 0o700))
	b := newBus(t, filepath.Join(runtimeDirectories, "0", "bus"), "")
	service, err := secretservice.Start(b.address)
	must(t, err)
	k := &Keyring{}
	for _, verb := range verbs() {
		must(t, service.Keep(KeyringName, "github", encoded(t, priorRecord())))
		if err := operations(k)[verb](t.Context()); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if _, found := service.Kept(KeyringName, "github"); found {
		t.Error("what was deleted is still there")
	}
	service.Behave(secretservice.Fault{Locked: true})
	for _, verb := range verbs() {
		expectOutcome(t, verb, operations(k)[verb](t.Context()), Locked)
	}
	must(t, service.Close())
	b.end()
	for _, verb := range verbs() {
		expectOutcome(t, verb, operations(k)[verb](t.Context()), Absent)
	}
	if exists(launched) {
		t.Error("dbus-launch was started")
	}
}

// expectNoAddress looks that nothing has been put into the environment, which
// child processes would get.
func expectNoAddress(t *testing.T) {
	t.Helper()
	if address, set := os.LookupEnv("DBUS_SESSION_BUS_ADDRESS"); set {
		t.Errorf("the environment says %q", address)
	}
}
