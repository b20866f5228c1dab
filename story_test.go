package main

import (
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

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

// TestMemoryForgets: without a keyring the person is told so before they
// approve, and a restart asks for another approval.
func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	s = serve(t, p.env)
	s.initialize()
	text, _ := s.call("github_whoami", "{}")
	if !userCode.MatchString(text) || !strings.Contains(text, "lasts while this process runs (VALET_STORE=memory)") {
		t.Errorf("after the restart: %q", text)
	}
	s.end()
	if codes := p.asked(deviceCodePath); codes != 2 {
		t.Errorf("%d codes were asked for, want 2", codes)
	}
}

// TestHostLeavesDuringASignIn: a call that waits for an approval doesn't wait
// on when the host is gone, and its answer still says how to sign in.
func TestHostLeavesDuringASignIn(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	s := serve(t, p.env)
	s.initializeWith(`{"elicitation":{"form":{}}}`)
	s.send(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":"github_whoami","arguments":{}}}`)
	question := s.receive()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"result":{"action":"accept","content":{}}}`, question["id"]))
	s.stdin.Close()
	if answer := fmt.Sprint(s.receive()); !strings.Contains(answer, userCode.FindString(fmt.Sprint(question))) {
		t.Errorf("the answer doesn't say how to sign in: %s", answer)
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

const discoverLine = `{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
	`"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`

// TestNothingIsTouchedBeforeACall: server/discover, initialize and tools/list
// reach neither the service nor the keyring, and the list doesn't change by
// signing in.
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
			connection.Close()
			select {
			case touched <- struct{}{}:
			default:
			}
		}
	}()
	s := serve(t, p.env)
	s.send(discoverLine)
	if answer := s.receive(); !strings.Contains(fmt.Sprint(answer["result"]), "2026-07-28") {
		t.Errorf("server/discover: %v", answer)
	}
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
