package loopback_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	for _, redirect := range []string{"", "http://localhost", "http://localhost/sign%20in", "http://127.0.0.1/"} {
		p := serve(t)
		f := p.flow()
		f.Redirect = redirect
		f.Client.Resources = []string{"https://api.example.com/"}
		approval, page := approved(t, f)
		if approval.Token.Access.Reveal() != accessToken || approval.Token.Refresh.Reveal() != refreshToken || !approval.Token.Expiry.Equal(p.clock.Now().Add(time.Hour)) {
			t.Errorf("%q: got %+v", redirect, approval.Token)
		}
		select {
		case early := <-page:
			t.Errorf("%q: the browser was told before we knew: %+v", redirect, early)
		default:
		}
		approval.Tell(nil)
		got := <-page
		got.is(t, redirect, 200, "kept")
		if !strings.Contains(got.body, "signed in to Example") || !strings.Contains(got.body, "close this tab") {
			t.Errorf("%q: the page says %s", redirect, got.body)
		}
		if len(p.asked().authorized) != 1 || len(p.asked().tokens) != 1 {
			t.Fatalf("%q: asked %d times for a code, %d times for a token", redirect, len(p.asked().authorized), len(p.asked().tokens))
		}
		form := p.asked().tokens[0]
		if form.Get("redirect_uri") != p.asked().authorized[0].Get("redirect_uri") || form.Get("client_secret") != clientSecret || form.Get("resource") != "https://api.example.com/" || len(form) != 7 {
			t.Errorf("%q: sent %v", redirect, form)
		}
		if after := visit(p.asked().authorized[0].Get("redirect_uri")); after.err == nil {
			t.Errorf("%q: the port is still served: %+v", redirect, after)
		}
	}
}

func TestTellHasTheBrowserToldTheTruth(t *testing.T) {
	t.Parallel()
	p := serve(t)
	approval, page := approved(t, p.flow())
	approval.Tell(fmt.Errorf("the keyring is locked (it got %s and %s); unlock it <b>now</b>", accessToken, refreshToken))
	approval.Tell(nil)
	got := <-page
	got.is(t, "not kept", 200, "failed")
	if !strings.Contains(got.body, "The keyring is locked (it got [redacted] and [redacted]); unlock it &lt;b&gt;now&lt;/b&gt;.") {
		t.Errorf("the page says %s", got.body)
	}
	if hasSecret(got.body, accessToken, refreshToken, code) || hasSecret(fmt.Sprintf("%+v %#v", approval, *approval), accessToken, refreshToken) {
		t.Errorf("a secret is shown: %s", got.body)
	}
}

func TestBrowserIsNotKeptForEver(t *testing.T) {
	t.Parallel()
	p := serve(t)
	approval, page := approved(t, p.flow())
	close(p.clock.elapsed)
	got := <-page
	got.is(t, "never told", 200, "unsure")
	approval.Tell(nil)
}

func TestBrowserIsToldWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	answer, page := wait(ctx, f, a), open(a.StartURI)
	approval := (<-answer).approval
	cancel()
	got := <-page
	got.is(t, "ended", 200, "unsure")
	approval.Tell(nil)
}

// A token on its way when the context ends is still taken in.
func TestTokenOnItsWayIsNotLost(t *testing.T) {
	// Alone: the answer has a second, and nobody else may take that.
	p := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.token = func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		io.WriteString(w, `{"access_token":"`+accessToken+`"}`)
	}
	f := p.flow()
	a := start(t, f)
	answer, page := wait(ctx, f, a), open(a.StartURI)
	got := <-answer
	if got.err != nil || got.approval.Token.Access.Reveal() != accessToken {
		t.Fatalf("got %v, %v", got.approval, got.err)
	}
	got.approval.Tell(nil)
	last := <-page
	last.is(t, "kept all the same", 200, "kept")
}

func TestWaitIsCancelled(t *testing.T) {
	// Alone: nobody else may take the port in between.
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	answer := wait(ctx, f, a)
	visit(callbackTo(a, nil)).is(t, "before", 400, "stranger")
	cancel()
	if got := <-answer; got.err != context.Canceled || got.approval != nil {
		t.Errorf("got %v, %v", got.approval, got.err)
	}
	if page := visit(a.StartURI); page.err == nil {
		t.Errorf("the port is still served: %+v", page)
	}
	// It can be waited for again.
	finish(t, a, wait(t.Context(), f, a))
}

func TestNobodyApproves(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	close(p.clock.elapsed)
	if got := <-answer; !errors.Is(got.err, loopback.ErrExpired) || got.approval != nil {
		t.Errorf("got %v, %v", got.approval, got.err)
	}
	p.clock.Advance(10 * time.Minute)
	late := start(t, f)
	late.Expiry = p.clock.Now()
	if got := <-wait(t.Context(), f, late); !errors.Is(got.err, loopback.ErrExpired) {
		t.Errorf("got %v, %v", got.approval, got.err)
	}
	if page := visit(late.StartURI); page.err == nil {
		t.Errorf("the port is still taken: %+v", page)
	}
}

