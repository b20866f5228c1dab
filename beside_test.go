package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// ask sends a request in the form of an era and answers its result or its error.
func (s *server) ask(era, method string, params map[string]any) map[string]any {
	s.t.Helper()
	if era == modernProtocol {
		params["_meta"] = map[string]any{"io.modelcontextprotocol/protocolVersion": era, "io.modelcontextprotocol/clientCapabilities": map[string]any{}}
	}
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": "ask", "method": method, "params": params})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(string(line))
	answer := s.receive()
	for _, key := range []string{"result", "error"} {
		if value, is := answer[key].(map[string]any); is {
			return value
		}
	}
	s.t.Fatalf("%s: %v", method, answer)
	return nil
}

// complete answers the values suggested for an argument of the contents.
func (s *server) complete(era, argument, typed string, others map[string]any) []any {
	s.t.Helper()
	answer := s.ask(era, "completion/complete", map[string]any{
		"ref":      map[string]any{"type": "ref/resource", "uri": "github://{owner}/{repo}/contents/{+path}{?ref}"},
		"argument": map[string]any{"name": argument, "value": typed}, "context": map[string]any{"arguments": others},
	})
	completion, is := answer["completion"].(map[string]any)
	if !is {
		s.t.Fatalf("completing %s: %v", argument, answer)
	}
	return completion["values"].([]any)
}

// readText answers the text of a resource, or of an error.
func (s *server) readText(era, uri string) string {
	s.t.Helper()
	answer := s.ask(era, "resources/read", map[string]any{"uri": uri})
	if contents, is := answer["contents"].([]any); is && len(contents) == 1 {
		text, _ := contents[0].(map[string]any)["text"].(string)
		return text
	}
	return fmt.Sprint(answer["code"], " ", answer["message"])
}

const (
	harbour = "github://tidepool-example/harbour/"
	private = "github://mona-example/dotfiles/contents/README.md"
)

// TestBesideTools tells the story of resources, prompts and completions from
// outside: what is listed before a sign-in and after it is the same, completions
// never start one, reading does, and prompts lead to calls that work.
func TestBesideTools(t *testing.T) {
	t.Parallel()
	for _, era := range []string{"2025-11-25", modernProtocol} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			p := startPractice(t, "VALET_STORE=memory")
			s := serve(t, p.env)
			if era != modernProtocol {
				s.initialize()
			}
			before := s.lists(era)
			for argument, typed := range map[string]string{"owner": "", "repo": "h", "path": "", "ref": ""} {
				if got := s.complete(era, argument, typed, map[string]any{"owner": "tidepool-example", "repo": "harbour"}); len(got) != 0 {
					t.Errorf("%s is completed to %v without a sign-in", argument, got)
				}
			}
			for _, task := range []string{"github_review_pull_request", "github_why_did_ci_fail"} {
				s.ask(era, "prompts/get", map[string]any{"name": task, "arguments": map[string]any{"repo": "tidepool-example/harbour", "number": "32"}})
			}
			if asked := p.Requests(); len(asked) != 0 {
				t.Errorf("%d requests before anything was read, the first to %s", len(asked), asked[0].Path)
			}
			expectEmptyHome(t, p.env)
			s.readAfterSignIn(era, p)
			s.completeAll(era)
			s.followPrompt(era)
			if after := s.lists(era); after != before {
				t.Errorf("the lists were\n%s\nand are\n%s", before, after)
			}
			s.end()
			p.expectNoSecret(t, s.stdout.String()+s.stderr.String())
		})
	}
}

// lists are what may never change.
func (s *server) lists(era string) string {
	s.t.Helper()
	var all strings.Builder
	for _, method := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
		answer := s.ask(era, method, map[string]any{})
		if answer["code"] != nil {
			s.t.Errorf("%s: %v", method, answer)
		}
		fmt.Fprintln(&all, answer)
	}
	return all.String()
}

// readAfterSignIn reads, is told to sign in, does so and reads again.
func (s *server) readAfterSignIn(era string, p practice) {
	s.t.Helper()
	first := s.readText(era, private)
	code := userCode.FindString(first)
	for _, part := range []string{"-32603 ", p.URL() + "/login/device", "minutes", "read the same resource again"} {
		if !strings.Contains(first, part) || code == "" {
			s.t.Fatalf("no %q in %q", part, first)
		}
	}
	approveInPage(s.t, p.URL()+"/login/device", code)
	eventually(s.t, "the sign-in", func() bool { return s.readText(era, private) == "# dotfiles\n\nMine.\n" })
	if n := p.asked(deviceCodePath); n != 1 {
		s.t.Errorf("%d codes were asked for", n)
	}
	for uri, part := range map[string]string{
		harbour + "issues/4":                           "# #4 Times are off by an hour in summer\n",
		harbour + "pulls/32":                           "\nreviews: changes requested by @grace-example",
		harbour + "contents/":                          "README.md",
		harbour + "contents/tide/tide.go":              "package tide",
		harbour + "issues/99999":                       "not found (404)",
		harbour + "contents/%2e%2e/%2e%2e/user":        "can't be part of a path",
		"https://github.com/tidepool-example/harbour":  "there is no resource",
		"github://tidepool-example/harbour/issues/1e9": "not found (404)",
	} {
		if text := s.readText(era, uri); !strings.Contains(text, part) {
			s.t.Errorf("%s: %q", uri, text)
		}
	}
}

