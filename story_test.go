package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

const patience = 30 * time.Second

// practice is a practice GitHub and the environment that leads to it.
type practice struct {
	*sandbox.Sandbox
	env []string
}

func startPractice(t *testing.T, more ...string) practice {
	t.Helper()
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true, Interval: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	env := environment(t.TempDir(), "GITHUB_HOST="+box.URL(), "GITHUB_CLIENT_ID="+sandbox.ClientID, "GITHUB_CLIENT_SECRET="+sandbox.ClientSecret, "VALET_BROWSER=never")
	return practice{box, with(env, more...)}
}

// with answers an environment with more in it, in memory of its own.
func with(env []string, more ...string) []string { return slices.Concat(env, more) }

// server is a running valetkey and the raw lines between it and its host.
type server struct {
	t       *testing.T
	process *exec.Cmd
	stdin   io.WriteCloser
	lines   chan string

	mu     sync.Mutex
	stdout strings.Builder
	stderr strings.Builder
}

func serve(t *testing.T, env []string) *server {
	t.Helper()
	s := &server{t: t, process: exec.Command(binary(t)), lines: make(chan string, 1000)}
	s.process.Env = env
	s.process.Stderr = &s.stderr
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if s.stdin, err = s.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.lines)
		for reader := bufio.NewReader(stdout); ; {
			line, err := reader.ReadString('\n')
			if line != "" {
				s.mu.Lock()
				s.stdout.WriteString(line)
				s.mu.Unlock()
				s.lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		if s.process.ProcessState == nil {
			s.process.Process.Kill()
			s.process.Wait()
		}
	})
	return s
}

func (s *server) send(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.stdin, line+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

// receive answers the next line, which has to be JSON-RPC.
func (s *server) receive() map[string]any {
	s.t.Helper()
	select {
	case line, open := <-s.lines:
		if !open {
			s.t.Fatal("the server has closed stdout")
		}
		var message map[string]any
		if err := json.Unmarshal([]byte(line), &message); err != nil || message["jsonrpc"] != "2.0" {
			s.t.Fatalf("not a line of JSON-RPC: %q", line)
		}
		return message
	case <-time.After(patience):
		s.t.Fatal("no line came")
	}
	return nil
}

func (s *server) initialize() map[string]any {
	s.t.Helper()
	s.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`)
	answer := s.receive()
	s.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return answer
}

// call calls a tool and answers its text.
func (s *server) call(tool, arguments string) (text string, isError bool) {
	s.t.Helper()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":%q,"arguments":%s}}`, tool, arguments))
	message := s.receive()
	result, ok := message["result"].(map[string]any)
	if !ok {
		s.t.Fatalf("not a result: %v", message)
	}
	content := result["content"].([]any)[0].(map[string]any)
	isError, _ = result["isError"].(bool)
	return content["text"].(string), isError
}

// end closes stdin, as a host does, and answers the exit code.
func (s *server) end() int {
	s.t.Helper()
	if err := s.stdin.Close(); err != nil {
		s.t.Fatal(err)
	}
	for range s.lines {
		s.t.Error("a line came after the end")
	}
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("the server ended badly: %v; stderr: %s", err, s.stderr.String())
	}
	return s.process.ProcessState.ExitCode()
}

