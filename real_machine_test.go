package main

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// sealedAcme is an environment with acme alone, whose tokens are kept in files.
func sealedAcme(t *testing.T, a *acme, more ...string) []string {
	t.Helper()
	p, _ := fileStore(t)
	return with(with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "VALET_SERVICES=acme", "ACME_API_URL="+a.url), more...)
}

// TestProgramsToken: a program gets a token of its own from a server that nobody
// here has written, keeps it, and gives it back.
func TestProgramsToken(t *testing.T) {
	t.Parallel()
	issuer, a := startOtherServer(t), startAcme(t)
	env := sealedAcme(t, a, "ACME_GRANT=client_credentials", "ACME_ISSUER="+issuer, "ACME_CLIENT_ID=program-example", "ACME_CLIENT_SECRET=secret:program/")
	call := step{[]string{"call", "acme_api", `{"path":"widgets","jq":".[0].id"}`}, 0, []string{"GET widgets: 200"}}
	const own = "for this program itself, by its client secret"
	steps(t, env, []step{
		{[]string{"status"}, 0, []string{own + "; the first call asks for a token"}},
		call, call,
		{[]string{"status"}, 0, []string{own + "; token from the sealed file; renewed by itself, next at "}},
		{[]string{"doctor"}, 0, []string{"by the client secret, from the metadata of " + issuer}},
		{[]string{"login", "acme"}, 1, []string{"ACME_GRANT=client_credentials", "nothing to sign in for"}},
		{[]string{"logout"}, 0, []string{"Acme: signed out; the token is revoked and removed.", "The next call asks for a new one"}},
		call,
	})
	if tokens := tokensSent(a); len(tokens) != 3 || tokens[0] != tokens[1] || tokens[1] == tokens[2] {
		t.Errorf("of %d calls the first two have one token, and the third another", len(tokens))
	}
	// RFC 8707: a token for one API.
	steps(t, with(env, "ACME_SCOPES=read", "ACME_RESOURCE=https://api.example/"), []step{call})
	if tokens := tokensSent(a); audience(tokens[len(tokens)-1]) != "https://api.example/" {
		t.Error("the token is not for the resource")
	}
	for mend, client := range map[string][]string{
		"check ACME_CLIENT_ID and ACME_CLIENT_SECRET":                                                       {"ACME_CLIENT_ID=program-example", "ACME_CLIENT_SECRET=wrong-example"},
		`("requested grant type is not allowed for this client"); check how the client is registered there`: {"ACME_CLIENT_ID=basic-example", "ACME_CLIENT_SECRET=secret:example/"},
	} {
		steps(t, sealedAcme(t, a, with(client, "ACME_GRANT=client_credentials", "ACME_ISSUER="+issuer)...),
			[]step{{call.args, 1, []string{"acme: there is no token for this program", mend}}})
	}
}

// tokensSent answers the token of each call.
func tokensSent(a *acme) []string {
	sent, _ := a.requests()
	var tokens []string
	for line := range strings.Lines(sent) {
		if token, found := strings.CutPrefix(strings.TrimSpace(line), "Authorization: Bearer "); found {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// TestRegisteredClient: without a client id one is registered, somebody signs in
// with it, and the server has it no more after they have signed out.
func TestRegisteredClient(t *testing.T) {
	t.Parallel()
	issuer, told := startTellingServer(t)
	a := startAcme(t)
	env := sealedAcme(t, a, "ACME_ISSUER="+issuer)
	steps(t, env, []step{{[]string{"status"}, 4, []string{"run: valetkey login acme"}}})
	s := serve(t, env)
	s.initialize()
	text, _ := s.call("acme_api", `{"path":"widgets"}`)
	client := lineWith(t, told, "REGISTERED ")
	if !knowsClient(t, issuer, client) {
		t.Fatalf("no client was registered: %q", text)
	}
	newVisitor(t, true, userCode.FindString(text)).visit(issuer + "/device")
	eventually(t, "the sign-in", func() bool {
		text, _ = s.call("acme_api", `{"path":"widgets","jq":".[0].id"}`)
		return strings.HasPrefix(text, "GET widgets: 200")
	})
	s.end()
	steps(t, env, []step{
		{[]string{"call", "acme_api", `{"path":"widgets"}`}, 0, []string{"GET widgets: 200"}},
		{[]string{"logout"}, 0, []string{"Acme: signed out; the token is revoked and removed.", "The client that was registered to sign in with is removed from " + issuer}},
	})
	if removed := lineWith(t, told, "REMOVED "); removed != client || knowsClient(t, issuer, client) {
		t.Errorf("%q was removed, and the server still knows the client: %v", removed, knowsClient(t, issuer, client))
	}
}

// lineWith answers the rest of the next line that begins so.
func lineWith(t *testing.T, from *bufio.Reader, beginning string) string {
	t.Helper()
	for {
		if rest, found := strings.CutPrefix(firstLine(t, from), beginning); found {
			return rest
		}
	}
}

// knowsClient asks for a device code, as the client would.
func knowsClient(t *testing.T, issuer, client string) bool {
	t.Helper()
	answer, err := http.PostForm(issuer+"/device/auth", url.Values{"client_id": {client}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
