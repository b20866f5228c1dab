package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	commentPath = "/api/v3/repos/tidepool-example/harbour/issues/4/comments"
	commentTool = "github_issue_write"
	// commentText is what the person agrees to.
	commentText = "Fine by me, as agreed."
)

// commentArguments are those of a call that comments on an issue.
func commentArguments(body string) string {
	return fmt.Sprintf(`{"action":"comment","repo":"tidepool-example/harbour","number":4,"body":%q}`, body)
}

// commentCall is such a call in the words of the TypeScript host.
func commentCall(body string) string {
	return fmt.Sprintf(`callTool {"name":%q,"arguments":%s}`, commentTool, commentArguments(body))
}

// comments are the bodies of the comments that the practice GitHub was sent.
func (p practice) comments() []string {
	var all []string
	for _, r := range p.Requests() {
		if r.Method == "POST" && r.Path == commentPath {
			all = append(all, string(r.Body))
		}
	}
	return all
}

// expectComments: so many comments were sent, each of them what was agreed to.
func (p practice) expectComments(t *testing.T, want int) {
	t.Helper()
	sent := p.comments()
	for _, body := range sent {
		var comment struct{ Body string }
		if decode(t, body, &comment); comment.Body != commentText {
			t.Errorf("%q was sent", body)
		}
	}
	if len(sent) != want {
		t.Errorf("%d comments were sent, want %d: %q", len(sent), want, sent)
	}
}

// askFirst are the variables with which nothing is changed unasked, at a practice
// GitHub that is signed in to.
func askFirst(t *testing.T) practice {
	t.Helper()
	p := startPractice(t, "VALET_STORE=memory", "VALET_CONFIRM=writes")
	p.env = with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
	return p
}

// toldInstead is what a model is told instead of an answer, by what the host said
// to the question.
func toldInstead() map[string]string {
	return map[string]string{
		"accept":  "",
		"decline": "declined",
		"cancel":  "nobody agreed",
		"fail":    "nobody agreed",
	}
}

// TestTypeScriptClientAgrees: at a client that valetkey's authors didn't write, a
// change is sent once if the person agrees, and else isn't.
func TestTypeScriptClientAgrees(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	seen := newTable(t, "era", "answer", "sent", "the model is told")
	for era, protocol := range eras() {
		for action, words := range toldInstead() {
			t.Run(era+"/"+action, func(t *testing.T) {
				t.Parallel()
				p := askFirst(t)
				h := startTypeScriptHost(t, p.env, era, "form")
				h.connected(protocol)
				h.does(commentCall(commentText))
				expectDecision(t, h.says("question"))
				p.expectComments(t, 0)
				h.does(action)
				said := h.says("answer", "failure")
				want := 0
				if action == "accept" {
					want = 1
				}
				p.expectComments(t, want)
				if failed := action == "fail" && protocol == modernProtocol; !failed && (!strings.Contains(said.Text, words) || strings.Contains(said.Text, `"isError":true`) != (want == 0)) {
					t.Errorf("the model is told %q", said.Text)
				}
				seen.add(era, action, fmt.Sprint(want), firstWords(t, said))
				h.asksAgain(p, want)
			})
		}
	}
}

// firstWords are those of a tool's answer, or of the host's own error.
func firstWords(t *testing.T, said event) string {
	t.Helper()
	text := said.Text
	if said.Event == "answer" {
		var result struct{ Content []struct{ Text string } }
		decode(t, text, &result)
		text = result.Content[0].Text
	}
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// eras are the protocols that each way to negotiate one ends with.
func eras() map[string]string {
	return map[string]string{"legacy": "2025-11-25", "auto": modernProtocol, modernProtocol: modernProtocol}
}

// decision is what a question about the comment has to say.
func decision() []string {
	return []string{"github: Write issues", "comment, repo tidepool-example/harbour, number 4", commentText, "POST http://127.0.0.1:", commentPath, "VALET_CONFIRM=writes"}
}

// expectDecision holds a question against what a person has to know.
func expectDecision(t *testing.T, question event) {
	t.Helper()
	if !containsAll(question.Message, decision()) {
		t.Errorf("the question is %q", question.Message)
	}
	if question.Mode != "form" {
		t.Errorf("the mode is %q", question.Mode)
	}
}

// asksAgain: a word doesn't hold for the next call, though it is the same.
func (h *typescriptHost) asksAgain(p practice, sent int) {
	h.t.Helper()
	h.does(commentCall(commentText))
	h.says("question")
	h.does("decline")
	h.says("answer")
	p.expectComments(h.t, sent)
}

// TestTypeScriptClientCantAsk: where nobody can be asked, nothing is sent, and the
// words say what the person can do.
func TestTypeScriptClientCantAsk(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	for era, protocol := range eras() {
		for _, elicitation := range []string{"url", "none"} {
			t.Run(era+"/"+elicitation, func(t *testing.T) {
				t.Parallel()
				p := askFirst(t)
				h := startTypeScriptHost(t, p.env, era, elicitation)
				h.connected(protocol)
				h.does(commentCall(commentText))
				said := h.says("answer")
				if !containsAll(said.Text, wayOut()) || !strings.Contains(said.Text, `"isError":true`) {
					t.Errorf("the model is told %q", said.Text)
				}
				p.expectComments(t, 0)
			})
		}
	}
}

// wayOut is in what a model is told where nobody can be asked.
func wayOut() []string {
	return []string{"nothing was sent", "VALET_CONFIRM=writes", "this host can't ask them", "set VALET_CONFIRM=untrusted"}
}

// TestTypeScriptClientChangesItsMind: who agrees to one call and hands in another
// with the answer is asked about that one.
func TestTypeScriptClientChangesItsMind(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	p := askFirst(t)
	h := startTypeScriptHost(t, p.env, modernProtocol, "form")
	h.connected(modernProtocol)
	asked := h.callsByHand("Something else.", "")
	h.callsByHand(commentText, asked)
	p.expectComments(t, 0)
	// What is asked by hand can also be agreed to by hand.
	h.does(byHand(commentText, h.callsByHand(commentText, "")))
	if said := h.says("answer", "failure"); !strings.Contains(said.Text, "commented on tidepool-example/harbour#4") {
		t.Errorf("after the answer: %+v", said)
	}
	p.expectComments(t, 1)
}

// byHand is a call in the words of the TypeScript host, with the answer to an
// earlier question, which the host leaves to the person of this test.
func byHand(body, answered string) string {
	return fmt.Sprintf(`request [{"method":"tools/call","params":{"name":%q,"arguments":%s%s}},{"allowInputRequired":true}]`, commentTool, commentArguments(body), answered)
}

// callsByHand calls, has to be asked about it, and answers what says yes to that.
func (h *typescriptHost) callsByHand(body, answered string) string {
	h.t.Helper()
	h.does(byHand(body, answered))
	said := h.says("answer", "failure")
	var asked struct {
		ResultType, RequestState string
		InputRequests            map[string]json.RawMessage
	}
	if decode(h.t, said.Text, &asked); asked.ResultType != "input_required" || len(asked.InputRequests) != 1 {
		h.t.Fatalf("it isn't asked about: %+v", said)
	}
	for key, question := range asked.InputRequests {
		if !strings.Contains(string(question), body) {
			h.t.Errorf("%q is asked about with %s", body, question)
		}
		return fmt.Sprintf(`,"requestState":%q,"inputResponses":{%q:{"action":"accept","content":{}}}`, asked.RequestState, key)
	}
	return ""
}
