package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// npmRegistry has our packages, as npm pack makes them, at an address of this
// machine. What is asked of it is noted.
// https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
type npmRegistry struct {
	address string
	// folder has a folder for each package, and the tarballs.
	folder string

	mu       sync.Mutex
	tarballs []string
}

// startNPMRegistry packs this program as for a release. The programs for other
// systems are never asked for, so that their packages have no tarball.
func startNPMRegistry(t *testing.T) *npmRegistry {
	t.Helper()
	r := &npmRegistry{folder: t.TempDir()}
	output(t, ".", os.Environ(), "go", "run", "./packaging", "npm", goreleased(t), filepath.Join(r.folder, "packages"), installedVersion)
	for _, name := range []string{"valetkey", platformPackage()} {
		output(t, r.folder, npmEnvironment(t.TempDir(), ""), "npm", "pack", "--offline", "./packages/"+name)
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.address = server.URL
	return r
}

// goreleased is a folder as goreleaser leaves one, with this program and
// stand-ins for other systems.
func goreleased(t *testing.T) string {
	t.Helper()
	dist := t.TempDir()
	var artifacts []map[string]string
	for _, target := range []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"} {
		system, machine, _ := strings.Cut(target, "/")
		program := binary(t)
		if target != runtime.GOOS+"/"+runtime.GOARCH {
			program = filepath.Join(dist, system+"_"+machine)
			if err := os.WriteFile(program, []byte("a program for "+target), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		artifacts = append(artifacts, map[string]string{"type": "Binary", "goos": system, "goarch": machine, "path": program})
	}
	text, err := json.Marshal(artifacts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dist, "artifacts.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dist
}

// platformPackage is what Node.js calls this system.
func platformPackage() string {
	return runtime.GOOS + "-" + map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
}

func npmEnvironment(home, registry string) []string {
	return environment(home, "npm_config_registry="+registry, "npm_config_cache="+filepath.Join(home, ".npm"),
		"npm_config_update_notifier=false", "npm_config_audit=false", "npm_config_fund=false")
}

func (r *npmRegistry) ServeHTTP(w http.ResponseWriter, asked *http.Request) {
	name := strings.TrimPrefix(asked.URL.Path, "/")
	if strings.HasSuffix(name, ".tgz") {
		r.mu.Lock()
		r.tarballs = append(r.tarballs, name)
		r.mu.Unlock()
		http.ServeFile(w, asked, filepath.Join(r.folder, name))
		return
	}
	text, err := os.ReadFile(filepath.Join(r.folder, "packages", path.Base(name), "package.json"))
	var version map[string]any
	if err != nil || json.Unmarshal(text, &version) != nil || version["name"] != name {
		http.NotFound(w, asked)
		return
	}
	tarball := fmt.Sprintf("%s-%s.tgz", strings.NewReplacer("@", "", "/", "-").Replace(name), version["version"])
	dist := map[string]any{"tarball": "http://" + asked.Host + "/" + tarball}
	if text, err := os.ReadFile(filepath.Join(r.folder, tarball)); err == nil {
		sum := sha512.Sum512(text)
		dist["integrity"] = "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
	}
	version["dist"] = dist
	number := version["version"].(string)
	w.Header().Set("Cache-Control", "public, max-age=300")
	_ = json.NewEncoder(w).Encode(map[string]any{"name": name, "dist-tags": map[string]string{"latest": number}, "versions": map[string]any{number: version}})
}

// downloaded answers the tarballs that were asked for since it was last asked.
func (r *npmRegistry) downloaded() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.tarballs
	r.tarballs = nil
	slices.Sort(all)
	return all
}

// TestNPM: what npm installs is this program, and whoever starts the wrapper can't
// tell it from the program.
func TestNPM(t *testing.T) {
	t.Parallel()
	needReal(t, "node", "npm")
	r := startNPMRegistry(t)
	home := t.TempDir()
	env := npmEnvironment(home, r.address)
	output(t, home, env, "npm", "install", "-g", "--prefix", home, "valetkey")
	version := strings.TrimPrefix(installedVersion, "v")
	want := []string{fmt.Sprintf("valetkey-%s.tgz", version), fmt.Sprintf("valetkey-%s-%s.tgz", platformPackage(), version)}
	if got := r.downloaded(); !slices.Equal(got, want) {
		t.Errorf("npm downloads %q, want %q", got, want)
	}
	wrapper := filepath.Join(home, "bin", "valetkey")
	t.Run("tools", func(t *testing.T) { testWrappedTools(t, wrapper) })
	t.Run("exit codes", func(t *testing.T) { testWrappedCodes(t, wrapper) })
	t.Run("signals", func(t *testing.T) { testWrappedSignals(t, wrapper) })
	t.Run("killed", func(t *testing.T) { testWrapperKilled(t, wrapper) })
	t.Run("Ctrl-C", testWrappedCtrlC)
	t.Run("npx", func(t *testing.T) { testNPX(t, r) })
	t.Run("no package", func(t *testing.T) { testNoPackage(t, r) })
}

// listed starts a program as a host does and answers its tools.
func listed(t *testing.T, program string, env []string) string {
	t.Helper()
	s := serveProgram(t, program, env)
	s.initialize()
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	tools, err := json.Marshal(s.receive()["result"])
	if err != nil {
		t.Fatal(err)
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d once stdin is closed", code)
	}
	return string(tools)
}

func testWrappedTools(t *testing.T, wrapper string) {
	env := environment(t.TempDir())
	if bare, wrapped := listed(t, binary(t), env), listed(t, wrapper, env); bare != wrapped || !strings.Contains(wrapped, "github_whoami") {
		t.Errorf("the tools are %s, want %s", wrapped, bare)
	}
}

func testWrappedCodes(t *testing.T, wrapper string) {
	env := environment(t.TempDir(), "VALET_STORE=memory")
	for args, code := range map[string]int{"version": 0, "nonsense": 2, "status": 4} {
		var said [2]string
		for i, program := range []string{binary(t), wrapper} {
			command := exec.Command(program, strings.Fields(args)...)
			command.Env = env
			text, err := command.CombinedOutput()
			if command.ProcessState == nil {
				t.Fatal(err)
			}
			said[i] = fmt.Sprintf("%s\n%s", command.ProcessState, text)
		}
		if said[0] != said[1] || !strings.HasPrefix(said[1], fmt.Sprintf("exit status %d\n", code)) {
			t.Errorf("%s: want %d, and %s, got %s", args, code, said[0], said[1])
		}
	}
}

// ended waits for a server's end and answers how it has ended. Its stdout is
// closed then, which takes the end of all who have it.
func (s *server) ended() string {
	s.t.Helper()
	late := time.AfterFunc(patience, func() {
		s.t.Error("it doesn't end")
		_ = s.process.Process.Kill()
		_ = s.stdin.Close()
	})
	defer late.Stop()
	for range s.lines {
		s.t.Error("a line came after the end")
	}
	_ = s.process.Wait()
	return s.process.ProcessState.String()
}

func testWrappedSignals(t *testing.T, wrapper string) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for _, program := range []string{binary(t), wrapper} {
			s := serveProgram(t, program, environment(t.TempDir()))
			s.initialize()
			if err := s.process.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if got := s.ended(); got != "exit status 0" {
				t.Errorf("%s, %v: %s; stderr %q", filepath.Base(program), signal, got, s.stderr.String())
			}
		}
	}
}