func (s *server) completeAll(era string) {
	s.t.Helper()
	of := map[string]any{"owner": "tidepool-example", "repo": "harbour"}
	for _, c := range []struct{ argument, typed, want string }{
		{"owner", "mo", "[mona-example]"}, {"repo", "", "[harbour charts]"}, {"path", "tide/t", "[tide/tide.go tide/tide_test.go]"}, {"ref", "ma", "[main]"},
	} {
		if got := fmt.Sprint(s.complete(era, c.argument, c.typed, of)); got != c.want {
			s.t.Errorf("%s %q: %s, want %s", c.argument, c.typed, got, c.want)
		}
	}
}

var promptCall = regexp.MustCompile("`(github_[a-z_]+) ({[^`]*})`")

// followPrompt makes the calls that a prompt asks for.
func (s *server) followPrompt(era string) {
	s.t.Helper()
	answer := s.ask(era, "prompts/get", map[string]any{"name": "github_triage_issues", "arguments": map[string]any{"repo": "tidepool-example/harbour"}})
	text := fmt.Sprint(answer["messages"])
	calls := promptCall.FindAllStringSubmatch(text, -1)
	if len(calls) != 4 {
		s.t.Fatalf("%d calls in %q", len(calls), text)
	}
	for _, call := range calls {
		if strings.Contains(call[2], `"labels"`) {
			continue // The practice GitHub has no list of labels.
		}
		var arguments map[string]any
		if err := json.Unmarshal([]byte(strings.NewReplacer(`"NUMBER"`, "4", "WORDS", "summer").Replace(call[2])), &arguments); err != nil {
			s.t.Fatal(err)
		}
		result := s.ask(era, "tools/call", map[string]any{"name": call[1], "arguments": arguments})
		if result["isError"] == true || !strings.Contains(fmt.Sprint(result), "Times are off by an hour in summer") {
			s.t.Errorf("%s %v: %v", call[1], arguments, result)
		}
	}
}

// TestBesideToolsInside: VALET_REPOS, VALET_TOOLS and VALET_MAX_TOKENS bind
// what stands beside tools as well.
func TestBesideToolsInside(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "VALET_REPOS=tidepool-example/*", "VALET_MAX_TOKENS=500", "VALET_TOOLS=-github_pull_request")
	s := serve(t, with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo")))
	s.initialize()
	if text := s.readText("", private); !strings.Contains(text, "refused by VALET_REPOS") {
		t.Errorf("outside: %q", text)
	}
	if got := s.complete("", "owner", "", nil); fmt.Sprint(got) != "[tidepool-example]" {
		t.Errorf("owners: %v", got)
	}
	if n := len(p.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	if text, failed := s.call("github_issue_write", fmt.Sprintf(`{"action":"comment","repo":"tidepool-example/harbour","number":4,"body":%q}`, strings.Repeat("long ", 1000))); failed {
		t.Fatal(text)
	}
	text := s.readText("", harbour+"issues/4")
	if !strings.Contains(text, "\n\n[what is next: call the tool github_issue ") || len(text) > 2000 {
		t.Errorf("%d bytes: %q", len(text), text)
	}
	if text := s.readText("", harbour+"pulls/32"); !strings.Contains(text, "there is no resource") {
		t.Errorf("without its tool: %q", text)
	}
	if lists := s.lists(""); strings.Contains(lists, "github_pull_request]") || strings.Contains(lists, "github_review_pull_request") || strings.Contains(lists, "why_did_ci_fail") {
		t.Errorf("the lists are %s", lists)
	}
	s.end()
}

// TestBesideToolsMisconfigured: the lists stay, and reading says what is wrong.
func TestBesideToolsMisconfigured(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	fine, wrong := serve(t, p.env), serve(t, with(p.env, "VALET_REPOS=nonsense", "GITHUB_TOKEN="+p.IssueToken("repo")))
	fine.initialize()
	wrong.initialize()
	if a, b := fine.lists(""), wrong.lists(""); a != b {
		t.Errorf("the lists are\n%s\nand\n%s", a, b)
	}
	if text := wrong.readText("", harbour+"issues/4"); !strings.Contains(text, "VALET_REPOS") {
		t.Errorf("reading answers %q", text)
	}
	if got := wrong.complete("", "owner", "", nil); len(got) != 0 || len(p.Requests()) != 0 {
		t.Errorf("owners: %v, %d requests", got, len(p.Requests()))
	}
	fine.end()
	wrong.end()
}
