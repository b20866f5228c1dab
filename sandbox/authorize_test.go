package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// The example of RFC 7636, appendix B.
const (
	codeVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// callback is a client on this machine that notes what it is called back with.
func callback(t *testing.T) (address string, called <-chan url.Values) {
	answers := make(chan url.Values, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers <- r.URL.Query()
		w.Write([]byte("the client's page"))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/callback", answers
}

func authorizeQuery(redirect string) url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {sandbox.ClientID}, "redirect_uri": {redirect}, "scope": {"repo"}, "state": {"xyz"},
		"code_challenge": {codeChallenge}, "code_challenge_method": {"S256"},
	}
}

// RFC 6749 §4.1, RFC 7636 §4, RFC 9207 §2.
func TestAuthorizationCode(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	redirect, called := callback(t)
	code := func() string {
		page, err := sandbox.ApproveInBrowser(t.Context(), s.URL()+authorizePath+"?"+authorizeQuery(redirect).Encode())
		must(t, err)
		expect(t, "last page", page, "the client's page")
		answer := <-called
		expect(t, "state", answer.Get("state"), "xyz")
		expect(t, "iss", answer.Get("iss"), s.URL())
		return answer.Get("code")
	}
	exchange := func(code, verifier, redirect string) answer {
		return post(t, s, tokenPath, url.Values{
			"client_id": {sandbox.ClientID}, "grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {redirect},
		})
	}
	first := code()
	expect(t, "token", works(s, exchange(first, codeVerifier, redirect).fields["access_token"]), true)
	expect(t, "a code twice", exchange(first, codeVerifier, redirect).fields["error"], "invalid_grant")
	expect(t, "another verifier", exchange(code(), codeVerifier+"x", redirect).fields["error"], "invalid_grant")
	expect(t, "another address", exchange(code(), codeVerifier, redirect+"x").fields["error"], "invalid_grant")
	expect(t, "no code", exchange("", codeVerifier, redirect).fields["error"], "invalid_grant")
}

func TestAuthorizationRefused(t *testing.T) {
	t.Parallel()
	open := start(t, sandbox.Options{})
	for name, c := range map[string]struct {
		server        *sandbox.Sandbox
		field, value  string
		told, onError string
	}{
		"the person says no":   {server: open, onError: "access_denied"},
		"an unknown client":    {server: open, field: "client_id", value: "other", told: "This can’t be approved"},
		"an address elsewhere": {server: open, field: "redirect_uri", value: "http://client.example/callback", told: "This can’t be approved"},
		"another type":         {server: open, field: "response_type", value: "token", onError: "unsupported_response_type"},
		"a bad scope":          {server: open, field: "scope", value: `"`, onError: "invalid_scope"},
		"a plain challenge":    {server: open, field: "code_challenge_method", value: "plain", onError: "invalid_request"},
		"no challenge":         {server: open, field: "code_challenge", onError: "invalid_request"},
		"not switched on":      {server: start(t, sandbox.Options{CodeFlowDisabled: true}), field: "scope", value: "repo", onError: "unauthorized_client"},
	} {
		t.Run(name, func(t *testing.T) {
			redirect, called := callback(t)
			query := authorizeQuery(redirect)
			if c.field != "" {
				query.Set(c.field, c.value)
			}
			page, _ := sandbox.DenyInBrowser(t.Context(), c.server.URL()+authorizePath+"?"+query.Encode())
			if !strings.Contains(page, c.told) {
				t.Errorf("the page lacks %q: %s", c.told, page)
			}
			if c.onError == "" {
				return
			}
			answer := <-called
			expect(t, "error", answer.Get("error"), c.onError)
			expect(t, "state", answer.Get("state"), "xyz")
			expect(t, "code", answer.Get("code"), "")
		})
	}
}

// TestForgedApproval: a page of another site can't press the button.
func TestForgedApproval(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	redirect, _ := callback(t)
	r, err := http.NewRequest(http.MethodPost, s.URL()+authorizePath+"?"+authorizeQuery(redirect).Encode(), strings.NewReader("decision=approve"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	expect(t, "status", do(t, r).StatusCode, http.StatusForbidden)
}
