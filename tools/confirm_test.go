package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/gate"
)

const commentPath = "/api/v3/repos/tidepool-example/harbour/issues/1/comments"

// newAskingHost is a host at which every change is asked about, before one.
func newAskingHost(t *testing.T, c client, signedIn bool) *host {
	t.Helper()
	h := newGuardedHost(t, c, &gate.Rules{Confirm: gate.Writes}, signedIn)
	h.tool = "github_issue_write"
	h.arguments = map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "Fine\nby me."}
	return h
}

// sent is how often the comment went to GitHub.
func (h *host) sent() int {
	n := 0
	for _, r := range h.box.Requests() {
		if r.Method == "POST" && r.Path == commentPath {
			n++
		}
	}
	return n
}

// asking are the clients that can show forms.
func asking() map[string]client {
	all := clients()
	for name, c := range all {
		if c.elicitation == nil {
			delete(all, name)
		}
	}
	return all
}

// What the person agrees to is sent, once; what they don't, isn't.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for name, c := range asking() {
		for action, want := range map[string]struct {
			sent  int
			words string
		}{
			"accept": {1, ""}, "decline": {0, "declined"}, "cancel": {0, "nobody agreed"},
		} {
			t.Run(name+" "+action, func(t *testing.T) {
				t.Parallel()
				h := newAskingHost(t, c, true)
				h.call(nil)
				q := h.asked()
				checkDecision(t, q)
				if h.sent() != 0 {
					t.Fatal("it was sent before the person was asked")
				}
				h.reply(q, action)
				result := h.result()
				text := textOf(t, result)
				if h.sent() != want.sent || !strings.Contains(text, want.words) || want.sent == 0 && result["isError"] != true {
					t.Errorf("%d sent: %v", h.sent(), result)
				}
				// The next one is asked about again.
				h.call(nil)
				h.reply(h.asked(), "decline")
				h.result()
				if h.sent() != want.sent {
					t.Error("agreeing once was agreeing twice")
				}
			})
		}
	}
}

// checkDecision holds a question against the specification, "Elicitation", and
// what a person has to know.
func checkDecision(t *testing.T, q question) {
	t.Helper()
	if mode, _ := q.params["mode"].(string); mode != "form" && mode != "" {
		t.Errorf("mode is %q", mode)
	}
	schema := q.params["requestedSchema"].(map[string]any)
	if properties, is := schema["properties"].(map[string]any); schema["type"] != "object" || !is || len(properties) != 0 {
		t.Errorf("requestedSchema is %v", schema)
	}
	message := q.params["message"].(string)
	for _, want := range []string{"Write issues", "comment", "repo tidepool-example/harbour", "number 1", `body "Fine\nby me."`, "POST http://127.0.0.1:", commentPath, "VALET_CONFIRM=writes"} {
		if !strings.Contains(message, want) {
			t.Errorf("the question lacks %q: %q", want, message)
		}
	}
}

// Who can't be asked gets nothing sent, and learns what to do.
func TestConfirmWithoutForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]client{
		"none": {"2025-11-25", nil, ""}, "modern none": {"2026-07-28", nil, ""},
		"url only": {"2025-11-25", map[string]any{"url": map[string]any{}}, ""}, "modern url only": {"2026-07-28", map[string]any{"url": map[string]any{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newAskingHost(t, c, true)
			h.call(nil)
			result := h.result()
			text := textOf(t, result)
			for _, want := range []string{"can't ask", "set VALET_CONFIRM=untrusted"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %q", text, want)
				}
			}
			if h.sent() != 0 || result["isError"] != true {
				t.Errorf("%d sent: %v", h.sent(), result)
			}
		})
	}
}

// What asks the person less than now is named to them, by the rule that asks.
func TestAskedLess(t *testing.T) {
	t.Parallel()
	for want, rules := range map[string]*gate.Rules{
		"set VALET_CONFIRM=untrusted in": {Confirm: gate.Writes},
		"set VALET_CONFIRM=never in":     {Confirm: gate.AfterStranger, Untrusted: &gate.Untrusted{Elsewhere: true}},
	} {
		h := newGuardedHost(t, client{"2025-11-25", nil, ""}, rules, true)
		h.tool, h.arguments = "github_issue_write", map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "Fine."}
		h.call(nil)
		if text := textOf(t, h.result()); !strings.Contains(text, want) || h.sent() != 0 {
			t.Errorf("%d sent; %q lacks %q", h.sent(), text, want)
		}
	}
}

// A sign-in may come between the person's word and the request.
func TestConfirmBeforeSignIn(t *testing.T) {
	t.Parallel()
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			h := newAskingHost(t, client{era, map[string]any{"form": map[string]any{}}, "form"}, false)
			h.call(nil)
			h.reply(h.asked(), "accept")
			signIn := h.asked()
			h.approve(code(t, signIn.params["message"].(string)))
			h.reply(signIn, "accept")
			if result := h.result(); h.sent() != 1 {
				t.Errorf("%d sent: %v", h.sent(), result)
			}
		})
	}
}

