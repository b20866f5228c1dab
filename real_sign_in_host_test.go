package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const (
	askACME    = `callTool {"name":"acme_api","arguments":{"path":"me"}}`
	acmeAnswer = "welcome"
)

// TestSignInAtAHost: an MCP host of other people's making calls a tool of a service
// that signs people in by this machine's browser only. One that can show a page
// shows the provider's, and the call goes on by itself; to all others the words
// have the address of this machine, and the next call works.
func TestSignInAtAHost(t *testing.T) {
	t.Parallel()
	needReal(t, "chromium", "node")
	issuers, _ := startServers(t, noDevice)
	everybody := startPeople(t)
	for era, protocol := range map[string]string{"legacy": "2025-11-25", modernProtocol: modernProtocol} {
		for _, elicitation := range []string{"url", "form", "none"} {
			t.Run(era+"/"+elicitation, func(t *testing.T) {
				t.Parallel()
				s := takeSeat(t, everybody, issuers[0], "", "ACME_CLIENT_ID=browser-example")
				h := startTypeScriptHost(t, s.env, era, elicitation)
				h.connected(protocol)
				h.does(askACME)
				first := h.says("question", "answer")
				if (first.Event == "question") != (elicitation != "none") {
					t.Fatalf("the first answer is %+v", first)
				}
				address := hostAddress(t, first)
				if elicitation == "url" {
					s.expectProvidersPage(first)
					address = first.URL
				}
				if saw := s.people.visit(t, address, "", true); saw.Step != "kept" {
					t.Errorf("the page is %q: %s", saw.Step, saw.Said)
				}
				if elicitation == "none" {
					h.does(askACME)
				} else {
					h.does("accept")
				}
				last := h.says("answer", "question")
				if last.Event != "answer" || !strings.Contains(last.Text, acmeAnswer) {
					t.Errorf("then the call answers %+v", last)
				}
				s.expectNoToken(first.Text + first.Message + first.URL + last.Text)
			})
		}
	}
}

var localAddresses = regexp.MustCompile(`http://127\.0\.0\.1:\d+/[A-Z2-7]+\b`)

// hostAddress answers the address of this machine that a person is told to open.
// Neither a code nor anything of the provider's long address is with it.
func hostAddress(t *testing.T, e event) string {
	t.Helper()
	said := e.Message + e.Text
	address := localAddresses.FindString(said)
	if address == "" || userCode.MatchString(said) {
		t.Fatalf("the words are %q", said)
	}
	for _, part := range []string{"state", "code_challenge", "client_id", "redirect_uri", "/auth?"} {
		if strings.Contains(said, part) {
			t.Errorf("the words have %q: %q", part, said)
		}
	}
	return address
}

// expectProvidersPage: what a host opens is the issuer's own page, for this
// program, with PKCE (RFC 7636) and without a secret.
func (s *seat) expectProvidersPage(e event) {
	s.t.Helper()
	page, err := url.Parse(e.URL)
	if err != nil || e.Mode != "url" || !strings.HasPrefix(e.URL, s.issuer+"/auth?") {
		s.t.Fatalf("the address to open is %q (%s)", e.URL, e.Mode)
	}
	query := page.Query()
	if query.Get("client_id") != "browser-example" || query.Get("code_challenge_method") != "S256" || len(query.Get("code_challenge")) != 43 ||
		len(query.Get("state")) < 22 || query.Has("code_verifier") || !strings.HasPrefix(query.Get("redirect_uri"), "http://127.0.0.1:") {
		s.t.Errorf("it is asked for %v", query)
	}
}

// expectNoToken looks for what was given in the end.
func (s *seat) expectNoToken(said string) {
	s.t.Helper()
	r := s.record()
	if r == nil {
		s.t.Fatal("nothing is stored")
	}
	for _, secret := range []string{r.Token.Access.Reveal(), r.Token.Refresh.Reveal()} {
		if secret == "" || strings.Contains(said, secret) {
			s.t.Errorf("a secret of %d bytes is shown", len(secret))
		}
	}
}
