package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// event is what the TypeScript host says has happened.
type event struct {
	Event, Server, Protocol string
	Text                    string
	IsError                 bool
	Mode, Message, URL      string
}

// typescriptHost is a host built on the TypeScript SDK, with valetkey as its
// server.
type typescriptHost struct {
	t     *testing.T
	stdin io.Writer
	lines *bufio.Reader
}

func startTypeScriptHost(t *testing.T, env []string, era, elicitation string) *typescriptHost {
	t.Helper()
	part(t, "@modelcontextprotocol", "client")
	command := exec.Command(node(t), filepath.Join(realParts, "host.mjs"), binary(t), era, elicitation)
	command.Env = env
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	h := &typescriptHost{t, stdin, background(t, command)}
	t.Cleanup(func() {
		stdin.Close()
		late := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
		defer late.Stop()
		if err := command.Wait(); err != nil {
			t.Errorf("the host ended badly: %v", err)
		}
	})
	return h
}

func (h *typescriptHost) does(what string) {
	h.t.Helper()
	if _, err := io.WriteString(h.stdin, what+"\n"); err != nil {
		h.t.Fatal(err)
	}
}

// says answers the next thing that happens, which has to be one of these.
func (h *typescriptHost) says(wants ...string) event {
	h.t.Helper()
	line := firstLine(h.t, h.lines)
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil || !slices.Contains(wants, e.Event) {
		h.t.Fatalf("want the event %q, got %q", wants, line)
	}
	return e
}

func (h *typescriptHost) connected(protocol string) {
	h.t.Helper()
	if hello := h.says("connected"); hello.Server != "valetkey" || hello.Protocol != protocol {
		h.t.Errorf("connected: %+v", hello)
	}
}

// calls calls until the person is signed in, which takes no question now.
func (h *typescriptHost) calls() string {
	h.t.Helper()
	var last string
	eventually(h.t, "the sign-in", func() bool {
		h.does("call")
		last = outcome(h.says("answer"), "")
		return last == signedIn
	})
	return last
}

const (
	modernProtocol = "2026-07-28"

	signedIn   = "signed in"
	asWords    = "words with the code"
	asDeclined = "declined"
	asFailure  = "the host's own error"
	leftOpen   = "the question stays open"
)

// answer is what a host does with the question, and what its person gets in
// return. A host of 2026-07-28 keeps the question to itself until it is
// answered, so that an open one or a failure of its own never gets here.
type answer struct {
	action         string
	legacy, modern string
}

func answers() []answer {
	return []answer{
		{"accept", signedIn, signedIn},
		{"decline", asDeclined, asDeclined},
		{"cancel", asWords, asWords},
		{"fail", asWords, asFailure},
		{"ignore", asWords, leftOpen},
	}
}

// TestTypeScriptClient holds a sign-in to what each kind of host shows: each
// era, every way to ask and every answer a person may give.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	seen := newTable(t, "era", "elicitation", "answer", "result")
	for era, protocol := range map[string]string{"legacy": "2025-11-25", "auto": modernProtocol, modernProtocol: modernProtocol} {
		for _, elicitation := range []string{"form", "url"} {
			for _, a := range answers() {
				t.Run(era+"/"+elicitation+"/"+a.action, func(t *testing.T) {
					t.Parallel()
					seen.add(era, elicitation, a.action, testQuestion(t, era, protocol, elicitation, a))
				})
			}
		}
		t.Run(era+"/none", func(t *testing.T) {
			t.Parallel()
			seen.add(era, "none", "-", testWords(t, era, protocol))
		})
	}
}

