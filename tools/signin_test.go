package tools_test

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

const (
	approvalWait    = 20 * time.Second
	questionTimeout = 20 * time.Second
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

var codePattern = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

func code(t *testing.T, text string) string {
	t.Helper()
	found := codePattern.FindString(text)
	if found == "" {
		t.Fatalf("no code in %q", text)
	}
	return found
}

// client is a kind of host: its revision and what it declares.
type client struct {
	era         string
	elicitation map[string]any
	mode        string
}

func clients() map[string]client {
	form := map[string]any{"form": map[string]any{}}
	both := map[string]any{"form": map[string]any{}, "url": map[string]any{}}
	all := map[string]client{
		"2024-11-05 none":  {"2024-11-05", nil, ""},
		"2025-06-18 empty": {"2025-06-18", map[string]any{}, "form"},
		"2025-06-18 url":   {"2025-06-18", both, "url"},
	}
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		all[era+" none"] = client{era, nil, ""}
		all[era+" form"] = client{era, form, "form"}
		all[era+" url"] = client{era, both, "url"}
	}
	return all
}

// question is what the client is asked, however it is carried.
type question struct {
	id     any
	key    string
	state  string
	params map[string]any
}

// ask starts a call and receives the question.
func (h *host) ask(mode string) question {
	h.t.Helper()
	h.call(nil)
	q := question{}
	if !h.modern() {
		message := h.receive()
		if message["method"] != "elicitation/create" {
			h.t.Fatalf("not a question: %v", message)
		}
		q.id, q.params = message["id"], message["params"].(map[string]any)
	} else {
		result := h.result()
		if result["resultType"] != "input_required" {
			h.t.Fatalf("not a question: %v", result)
		}
		q.state = result["requestState"].(string)
		for key, request := range result["inputRequests"].(map[string]any) {
			q.key, q.params = key, request.(map[string]any)["params"].(map[string]any)
		}
	}
	h.checkQuestion(q, mode)
	return q
}

// checkQuestion holds a question against the specification, revision
// 2025-11-25 and 2026-07-28, "Elicitation".
func (h *host) checkQuestion(q question, mode string) {
	h.t.Helper()
	if got, _ := q.params["mode"].(string); got != mode && !(mode == "form" && got == "") {
		h.t.Errorf("mode is %q, want %q", got, mode)
	}
	message := q.params["message"].(string)
	if !strings.Contains(message, h.box.URL()+"/login/device") || !codePattern.MatchString(message) {
		h.t.Errorf("the message lacks the address or the code: %q", message)
	}
	_, hasID := q.params["elicitationId"]
	if hasID != (mode == "url" && !h.modern()) {
		h.t.Errorf("elicitationId is there: %v", hasID)
	}
	switch mode {
	case "url":
		if !strings.HasPrefix(q.params["url"].(string), h.box.URL()+"/login/device") {
			h.t.Errorf("url is %v", q.params["url"])
		}
	case "form":
		schema := q.params["requestedSchema"].(map[string]any)
		properties, _ := schema["properties"].(map[string]any)
		if schema["type"] != "object" || len(properties) == 0 {
			h.t.Errorf("requestedSchema is not a flat object: %v", schema)
		}
		for name, property := range properties {
			if kind := property.(map[string]any)["type"]; kind != "boolean" && kind != "string" {
				h.t.Errorf("property %s is a %v", name, kind)
			}
		}
	}
}

// reply answers a question.
func (h *host) reply(q question, action string) {
	h.t.Helper()
	answer := map[string]any{"action": action}
	if action == "accept" {
		answer["content"] = map[string]any{"approved": true}
	}
	if h.modern() {
		h.call(map[string]any{"requestState": q.state, "inputResponses": map[string]any{q.key: answer}})
		return
	}
	h.send(map[string]any{"id": q.id, "result": answer})
}

func (h *host) expectSignedIn(result map[string]any) {
	h.t.Helper()
	if text := textOf(h.t, result); !strings.Contains(text, "mona-example") || result["isError"] == true {
		h.t.Errorf("not the tool's own answer: %v", result)
	}
}

func (h *host) expectWords(result map[string]any, code string) {
	h.t.Helper()
	text := textOf(h.t, result)
	for _, want := range []string{code, h.box.URL() + "/login/device", "minutes", "call the same tool again"} {
		if !strings.Contains(text, want) {
			h.t.Errorf("the words lack %q: %q", want, text)
		}
	}
	if result["isError"] == true {
		h.t.Error("a missing sign-in is given as an error")
	}
}

