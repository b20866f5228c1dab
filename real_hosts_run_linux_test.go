package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/sandbox/model"
)

const (
	// hostsVariable asks for the tests with hosts of other people, as .ci/run
	// installs them.
	hostsVariable = "VALET_TEST_HOSTS"
	hostsFolder   = "testdata/hosts"
	hostPatience  = 2 * time.Minute
)

// needHosts skips a test unless hosts of other people are asked for. They may call
// home, so there has to be nothing but this machine.
func needHosts(t *testing.T) {
	t.Helper()
	if os.Getenv(hostsVariable) != "1" {
		t.Skipf("it needs hosts of other people and no network; .ci/run installs them and sets %s=1", hostsVariable)
	}
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			t.Fatalf("%s=1, but %s is up and hosts may call home; run it as .ci/run does, by unshare --net", hostsVariable, i.Name)
		}
	}
}

// computer is one with hosts, whose person has a keyring. Each host has a model of
// its own.
type computer struct {
	t *testing.T
	practice
	home    string
	keyring *realKeyring
	// settings are the variables that valetkey install finds, and writes.
	settings []string

	mu   sync.Mutex
	said strings.Builder // guarded by mu; what hosts have printed
}

func startComputer(t *testing.T) *computer {
	t.Helper()
	k := privateBus(t)
	k.unlock()
	c := &computer{t: t, practice: startPractice(t), home: t.TempDir(), keyring: k}
	c.settings = []string{"GITHUB_HOST=" + c.URL(), "GITHUB_CLIENT_ID=" + sandbox.ClientID, "VALET_BROWSER=never"}
	t.Cleanup(c.endAll)
	for _, folder := range []string{"work", "tmp", "environments"} {
		if err := os.Mkdir(filepath.Join(c.home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// runningHost is a host on a computer.
type runningHost struct {
	realHost
	*computer
	model *model.Model
}

// settle writes a host's settings, without valetkey. Its model calls a tool.
func (c *computer) settle(t *testing.T, host realHost, tool, arguments string) *runningHost {
	t.Helper()
	m, err := model.Start(tool, arguments)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	h := &runningHost{host, c, m}
	for path, text := range host.files {
		path = filepath.Join(c.home, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(h.filledIn(text)), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *runningHost) filledIn(text string) string {
	return strings.ReplaceAll(text, "AT_MODEL", h.model.URL())
}

// install has valetkey put itself into the hosts of this home, or take itself out.
func (c *computer) install(t *testing.T, hosts []*runningHost, flags ...string) {
	t.Helper()
	args := append([]string{"install", "--yes"}, flags...)
	for _, h := range hosts {
		args = append(args, h.name)
	}
	if got := run(t, environment(c.home, c.settings...), "", args...); got.code != 0 {
		t.Fatalf("%q: %+v", args, got)
	}
}

// watch puts a witness into the place of valetkey.
func (h *runningHost) watch(t *testing.T) {
	t.Helper()
	path := filepath.Join(h.home, h.servers)
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), binary(t)) {
		t.Fatalf("%v: valetkey isn't in %s: %s", err, path, content)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(content), binary(t), h.witness(t))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// witness makes a program that writes down its environment and becomes valetkey.
func (h *runningHost) witness(t *testing.T) string {
	t.Helper()
	path := filepath.Join(h.home, "bin", h.name, "valetkey")
	script := fmt.Sprintf("#!/bin/sh\nenv >%q.$$\nexec %q \"$@\"\n", filepath.Join(h.home, "environments", h.name), binary(t))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(script), 0o700)); err != nil {
		t.Fatal(err)
	}
	return path
}

// environments are those that valetkey was started with by this host, one a start.
func (h *runningHost) environments(t *testing.T) [][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.home, "environments", h.name+".*"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Split(string(content), "\n"))
	}
	return all
}

// env is what the host itself is started with.
func (h *runningHost) environment() []string {
	env := append([]string{
		"HOME=" + h.home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(h.home, "tmp"),
		"DBUS_SESSION_BUS_ADDRESS=" + h.keyring.address, "XDG_RUNTIME_DIR=" + h.keyring.dir,
	}, ownVariables()...)
	for _, variable := range h.env {
		env = append(env, h.filledIn(variable))
	}
	return env
}

// command is the host's, in a process group of its own, which is ended with it.
func (h *runningHost) command(t *testing.T, ctx context.Context, args ...string) *exec.Cmd {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(hostsFolder, "node_modules", h.pkg, h.program))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%s=1, but %v; run: npm ci --prefix %s", hostsVariable, err, hostsFolder)
	}
	if strings.HasSuffix(program, ".js") {
		program, args = node(t), append([]string{program}, args...)
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Env, command.Dir = h.environment(), filepath.Join(h.home, "work")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 2 * time.Second
	return command
}

// runs runs the host with a command, to its end, and answers what it prints.
func (h *runningHost) runs(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hostPatience)
	defer cancel()
	output, err := h.command(t, ctx, args...).CombinedOutput()
	h.mu.Lock()
	h.said.Write(output)
	h.mu.Unlock()
	// A daemon of the host's may keep the pipe open.
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("%s %q: %v\n%s", h.name, args, err, output)
	}
	return string(output)
}

// asks has the model asked without a person, and answers what valetkey has told it.
func (h *runningHost) asks(t *testing.T) string {
	t.Helper()
	before := len(h.model.Requests())
	printed := h.runs(t, h.ask...)
	var results []string
	for _, r := range h.model.Requests()[before:] {
		results = r.Results
	}
	if len(results) != 1 {
		t.Fatalf("the model has seen %d results, want 1: %q\n%s", len(results), results, printed)
	}
	return results[0]
}

// version is that of the package.
func (h *runningHost) version(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(hostsFolder, "node_modules", h.pkg, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var described struct{ Version string }
	decode(t, string(content), &described)
	version, _, _ := strings.Cut(described.Version, "-")
	return version
}

// processes are those in this home, by number and program.
func (c *computer) processes() map[int]string {
	found := map[int]string{}
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		environment, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !slices.Contains(strings.Split(string(environment), "\x00"), "HOME="+c.home) {
			continue
		}
		var number int
		program, err := os.Readlink(filepath.Join(folder, "exe"))
		if _, scanned := fmt.Sscanf(folder, "/proc/%d", &number); err == nil && scanned == nil {
			found[number] = program
		}
	}
	return found
}

// endAll ends what hosts have left running, such as daemons.
func (c *computer) endAll() {
	for number := range c.processes() {
		_ = syscall.Kill(number, syscall.SIGKILL)
	}
	eventually(c.t, "the end of the hosts' daemons", func() bool { return len(c.processes()) == 0 })
}

// written is all that lies in the home directory.
func (c *computer) written(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(c.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// sent is all that a model was sent, as JSON says it.
func (h *runningHost) sent(t *testing.T) string {
	t.Helper()
	all, err := json.Marshal(h.model.Requests())
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