// testWrapperKilled: neither is left behind where one is killed. A host closes
// stdin of a process that has ended.
func testWrapperKilled(t *testing.T, wrapper string) {
	s := serveProgram(t, wrapper, environment(t.TempDir()))
	s.initialize()
	if err := s.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.stdin.Close()
	if got := s.ended(); got != "signal: killed" {
		t.Errorf("the wrapper: %s", got)
	}
	s = serveProgram(t, wrapper, environment(t.TempDir()))
	s.initialize()
	pid := s.process.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	var child int
	if _, scanned := fmt.Sscan(string(text), &child); err != nil || scanned != nil {
		t.Fatalf("%v, %v", err, scanned)
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := s.ended(); got != "signal: killed" {
		t.Errorf("the wrapper of a program that was killed: %s", got)
	}
}

// testWrappedCtrlC: a terminal interrupts the program itself, which ends at once
// when it is interrupted twice, whatever else is redirected.
func testWrappedCtrlC(t *testing.T) {
	modules := filepath.Join(t.TempDir(), "node_modules")
	wrapper, err := os.ReadFile("packaging/npm/valetkey.js")
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"valetkey/bin/valetkey.js": string(wrapper),
		"@valetkey/" + platformPackage() + "/bin/valetkey": "#!/bin/sh\nexec >&2\ntrap 'echo interrupted' INT; trap 'echo told to end; exit 7' TERM\n" +
			"echo ready; while :; do read -r line <&2; done\n",
	} {
		path = filepath.Join(modules, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, redirected := range []string{"", "</dev/null", "</dev/null >/dev/null"} {
		command := exec.Command("sh", "-c", `exec "$1" `+redirected, "sh", filepath.Join(modules, "valetkey/bin/valetkey.js"))
		command.Env = environment(t.TempDir())
		wrapped := atTerminalOf(t, command)
		wrapped.sees("ready")
		wrapped.types("\x03")
		wrapped.sees("interrupted")
		// The wrapper gets one signal after the other, so that none is under way now.
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		wrapped.sees("told to end")
		if code := wrapped.code(); code != 7 || strings.Count(wrapped.screen(), "interrupted") != 1 {
			t.Errorf("%q: exit code %d, and it says %q", redirected, code, wrapped.screen())
		}
	}
}

// testNPX: what hosts are told to run works, and later without the registry.
func testNPX(t *testing.T, r *npmRegistry) {
	home := t.TempDir()
	env := npmEnvironment(home, r.address)
	if said := output(t, home, env, "npx", "-y", "valetkey", "version"); !strings.HasPrefix(said, "valetkey ") {
		t.Errorf("npx says %q", said)
	}
	programs, err := filepath.Glob(filepath.Join(home, ".npm", "_npx", "*", "node_modules", "@valetkey", platformPackage(), "bin", "valetkey"))
	if err != nil || len(programs) != 1 {
		t.Errorf("npx keeps the program as %q, %v", programs, err)
	}
	if said := output(t, home, env, "npm", "exec", "--offline", "-y", "--", "valetkey", "version"); !strings.HasPrefix(said, "valetkey ") {
		t.Errorf("npm exec says %q", said)
	}
	script := filepath.Join(home, "host")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec npx --offline -y valetkey\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if tools := listed(t, script, env); !strings.Contains(tools, "github_whoami") {
		t.Errorf("the tools are %s", tools)
	}
}

// testNoPackage: where npm has left the program out, the wrapper says why and what
// to do, and that helps.
func testNoPackage(t *testing.T, r *npmRegistry) {
	home := t.TempDir()
	env := npmEnvironment(home, r.address)
	wrapped := func(want string, code int, more ...string) {
		t.Helper()
		command := exec.Command(filepath.Join(home, "node_modules", ".bin", "valetkey"), "version")
		command.Env = with(env, more...)
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		_ = command.Run()
		if got := command.ProcessState.ExitCode(); got != code || !strings.Contains(stdout.String()+stderr.String(), want) || code != 0 && stdout.Len() != 0 {
			t.Errorf("want %d, %q, got %d, %q, %q", code, want, got, stdout.String(), stderr.String())
		}
	}
	output(t, home, env, "npm", "install", "--prefix", home, "--omit=optional", "valetkey")
	wrapped("valetkey: the package @valetkey/"+platformPackage()+" is missing. npm leaves it out with --omit=optional", 1)
	wrapped("remove both and run npm install --include=optional", 1)
	preload := filepath.Join(home, "machine.cjs")
	if err := os.WriteFile(preload, []byte("Object.defineProperty(process, 'arch', { value: 's390x' });"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrapped("there is no package for linux on s390x; build it instead: go install "+module+"@latest", 1, "NODE_OPTIONS=--require="+preload)
	for _, left := range []string{"node_modules", "package-lock.json"} {
		if err := os.RemoveAll(filepath.Join(home, left)); err != nil {
			t.Fatal(err)
		}
	}
	output(t, home, env, "npm", "install", "--prefix", home, "--include=optional")
	wrapped("valetkey ", 0)
}