// testQuestion: the host is asked to ask, and what comes of it is right. Unless
// they said no, the person can still approve and go on.
func testQuestion(t *testing.T, era, protocol, elicitation string, a answer) string {
	p := startPractice(t, "VALET_STORE=memory")
	h := startTypeScriptHost(t, p.env, era, elicitation)
	h.connected(protocol)
	h.does("call")
	question := h.says("question")
	code := userCode.FindString(question.Message)
	page := p.URL() + "/login/device"
	if code == "" || !strings.Contains(question.Message, page) || question.Mode != elicitation {
		t.Errorf("the question is %+v", question)
	}
	if elicitation == "url" && question.URL != page {
		t.Errorf("the address to open is %q", question.URL)
	}
	want := a.legacy
	if protocol == modernProtocol {
		want = a.modern
	}
	if a.action == "accept" {
		approveInPage(t, page, code)
	}
	got := h.reacts(a.action, code, want)
	if got != want {
		t.Errorf("want %s, got %s", want, got)
	}
	if a.action != "accept" && a.action != "decline" {
		approveInPage(t, page, code)
		got += ", then " + h.calls()
	}
	if p.asked(deviceCodePath) != 1 {
		t.Errorf("%d codes were asked for, want 1", p.asked(deviceCodePath))
	}
	return got
}

// reacts answers what a host's answer to the question leads to.
func (h *typescriptHost) reacts(action, code, want string) string {
	h.t.Helper()
	if action != "ignore" {
		h.does(action)
		return outcome(h.says("answer", "failure"), code)
	}
	if want == leftOpen {
		return leftOpen
	}
	h.says("withdrawn")
	return outcome(h.says("answer"), code)
}

func approveInPage(t *testing.T, page, code string) {
	t.Helper()
	if err := sandbox.ApproveInPage(t.Context(), page, code); err != nil {
		t.Fatal(err)
	}
}

// testWords: a host that can't ask gets words, and after the approval the same
// call again.
func testWords(t *testing.T, era, protocol string) string {
	p := startPractice(t, "VALET_STORE=memory")
	h := startTypeScriptHost(t, p.env, era, "none")
	h.connected(protocol)
	h.does("call")
	first := h.says("answer")
	code := userCode.FindString(first.Text)
	if outcome(first, code) != asWords {
		t.Fatalf("the first answer is %+v", first)
	}
	approveInPage(t, p.URL()+"/login/device", code)
	last := h.calls()
	if p.asked(deviceCodePath) != 1 {
		t.Errorf("%d codes were asked for, want 1", p.asked(deviceCodePath))
	}
	return asWords + ", then " + last
}

// TestTypeScriptClientBeside: the client reads a resource, with a sign-in in
// between if it can be asked, gets a prompt and completes an argument.
func TestTypeScriptClientBeside(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	for era, protocol := range map[string]string{"legacy": "2025-11-25", "auto": modernProtocol, modernProtocol: modernProtocol} {
		for _, elicitation := range []string{"none", "form", "url"} {
			t.Run(era+"/"+elicitation, func(t *testing.T) {
				t.Parallel()
				p := startPractice(t, "VALET_STORE=memory")
				h := startTypeScriptHost(t, p.env, era, elicitation)
				h.connected(protocol)
				h.readsAfterSignIn(p, elicitation)
				for request, part := range map[string]string{
					`listResourceTemplates {}`: `"uriTemplate":"github://{owner}/{repo}/issues/{number}"`,
					`listResources {}`:         `"resources":[]`,
					`listPrompts {}`:           `"name":"github_triage_issues"`,
					`getPrompt {"name":"github_review_pull_request","arguments":{"repo":"tidepool-example/harbour","number":"32"}}`:                                                                        "Review pull request 32 of tidepool-example/harbour",
					`complete {"ref":{"type":"ref/resource","uri":"github://{owner}/{repo}/issues/{number}"},"argument":{"name":"repo","value":"h"},"context":{"arguments":{"owner":"tidepool-example"}}}`: `"values":["harbour"],"total":1`,
					`complete {"ref":{"type":"ref/prompt","name":"github_review_pull_request"},"argument":{"name":"number","value":"3"},"context":{"arguments":{"repo":"tidepool-example/harbour"}}}`:      `"values":["39","32"],"total":2`,
				} {
					h.does(request)
					if got := h.says("answer", "failure"); got.Event != "answer" || !strings.Contains(got.Text, part) {
						t.Errorf("%s: %+v", request, got)
					}
				}
			})
		}
	}
}