// A word holds for the call it was given for, once, and for a while.
func TestConfirmIsBound(t *testing.T) {
	t.Parallel()
	form := map[string]any{"form": map[string]any{}}
	for name, forge := range map[string]func(h *host, q question) question{
		"another body": func(h *host, q question) question {
			h.arguments = map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "Mine."}
			return q
		},
		"no such question": func(_ *host, q question) question {
			q.state, q.key = "confirm:AAAA", "confirm:AAAA"
			return q
		},
		"twice": func(h *host, q question) question {
			h.reply(q, "decline")
			h.result()
			return q
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newAskingHost(t, client{"2026-07-28", form, "form"}, true)
			h.call(nil)
			h.reply(forge(h, h.asked()), "accept")
			if h.asked(); h.sent() != 0 {
				t.Errorf("%d sent", h.sent())
			}
		})
	}
}

// A dialog that is left open is answered however late, and whatever was asked
// meanwhile, unless that was a hundred questions.
func TestConfirmLate(t *testing.T) {
	t.Parallel()
	for between, want := range map[int]int{1: 1, 99: 1, 100: 0} {
		t.Run(fmt.Sprint(between), func(t *testing.T) {
			t.Parallel()
			h := newAskingHost(t, client{"2026-07-28", map[string]any{"form": map[string]any{}}, "form"}, true)
			h.call(nil)
			q := h.asked()
			for range between {
				h.clock.pass(time.Hour)
				h.call(nil)
				h.asked()
			}
			h.reply(q, "accept")
			if result := h.result(); h.sent() != want || (result["resultType"] == "input_required") != (want == 0) {
				t.Errorf("%d sent: %v", h.sent(), result)
			}
		})
	}
}

// What the person agreed to before a sign-in isn't sent if that takes too long.
func TestConfirmBeforeLateSignIn(t *testing.T) {
	t.Parallel()
	h := newAskingHost(t, client{"2026-07-28", map[string]any{"form": map[string]any{}}, "form"}, false)
	h.call(nil)
	h.reply(h.asked(), "accept")
	signIn := h.asked()
	h.clock.pass(11 * time.Minute)
	h.approve(code(t, signIn.params["message"].(string)))
	h.reply(signIn, "accept")
	checkDecision(t, h.asked())
	if h.sent() != 0 {
		t.Errorf("%d sent", h.sent())
	}
}

// A word for a call isn't one for a longer call that begins with the same request.
func TestConfirmIsForTheWholeCall(t *testing.T) {
	t.Parallel()
	h := newAskingHost(t, client{"2026-07-28", map[string]any{"form": map[string]any{}}, "form"}, true)
	remove := func(labels ...string) {
		h.arguments = map[string]any{"action": "remove_labels", "repo": "tidepool-example/harbour", "number": 1, "labels": labels}
	}
	remove("bug")
	h.call(nil)
	q := h.asked()
	remove("bug", "help wanted")
	h.reply(q, "accept")
	h.asked()
	if n := h.count("/api/v3/repos/tidepool-example/harbour/issues/1/labels/bug"); n != 0 {
		t.Errorf("%d requests to remove a label were sent", n)
	}
}

// What is shown is what would be sent: nothing hidden, nothing that pretends to be
// another argument, and both ends of what is long.
func TestQuestionsAreReadable(t *testing.T) {
	t.Parallel()
	h := newAskingHost(t, client{"2025-11-25", map[string]any{}, "form"}, true)
	h.arguments["body"] = "Hello\u200b\u202e\U000E0041\uFE01\", repo good/one " + strings.Repeat("x", 5000) + " the end"
	h.call(nil)
	message := h.asked().params["message"].(string)
	if strings.ContainsAny(message, "\u200b\u202e\U000E0041\uFE01") || !strings.Contains(message, `Hello\u200b\u202e\udb40\udc41\ufe01\", repo good/one`) || !strings.Contains(message, "the end") || len(message) > 4500 {
		t.Errorf("%d bytes: %q", len(message), message)
	}
}

// A host may show three lines of a question, of 70 characters each: what is done to
// what, and the request, stand there however much a model has written.
func TestQuestionsBeginWithWhatDecides(t *testing.T) {
	t.Parallel()
	h := newAskingHost(t, client{"2025-11-25", map[string]any{}, "form"}, true)
	long := strings.Repeat("long ", 500)
	h.arguments = map[string]any{"action": "update", "repo": "tidepool-example/harbour", "number": 1, "title": long, "body": long, "labels": []string{long}, "assignees": []string{"ada-example"}, "type": "Bug"}
	h.call(nil)
	message := h.asked().params["message"].(string)
	for _, want := range []string{"update, repo tidepool-example/harbour, number 1", "assignees", "ada-example", "type Bug", ". It sends PATCH http://127.0.0.1:"} {
		if !strings.Contains(message[:210], want) {
			t.Errorf("the first lines lack %q: %q", want, message)
		}
	}
	for _, want := range []string{`title "long`, `body "long`, "labels", "VALET_CONFIRM=writes"} {
		if !strings.Contains(message, want) {
			t.Errorf("it lacks %q: %q", want, message)
		}
	}
}
