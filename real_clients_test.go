package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
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
	command := exec.Command("node", filepath.Join(realParts, "host.mjs"), binary(t), era, elicitation)
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

func (h *typescriptHost) says(want string) event {
	h.t.Helper()
	line := firstLine(h.t, h.lines)
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil || e.Event != want {
		h.t.Fatalf("want the event %q, got %q", want, line)
	}
	return e
}

// TestTypeScriptClient holds a sign-in to what each kind of host shows: both
// eras, every way to ask and every answer a person may give.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	eras := map[string]string{"legacy": "2025-11-25", "2026-07-28": "2026-07-28"}
	for era, protocol := range eras {
		for _, elicitation := range []string{"form", "url"} {
			for _, action := range []string{"accept", "decline", "cancel"} {
				t.Run(era+"/"+elicitation+"/"+action, func(t *testing.T) {
					t.Parallel()
					testQuestion(t, era, protocol, elicitation, action)
				})
			}
		}
		t.Run(era+"/none", func(t *testing.T) {
			t.Parallel()
			testWords(t, era, protocol)
		})
	}
}

// testQuestion: the host is asked to ask, and one call tells what came of it.
func testQuestion(t *testing.T, era, protocol, elicitation, action string) {
	p := startPractice(t, "VALET_STORE=memory")
	h := startTypeScriptHost(t, p.env, era, elicitation)
	if hello := h.says("connected"); hello.Server != "valetkey" || hello.Protocol != protocol {
		t.Errorf("connected: %+v", hello)
	}
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
	if action == "accept" {
		if err := sandbox.ApproveInPage(t.Context(), page, code); err != nil {
			t.Fatal(err)
		}
	}
	h.does(action)
	answer := h.says("answer")
	t.Logf("%-10s  %-4s  %-7s  %s", era, elicitation, action, outcome(answer, code))
	want := map[string]string{"accept": "signed in", "decline": "declined", "cancel": "words with the code"}[action]
	if got := outcome(answer, code); got != want {
		t.Errorf("want %s, got %s: %+v", want, got, answer)
	}
	if p.asked(deviceCodePath) != 1 {
		t.Errorf("%d codes were asked for, want 1", p.asked(deviceCodePath))
	}
}

// testWords: a host that can't ask gets words, and after the approval the same
// call again.
func testWords(t *testing.T, era, protocol string) {
	p := startPractice(t, "VALET_STORE=memory")
	h := startTypeScriptHost(t, p.env, era, "none")
	if hello := h.says("connected"); hello.Protocol != protocol {
		t.Errorf("connected: %+v", hello)
	}
	h.does("call")
	first := h.says("answer")
	code := userCode.FindString(first.Text)
	if outcome(first, code) != "words with the code" {
		t.Fatalf("the first answer is %+v", first)
	}
	if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", code); err != nil {
		t.Fatal(err)
	}
	var last event
	eventually(t, "the sign-in", func() bool {
		h.does("call")
		last = h.says("answer")
		return outcome(last, code) == "signed in"
	})
	t.Logf("%-10s  %-4s  %-7s  %s, then %s", era, "none", "-", outcome(first, code), outcome(last, code))
	if p.asked(deviceCodePath) != 1 {
		t.Errorf("%d codes were asked for, want 1", p.asked(deviceCodePath))
	}
}

// outcome names what an answer of github_whoami means to the person.
func outcome(e event, code string) string {
	switch {
	case !e.IsError && strings.Contains(e.Text, "@mona-example"):
		return "signed in"
	case e.IsError && strings.Contains(e.Text, "declined"):
		return "declined"
	case !e.IsError && code != "" && strings.Contains(e.Text, code):
		return "words with the code"
	}
	return "something else"
}

// inspect runs MCP's Inspector, on a Node of its own since it needs a newer
// one than most systems have.
func inspect(t *testing.T, env []string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	inspector := part(t, "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
	command := exec.CommandContext(ctx, part(t, "node", "bin", "node"), append([]string{inspector, "--cli", "--format", "json", "-q"}, args...)...)
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
			if len(listed.Result.Tools) != 8 {
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