// outcomes are what a person, or a client, may make of the question. Each
// receives everything up to the answer of the call.
func outcomes() map[string]func(h *host, q question, code string) {
	return map[string]func(h *host, q question, code string){
		"approved and accepted": func(h *host, q question, code string) {
			h.approve(code)
			h.reply(q, "accept")
			h.expectSignedIn(h.result())
		},
		"accepted, approved later": func(h *host, q question, code string) {
			h.reply(q, "accept")
			h.approve(code)
			h.expectSignedIn(h.result())
		},
		"accepted, never approved": func(h *host, q question, code string) {
			h.reply(q, "accept")
			h.clock.fire(h.t, approvalWait)
			result := h.result()
			for round := 1; h.modern() && result["resultType"] == "input_required"; round++ {
				if round > 9 {
					h.t.Fatal("the chain of retries is too long for clients, which stop at ten")
				}
				h.call(map[string]any{"requestState": result["requestState"]})
				h.clock.fire(h.t, approvalWait)
				result = h.result()
			}
			h.expectWords(result, code)
			h.approve(code)
		},
		"declined": func(h *host, q question, code string) {
			h.reply(q, "decline")
			if result := h.result(); result["isError"] != true || !strings.Contains(textOf(h.t, result), "declined") {
				h.t.Errorf("a declined sign-in: %v", result)
			}
			h.approve(code)
		},
		"cancelled": func(h *host, q question, code string) {
			h.reply(q, "cancel")
			h.expectWords(h.result(), code)
			h.approve(code)
		},
		"undeliverable": func(h *host, q question, code string) {
			if h.modern() {
				h.call(map[string]any{"requestState": q.state})
				if result := h.result(); result["resultType"] != "input_required" {
					h.t.Errorf("a missing answer isn't asked for again: %v", result)
				}
			} else {
				h.send(map[string]any{"id": q.id, "error": map[string]any{"code": -32603, "message": "no dialog"}})
				h.expectWords(h.result(), code)
			}
			h.approve(code)
		},
		"ignored": func(h *host, q question, code string) {
			if !h.modern() {
				h.loop.fire(h.t, questionTimeout)
				notice := h.receive()
				if notice["method"] != "notifications/cancelled" || fmt.Sprint(notice["params"].(map[string]any)["requestId"]) != fmt.Sprint(q.id) {
					h.t.Errorf("the question isn't taken back: %v", notice)
				}
				h.expectWords(h.result(), code)
			}
			h.approve(code)
		},
	}
}

// TestSignInInsideACall is the whole matrix: every kind of client, everything
// that may come of the question. Whatever happens, the call is answered, and
// once approved the next one works.
func TestSignInInsideACall(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		if c.mode == "" {
			continue
		}
		for outcome, act := range outcomes() {
			t.Run(name+"/"+outcome, func(t *testing.T) {
				t.Parallel()
				h := newHost(t, c.era, c.elicitation)
				q := h.ask(c.mode)
				act(h, q, code(t, q.params["message"].(string)))
				h.call(nil)
				h.expectSignedIn(h.result())
				h.expectNoSecrets()
			})
		}
	}
}

// TestSignInInWords is for clients that can show nothing but an answer.
func TestSignInInWords(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		if c.mode != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, c.era, c.elicitation)
			h.call(nil)
			first := h.result()
			code := code(t, textOf(t, first))
			h.expectWords(first, code)
			h.call(nil)
			h.expectWords(h.result(), code)
			h.clock.pass(time.Minute)
			h.call(nil)
			h.approve(code)
			h.expectSignedIn(h.result())
			if got := h.count("/login/device/code"); got != 1 {
				t.Errorf("%d codes were asked for, want 1", got)
			}
			if got := <-h.opened; got != h.box.URL()+"/login/device" || len(h.opened) != 0 {
				t.Errorf("the browser was sent to %q, and then %d times more", got, len(h.opened))
			}
			if !strings.Contains(h.stderr.String(), code) {
				t.Errorf("stderr doesn't show the code: %q", h.stderr)
			}
			h.expectNoSecrets()
		})
	}
}

// TestBrowserIsLeftToTheClient: a client that opens links doesn't need a
// second window.
func TestBrowserIsLeftToTheClient(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", map[string]any{"url": map[string]any{}})
	q := h.ask("url")
	h.reply(q, "cancel")
	h.result()
	if len(h.opened) != 0 {
		t.Error("a browser was opened although the client opens the link")
	}
}