// The timer may be late, as after a machine's sleep; the clock counts.
func TestApprovalComesTooLate(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	visit(callbackTo(a, nil)).is(t, "before", 400, "stranger")
	p.clock.Advance(10 * time.Minute)
	visit(callbackTo(a, right(a))).is(t, "late", 200, "failed")
	if got := <-answer; !errors.Is(got.err, loopback.ErrExpired) {
		t.Errorf("got %v, %v", got.approval, got.err)
	}
	if len(p.asked().tokens) != 0 {
		t.Error("the code of an expired sign-in was used")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code, description string
		want              error
		step              string
	}{
		"denied":             {"access_denied", "The user has denied your application access.", oauth.ErrDenied, "denied"},
		"scope":              {"invalid_scope", "", oauth.ErrInvalidScope, "failed"},
		"client":             {"unauthorized_client", "", oauth.ErrUnauthorizedClient, "failed"},
		"response type":      {"unsupported_response_type", "", oauth.ErrUnsupported, "failed"},
		"out of order":       {"server_error", "", loopback.ErrUnavailable, "failed"},
		"overloaded":         {"temporarily_unavailable", "", loopback.ErrUnavailable, "failed"},
		"redirect":           {"redirect_uri_mismatch", "The redirect_uri MUST match", loopback.ErrRedirect, "failed"},
		"Google's policy":    {"admin_policy_enforced", "", oauth.ErrBlocked, "failed"},
		"Conditional Access": {"access_denied", "AADSTS53003: Access has been blocked by Conditional Access policies.\r\nTrace ID: 1", oauth.ErrBlocked, "failed"},
		"a compliant device": {"interaction_required", "AADSTS53000: Device is not in required device state", oauth.ErrBlocked, "failed"},
		"anything else":      {"invalid_request", "<script>alert(1)</script>", nil, "failed"},
	} {
		p := serve(t)
		p.extra = url.Values{"error": {test.code}, "error_description": {test.description}}
		f := p.flow()
		a := start(t, f)
		answer, page := wait(t.Context(), f, a), open(a.StartURI)
		got := <-answer
		var refused *oauth.Error
		if !errors.As(got.err, &refused) || refused.Code != test.code || test.want != nil && !errors.Is(got.err, test.want) || got.approval != nil {
			t.Errorf("%s: got %v, %v", name, got.approval, got.err)
		}
		last := <-page
		last.is(t, name, 200, test.step)
		if strings.Contains(last.body, "<script") || !strings.Contains(last.body, test.code) || len(p.asked().tokens) != 0 {
			t.Errorf("%s: %s", name, last.body)
		}
	}
}

// Other people's words are bounded, and don't give back what they were told.
func TestRefusalRepeatsSecrets(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	words := strings.Join([]string{a.State.Reveal(), a.Verifier.Reveal(), clientSecret, code, "\x1b[2J\u202e", strings.Repeat("x", 9000)}, " ")
	page := visit(callbackTo(a, url.Values{"state": {a.State.Reveal()}, "code": {code}, "error": {"invalid_request"}, "error_description": {words}}))
	page.is(t, "repeated", 200, "failed")
	err := (<-answer).err
	text := fmt.Sprintf("%v %+v %#v %s", err, err, err, page.body)
	if err == nil || len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\x1b\u202e") || hasSecret(text, a.State.Reveal(), a.Verifier.Reveal(), clientSecret, code) {
		t.Errorf("got %s", text)
	}
}

func TestExchangeFails(t *testing.T) {
	t.Parallel()
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s %s %s"}`, r.PostFormValue("code"), r.PostFormValue("code_verifier"), r.PostFormValue("client_secret"))
		}
	}
	page := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<html><script>%s</script>%s", r.PostFormValue("code"), r.PostFormValue("code_verifier"))
	}
	for name, test := range map[string]struct {
		token http.HandlerFunc
		want  error
	}{
		"an invalid grant":   {echo(400), loopback.ErrIncorrectCode},
		"GitHub's, with 200": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"error":"bad_verification_code"}`) }, loopback.ErrIncorrectCode},
		"a wrong client":     {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"error":"invalid_client"}`) }, oauth.ErrUnauthorizedClient},
		"out of order":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, nil},
		"hostile HTML":       {page, oauth.ErrAnswer},
		"no token":           {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"ok":true}`) }, oauth.ErrAnswer},
		"no answer":          {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, nil},
	} {
		p := serve(t)
		p.token = test.token
		f := p.flow()
		a := start(t, f)
		answer, shown := wait(t.Context(), f, a), open(a.StartURI)
		got := <-answer
		if got.approval != nil || got.err == nil || test.want != nil && !errors.Is(got.err, test.want) || !strings.Contains(got.err.Error(), "start it again") {
			t.Errorf("%s: got %v, %v", name, got.approval, got.err)
		}
		last := <-shown
		last.is(t, name, 200, "failed")
		if text := fmt.Sprintf("%v %+v %#v %s", got.err, got.err, got.err, last.body); hasSecret(text, code, clientSecret, a.Verifier.Reveal(), a.State.Reveal()) || strings.Contains(text, "<script") {
			t.Errorf("%s: a secret is shown: %s", name, text)
		}
		if len(p.asked().tokens) != 1 || len(p.asked().stray) != 0 {
			t.Errorf("%s: the code was sent %d times, and to %v", name, len(p.asked().tokens), p.asked().stray)
		}
	}
}

// Each error says what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for err, advice := range map[error]string{
		loopback.ErrBusy:          "choose another port",
		loopback.ErrExpired:       "start it again",
		loopback.ErrRedirect:      "application's settings",
		loopback.ErrIncorrectCode: "start the sign-in again",
		loopback.ErrUnavailable:   "try again later",
		loopback.ErrSaved:         "start a new one",
	} {
		if !strings.Contains(err.Error(), advice) {
			t.Errorf("%q doesn't say %q", err, advice)
		}
	}
}