// readsAfterSignIn reads an issue that takes a sign-in first.
func (h *typescriptHost) readsAfterSignIn(p practice, elicitation string) {
	h.t.Helper()
	const read, part = `readResource {"uri":"github://tidepool-example/harbour/issues/4"}`, "Times are off by an hour in summer"
	h.does(read)
	first := h.says("question", "failure")
	code := userCode.FindString(first.Message + first.Text)
	if code == "" || (first.Event == "question") != (elicitation != "none") {
		h.t.Fatalf("the first answer is %+v", first)
	}
	approveInPage(h.t, p.URL()+"/login/device", code)
	if elicitation != "none" {
		h.does("accept")
		if got := h.says("answer", "failure"); !strings.Contains(got.Text, part) {
			h.t.Errorf("after the approval: %+v", got)
		}
		return
	}
	eventually(h.t, "the sign-in", func() bool {
		h.does(read)
		return strings.Contains(h.says("answer", "failure").Text, part)
	})
}

// outcome names what an answer of github_whoami means to the person.
func outcome(e event, code string) string {
	switch {
	case e.Event == "failure":
		return asFailure
	case !e.IsError && strings.Contains(e.Text, "@mona-example"):
		return signedIn
	case e.IsError && strings.Contains(e.Text, "declined"):
		return asDeclined
	case !e.IsError && code != "" && strings.Contains(e.Text, code):
		return asWords
	}
	return "something else: " + e.Text
}

// table collects what was seen and logs it, in order, when all of it has been.
type table struct {
	mu   sync.Mutex
	rows []string
}

func newTable(t *testing.T, heading ...string) *table {
	t.Helper()
	seen := &table{}
	t.Cleanup(func() {
		slices.Sort(seen.rows)
		t.Log("\n" + tableRow(heading) + strings.Join(seen.rows, ""))
	})
	return seen
}

func (s *table) add(cells ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, tableRow(cells))
}

func tableRow(cells []string) string {
	var row strings.Builder
	for _, cell := range cells {
		fmt.Fprintf(&row, "%-19s ", cell)
	}
	return strings.TrimSpace(row.String()) + "\n"
}

// inspect runs MCP's Inspector.
func inspect(t *testing.T, env []string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	inspector := part(t, "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
	command := exec.CommandContext(ctx, node(t), append([]string{inspector, "--cli", "--format", "json", "-q"}, args...)...)
	command.Env = env
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("the Inspector: %v\n%s%s", err, output, stderr.String())
	}
	return string(output)
}

// TestInspector: MCP's own inspector finds the tools, has nothing to say
// against their schemas, and can call one, in every era it speaks.
func TestInspector(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	p := startPractice(t, "VALET_STORE=memory")
	key := "GITHUB_TOKEN=" + p.IssueToken("repo")
	for _, era := range []string{"legacy", "auto", "modern"} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			var listed struct {
				Result struct{ Tools []struct{ Name string } }
			}
			decode(t, inspect(t, p.env, "--protocol-era", era, "--strict", binary(t), "--method", "tools/list"), &listed)
			if len(listed.Result.Tools) != 14 {
				t.Errorf("%d tools: %v", len(listed.Result.Tools), listed)
			}
			var called struct {
				Result struct{ Content []struct{ Text string } }
			}
			server := []string{"-e", key, "-e", "GITHUB_HOST=" + p.URL(), binary(t)}
			call := []string{"--method", "tools/call", "--tool-name", "github_issue", "--tool-args-json", `{"repo":"tidepool-example/harbour","number":4}`}
			decode(t, inspect(t, p.env, append(append([]string{"--protocol-era", era}, server...), call...)...), &called)
			if text := fmt.Sprint(called.Result.Content); !strings.Contains(text, "Times are off by an hour in summer") {
				t.Errorf("the call answers %q", text)
			}
		})
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
}