var userCode = regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b`)

// signIn approves the code a call has shown and calls until that counts.
func (s *server) signIn(box *sandbox.Sandbox) {
	s.t.Helper()
	text, _ := s.call("github_whoami", "{}")
	code := userCode.FindString(text)
	if code == "" {
		s.t.Fatalf("no code is shown: %q", text)
	}
	if err := sandbox.ApproveInPage(s.t.Context(), box.URL()+"/login/device", code); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if text, _ = s.call("github_whoami", "{}"); strings.Contains(text, "@mona-example") {
			return
		}
	}
	s.t.Fatalf("the approval didn't count: %q", text)
}

// TestWholeStoryInMemory: a code is shown, approved, and the same call works;
// nothing on stdout but JSON-RPC, no secret anywhere, no file left behind.
func TestWholeStoryInMemory(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	text, isError := s.call("github_issue", `{"repo":"tidepool-example/harbour","number":4}`)
	if isError || !strings.Contains(text, "Times are off by an hour in summer") {
		t.Errorf("github_issue: %q", text)
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(s.stderr.String(), p.URL()+"/login/device") {
		t.Errorf("stderr doesn't show the address: %q", s.stderr.String())
	}
	p.expectNoSecret(t, s.stdout.String()+s.stderr.String())
	expectEmptyHome(t, p.env)
}

// expectNoSecret looks for everything the practice GitHub was sent or sent
// itself.
func (p practice) expectNoSecret(t *testing.T, said string) {
	t.Helper()
	secrets := map[string]bool{sandbox.ClientSecret: true}
	for _, r := range p.Requests() {
		for _, field := range []string{"device_code", "refresh_token", "access_token", "client_secret"} {
			if secret := r.Form.Get(field); secret != "" {
				secrets[secret] = true
			}
		}
		if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			secrets[token] = true
		}
	}
	if len(secrets) < 3 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	for secret := range secrets {
		if strings.Contains(said, secret) {
			t.Errorf("a secret of %d bytes was shown", len(secret))
		}
	}
}

func expectEmptyHome(t *testing.T, env []string) {
	t.Helper()
	for _, pair := range env {
		home, ok := strings.CutPrefix(pair, "HOME=")
		if !ok {
			continue
		}
		entries, err := os.ReadDir(home)
		if err != nil || len(entries) != 0 {
			t.Errorf("the home directory isn't empty: %v, %v", entries, err)
		}
	}
}

// TestNothingIsTouchedBeforeACall: initialize and tools/list reach neither the
// service nor the keyring, and the list doesn't change by signing in.
func TestNothingIsTouchedBeforeACall(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the keyring of this system has no bus to listen on")
	}
	bus, err := net.Listen("unix", filepath.Join(t.TempDir(), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	p := startPractice(t, "DBUS_SESSION_BUS_ADDRESS=unix:path="+bus.Addr().String())
	touched := make(chan struct{}, 10)
	go func() {
		for {
			connection, err := bus.Accept()
			if err != nil {
				return
			}
			touched <- struct{}{}
			connection.Close()
		}
	}()
	s := serve(t, p.env)
	if answer := s.initialize(); answer["result"].(map[string]any)["protocolVersion"] != "2025-11-25" {
		t.Errorf("initialize: %v", answer)
	}
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	before := s.receive()
	if len(touched) != 0 || len(p.Requests()) != 0 {
		t.Errorf("%d connections to the keyring, %d requests to the service", len(touched), len(p.Requests()))
	}
	s.signIn(p.Sandbox)
	if len(touched) == 0 {
		t.Error("the keyring's bus was never reached, so this test proves nothing")
	}
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	if after := s.receive(); fmt.Sprint(before) != fmt.Sprint(after) {
		t.Error("the list of tools has changed by signing in")
	}
	s.end()
}

// TestKeyComesFirst: with a key there is no sign-in, whatever it is given as.
func TestKeyComesFirst(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := p.IssueToken("repo")
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	given := map[string]string{
		"GITHUB_TOKEN": key, "GH_TOKEN": key, "GITHUB_PERSONAL_ACCESS_TOKEN": key, "GITHUB_TOKEN_FILE": file,
	}
	if runtime.GOOS != "windows" {
		given["GITHUB_TOKEN_COMMAND"] = "cat '" + file + "'"
	}
	for variable, value := range given {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			got := run(t, with(p.env, variable+"="+value), "", "call", "github_whoami")
			if got.code != 0 || !strings.Contains(got.stdout, "@mona-example") || !strings.Contains(got.stdout, variable) {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("unexpanded", func(t *testing.T) {
		t.Parallel()
		got := run(t, with(p.env, "GITHUB_TOKEN=${user_config.token}"), "", "call", "github_whoami")
		if got.code != 4 {
			t.Errorf("%+v", got)
		}
	})
}

// TestExitCodes holds the commands to the codes the README promises.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := "GITHUB_TOKEN=" + p.IssueToken("repo")
	bare := environment(t.TempDir(), "VALET_STORE=memory")
	for name, c := range map[string]struct {
		env    []string
		args   []string
		code   int
		said   string
		stderr bool
	}{
		"version":           {bare, []string{"version"}, 0, "valetkey ", false},
		"help":              {bare, []string{"--help"}, 0, "Usage:", false},
		"completion":        {bare, []string{"completion", "bash"}, 0, "__start_valetkey", false},
		"status with a key": {with(p.env, key), []string{"status"}, 0, "GITHUB_TOKEN", false},
		"call with a key":   {with(p.env, key), []string{"call", "github_issues", `{"repo":"tidepool-example/harbour"}`}, 0, "#41", false},
		"unknown command":   {bare, []string{"frobnicate"}, 2, "unknown command", true},
		"unknown flag":      {bare, []string{"status", "--frobnicate"}, 2, "unknown flag", true},
		"too few arguments": {bare, []string{"call"}, 2, "github_whoami", true},
		"unknown tool":      {with(p.env, key), []string{"call", "github_frobnicate"}, 1, "github_whoami", true},
		"not JSON":          {with(p.env, key), []string{"call", "github_issue", "{"}, 1, "not JSON", true},
		"wrong argument":    {with(p.env, key), []string{"call", "github_issue", `{"repo":"a/b","numbr":1}`}, 1, `did you mean "number"`, true},
		"wrong key":         {with(p.env, "GITHUB_TOKEN=wrong-example"), []string{"call", "github_whoami"}, 1, "GITHUB_TOKEN", true},
		"unknown service":   {bare, []string{"login", "nobody"}, 1, "github", true},
		"bad host":          {with(bare, "GITHUB_HOST=http://evil.example"), []string{"status"}, 1, "GITHUB_HOST", true},
		"bad store":         {with(p.env, "VALET_STORE=paper"), []string{"status"}, 1, "VALET_STORE", true},
		"login into memory": {p.env, []string{"login"}, 1, "lost", true},
		"login with a key":  {with(p.env, key), []string{"login"}, 1, "GITHUB_TOKEN", true},
		"status signed out": {p.env, []string{"status"}, 4, "valetkey login github", false},
		"call signed out":   {p.env, []string{"call", "github_whoami"}, 4, "valetkey login github", true},
		"no client id":      {bare, []string{"call", "github_whoami"}, 4, "GITHUB_CLIENT_ID", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, c.env, "", c.args...)
			said := got.stdout
			if c.stderr {
				said = got.stderr
			}
			if got.code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("want code %d and %q, got %+v", c.code, c.said, got)
			}
		})
	}
}

// TestStatusJSON: a program can read the status, and finds no secret in it.
func TestStatusJSON(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := p.IssueToken("repo")
	got := run(t, with(p.env, "GITHUB_TOKEN="+key), "", "status", "--json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	if all[0]["service"] != "github" || all[0]["signed_in"] != true || all[0]["source"] != "environment" || all[0]["variable"] != "GITHUB_TOKEN" {
		t.Errorf("%v", all[0])
	}
	if strings.Contains(got.stdout, key) {
		t.Error("the key is in the status")
	}
}

// TestMisconfiguredServerStarts: a server that doesn't start could tell nobody
// what is wrong.
func TestMisconfiguredServerStarts(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"VALET_STORE=paper", "VALET_BROWSER=lynx", "GITHUB_HOST=http://evil.example", "GITHUB_ACCOUNT=a/b"} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			s := serve(t, environment(t.TempDir(), wrong))
			s.initialize()
			name, _, _ := strings.Cut(wrong, "=")
			if text, isError := s.call("github_issues", `{"repo":"a/b"}`); !isError || !strings.Contains(text, name) {
				t.Errorf("the call doesn't say what is wrong: %q", text)
			}
			s.end()
		})
	}
}

// TestDemo: the README's first command works without a terminal, a keyring, a
// network or a configuration, and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := environment(home, "GITHUB_TOKEN=not-for-the-demo-example", "VALET_STORE=paper")
	got := run(t, env, "", "demo")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for _, want := range []string{"initialize", "tools/list", "8 tools in", "sign in: open http://127.0.0.1:", "@mona-example", "no keyring", "The same call again", " to the service]"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the story lacks %q:\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout+got.stderr, "not-for-the-demo-example") {
		t.Error("the person's own key was shown")
	}
	expectEmptyHome(t, env)
}
