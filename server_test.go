package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

const patience = 2 * time.Minute

// practice is a practice GitHub and the environment that leads to it.
type practice struct {
	*sandbox.Sandbox
	env []string
}

func startPractice(t *testing.T, more ...string) practice {
	t.Helper()
	return startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second}, more...)
}

func startPracticeWith(t *testing.T, options sandbox.Options, more ...string) practice {
	t.Helper()
	box, err := sandbox.Start(options)
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
	out     io.Closer // the host's end of its stdout
	lines   chan string

	mu     sync.Mutex
	stdout strings.Builder
	stderr strings.Builder
}

func serve(t *testing.T, env []string) *server {
	t.Helper()
	return serveProgram(t, binary(t), env)
}

func serveProgram(t *testing.T, program string, env []string) *server {
	t.Helper()
	command := exec.Command(program)
	command.Env = env
	return serveCommand(t, command)
}

func serveCommand(t *testing.T, command *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, process: command, lines: make(chan string, 1000)}
	s.process.Stderr = &s.stderr
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = stdout
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
	return s.initializeWith("{}")
}

func (s *server) initializeWith(capabilities string) map[string]any {
	s.t.Helper()
	s.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":` + capabilities + `,"clientInfo":{"name":"test","version":"1"}}}`)
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
	return unlabelled(content["text"].(string)), isError
}

var labelled = regexp.MustCompile(`(?s)^\[untrusted ([a-z2-7]{10}): [^\n]*\]\n(.*)\n\[end of untrusted ([a-z2-7]{10})\]$`)

// unlabelled is what a tool has said, without the lines around what others wrote.
func unlabelled(text string) string {
	if parts := labelled.FindStringSubmatch(text); parts != nil && parts[1] == parts[3] {
		return parts[2]
	}
	return text
}

// end closes stdin, as a host does, and answers the exit code.
func (s *server) end() int {
	s.t.Helper()
	if err := s.stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
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
	eventually(s.t, "the sign-in", func() bool {
		text, _ = s.call("github_whoami", "{}")
		return strings.Contains(text, "@mona-example")
	})
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

// expectEmptyHome: there is no file but the log of what was called.
func expectEmptyHome(t *testing.T, env []string) {
	t.Helper()
	for _, pair := range env {
		home, ok := strings.CutPrefix(pair, "HOME=")
		if !ok {
			continue
		}
		err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && filepath.Base(filepath.Dir(path)) != "audit" {
				t.Errorf("there is a file %s", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
