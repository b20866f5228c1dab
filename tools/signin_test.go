package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

const (
	approvalWait    = 20 * time.Second
	questionTimeout = 20 * time.Second
)

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
		"accepted, never approved": neverApproved,
		"declined": func(h *host, q question, code string) {
			h.reply(q, "decline")
			result := h.result()
			if text := textOf(h.t, result); result["isError"] != true && h.resource == "" || !strings.Contains(text, "declined") || !strings.Contains(text, code) || !strings.Contains(text, h.box.URL()+"/login/device") {
				h.t.Errorf("a declined sign-in: %v", result)
			}
			h.approve(code)
		},
		"cancelled": func(h *host, q question, code string) {
			h.reply(q, "cancel")
			h.expectWords(h.result(), code)
			h.approve(code)
		},
		"undeliverable": undelivered,
		"ignored":       ignored,
	}
}

// neverApproved accepts the question and then does nothing.
func neverApproved(h *host, q question, code string) {
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
}

// undelivered is a client whose dialog can't be shown.
func undelivered(h *host, q question, code string) {
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
}

// ignored is a client that never answers the question.
func ignored(h *host, q question, code string) {
	if !h.modern() {
		h.loop.fire(h.t, questionTimeout)
		notice := h.receive()
		if notice["method"] != "notifications/cancelled" || fmt.Sprint(notice["params"].(map[string]any)["requestId"]) != fmt.Sprint(q.id) {
			h.t.Errorf("the question isn't taken back: %v", notice)
		}
		h.expectWords(h.result(), code)
	}
	h.approve(code)
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

// TestSignInToRead is the same matrix for whoever reads a resource, where a
// client that is asked nothing is told in an error.
func TestSignInToRead(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		for outcome, act := range outcomes() {
			t.Run(name+"/"+outcome, func(t *testing.T) {
				t.Parallel()
				h := newHost(t, c.era, c.elicitation)
				h.resource = "github://tidepool-example/harbour/issues/10"
				if c.mode == "" {
					h.call(nil)
					first := h.result()
					h.expectWords(first, code(t, textOf(t, first)))
					h.approve(h.lastCode())
					h.clock.pass(time.Minute)
				} else {
					q := h.ask(c.mode)
					act(h, q, code(t, q.params["message"].(string)))
				}
				h.call(nil)
				h.expectSignedIn(h.result())
				if got := h.count("/login/device/code"); got != 1 {
					t.Errorf("%d codes were asked for, want 1", got)
				}
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

// TestSignedInByAnotherHost: a call that has waited in vain for its own code
// finds the token that another host was given meanwhile.
func TestSignedInByAnotherHost(t *testing.T) {
	t.Parallel()
	h := newHost(t, "2025-11-25", map[string]any{"form": map[string]any{}})
	h.reply(h.ask("form"), "accept")
	other := credentials.Record{
		Service: "github", Host: strings.TrimPrefix(h.box.URL(), "http://"), ClientID: sandbox.ClientID, Scopes: []string{"repo"},
		Token: oauth.Token{Access: oauth.NewSecret(h.box.IssueToken("repo")), Type: "Bearer"}, SignedIn: time.Now(),
	}
	if err := h.store.Write(t.Context(), "github", &other); err != nil {
		t.Fatal(err)
	}
	h.clock.fire(t, approvalWait)
	h.expectSignedIn(h.result())
}