// TestApprovedButDialogClosed: what counts is the approval, not what becomes
// of the dialog.
func TestApprovedButDialogClosed(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"cancel", "decline"} {
		h := newHost(t, "2025-11-25", map[string]any{"form": map[string]any{}})
		q := h.ask("form")
		h.call(nil)
		h.approve(code(t, q.params["message"].(string)))
		h.expectSignedIn(h.result())
		h.reply(q, action)
		message := h.receive()
		result, ok := message["result"].(map[string]any)
		if !ok || fmt.Sprint(message["id"]) != "1" {
			t.Fatalf("not the answer to the first call: %v", message)
		}
		h.expectSignedIn(result)
	}
}

// TestSignInDenied: what the person says no to is told, and the next call may
// ask anew.
func TestSignInDenied(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", map[string]any{"form": map[string]any{}})
	q := h.ask("form")
	first := code(t, q.params["message"].(string))
	if err := h.box.Deny(first); err != nil {
		t.Fatal(err)
	}
	close(h.polling)
	h.reply(q, "accept")
	if result := h.result(); result["isError"] != true || !strings.Contains(textOf(t, result), "declined in the browser") {
		t.Errorf("a denied sign-in: %v", result)
	}
	if again := code(t, h.ask("form").params["message"].(string)); again == first {
		t.Error("the denied code is shown again")
	}
}

// TestForgedState: a state from another time, or from nowhere, starts afresh.
func TestForgedState(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"", ".", "nobody.3", "nobody.-1", "nobody.99999999999999999999", strings.Repeat("x", 10000)} {
		h := newHost(t, "2026-07-28", map[string]any{"form": map[string]any{}})
		h.call(map[string]any{"requestState": state, "inputResponses": map[string]any{"sign_in:nobody": map[string]any{"action": "accept"}}})
		if result := h.result(); result["resultType"] != "input_required" {
			t.Errorf("state %.20q: %v", state, result)
		}
	}
}

// TestManyCallsOneSignIn: calls that wait for the same person share one code,
// one question and one token.
func TestManyCallsOneSignIn(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", map[string]any{"form": map[string]any{}})
	const calls = 20
	for range calls {
		h.call(nil)
	}
	asked := h.receive()
	if asked["method"] != "elicitation/create" {
		t.Fatalf("not a question: %v", asked)
	}
	h.approve(code(t, asked["params"].(map[string]any)["message"].(string)))
	h.send(map[string]any{"id": asked["id"], "result": map[string]any{"action": "accept"}})
	for range calls {
		message := h.receive()
		result, ok := message["result"].(map[string]any)
		if !ok {
			t.Fatalf("not an answer: %v", message)
		}
		h.expectSignedIn(result)
	}
	if got := h.count("/login/device/code"); got != 1 {
		t.Errorf("%d codes were asked for, want 1", got)
	}
}

// TestPingWhileWaiting: a call that waits for a person holds nothing up.
func TestPingWhileWaiting(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", map[string]any{"form": map[string]any{}})
	h.ask("form")
	h.send(map[string]any{"id": "ping", "method": "ping"})
	if message := h.receive(); message["id"] != "ping" {
		t.Errorf("not the answer to the ping: %v", message)
	}
}

// TestRevokedInTheMiddle: a token that stops working leads to a new sign-in,
// not to an error for ever.
func TestRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", nil)
	h.call(nil)
	h.approve(code(t, textOf(t, h.result())))
	h.clock.pass(time.Minute)
	h.call(nil)
	h.expectSignedIn(h.result())
	h.box.RevokeGrants()
	h.call(nil)
	h.expectWords(h.result(), codePattern.FindString(h.lastCode()))
}

func (h *host) lastCode() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := codePattern.FindAllString(h.transcript.String(), -1)
	return all[len(all)-1]
}

func (h *host) count(path string) int {
	n := 0
	for _, r := range h.box.Requests() {
		if r.Path == path {
			n++
		}
	}
	return n
}

func (h *host) expectNoSecrets() {
	h.t.Helper()
	secrets := append(h.secrets(), sandbox.ClientSecret)
	if len(secrets) < 3 {
		h.t.Fatalf("only %d secrets to look for", len(secrets))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, secret := range secrets {
		if strings.Contains(h.transcript.String()+h.stderr.String(), secret) {
			h.t.Errorf("a secret of %d bytes was shown", len(secret))
		}
	}
}
