package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// tokenRows are about what is given.
func tokenRows() []signInRow {
	both := []string{"ACME_CLIENT_ID=both-example"}
	browser := with(both, "ACME_FLOW=loopback")
	return []signInRow{
		{quirk: "refresh token kept", issuer: "fast,keep-refresh", set: browser, run: life, flow: "loopback", outcome: "signed in, refresh token kept, revoked"},
		{quirk: "no refresh token", issuer: "fast,no-refresh", set: browser, run: life, flow: "loopback", outcome: "signed in, asks again, revoked"},
		{quirk: "tokens for 30 s", issuer: "fast,short", set: browser, run: eachCall, flow: "loopback", outcome: "signed in, a token for each call"},
		{quirk: "refresh token used by another", issuer: usual, set: browser, run: reused, flow: "loopback", outcome: "signed in, asks again, signed in, revoked"},
		{quirk: "one API (resource), a JWT", issuer: usual, set: with(both, "ACME_SCOPES=read", "ACME_RESOURCE=https://api.example/"),
			run: forResource, flow: "device", outcome: "a JWT for the API, " + signedInAndOut + " but for the JWT"},
		{quirk: "the same by this browser", issuer: usual, set: with(browser, "ACME_SCOPES=read", "ACME_RESOURCE=https://api.example/"),
			run: forResource, flow: "loopback", outcome: "a JWT for the API, " + signedInAndOut + " but for the JWT"},
		{quirk: "no revocation", issuer: "fast,no-revocation", set: browser, run: life, flow: "loopback", outcome: "signed in, refresh token rotated, page named"},
		{quirk: "the token can't be kept", issuer: usual, set: browser, run: unkept, flow: "loopback", outcome: "page: failed"},
	}
}

// processRows are about what happens meanwhile.
func processRows() []signInRow {
	browser := []string{"ACME_CLIENT_ID=both-example", "ACME_FLOW=loopback"}
	return []signInRow{
		{quirk: "wrong callbacks come first", issuer: usual, set: browser, run: wrongCallbacks, flow: "loopback", outcome: "4 ignored, signed in"},
		{quirk: "two hosts ask at once", issuer: usual, set: browser, run: twoHosts, flow: "loopback", outcome: "one address, both signed in, one token"},
		{quirk: "two hosts, the first is killed", issuer: usual, set: browser, run: firstKilled, flow: "loopback", outcome: "one address, signed in at the second"},
	}
}

// practiceRows are what other servers do and this one doesn't.
func practiceRows() []signInRow {
	secret, browser := "ACME_CLIENT_SECRET="+sandbox.ClientSecret, "ACME_FLOW=loopback"
	manners := func(o sandbox.Options) *sandbox.Options { o.GitHubManners = true; return &o }
	return []signInRow{
		{quirk: "GitHub: errors with 200, no expiry", practice: manners(sandbox.Options{}), run: staysSignedIn, flow: "device", outcome: "signed in, page named"},
		{quirk: "GitHub: expiring tokens", practice: manners(sandbox.Options{TokenLifetime: 8 * time.Hour}), set: []string{secret},
			run: life, flow: "device", outcome: "signed in, refresh token rotated, page named"},
		{quirk: "GitHub: device flow switched off", practice: manners(sandbox.Options{DeviceFlowDisabled: true}), set: []string{secret},
			says: []string{"Acme refused the device flow: ", "device_flow_disabled"}, run: staysSignedIn, flow: withReason, outcome: "signed in, page named"},
		{quirk: "GitHub: this browser, no secret", practice: manners(sandbox.Options{}), set: []string{browser},
			says: []string{"was approved, but brought no token", "answered incorrect_client_credentials"}, run: approve, flow: "loopback", outcome: "refused later, page: failed"},
		{quirk: "GitHub: denied", practice: manners(sandbox.Options{}), run: deny, flow: "device", outcome: "declined"},
		{quirk: "unauthorized_client for devices", practice: &sandbox.Options{DeviceFlowDisabled: true},
			says: []string{"Acme refused the device flow: ", "unauthorized_client"}, run: staysSignedIn, flow: withReason, outcome: "signed in, page named"},
		{quirk: "code flow switched off", practice: &sandbox.Options{CodeFlowDisabled: true}, set: []string{browser},
			says: []string{"answered unauthorized_client"}, run: approve, flow: "loopback", outcome: "refused later, page: failed"},
	}
}

// staysSignedIn: a token that doesn't expire serves every call.
func staysSignedIn(s *seat) string {
	if outcome := s.signIn(true); outcome != "signed in" {
		return outcome
	}
	s.calls()
	s.calls()
	return "signed in, " + s.leaves()
}

// ownToken: a program gets a token and gives it back.
func ownToken(s *seat) string {
	s.calls()
	s.calls()
	if n := len(s.api.sent()); n != 1 {
		s.t.Errorf("2 calls have %d tokens", n)
	}
	return "a token of its own, " + s.leaves()
}

// eachCall: a token that ends so soon is renewed before it is used.
func eachCall(s *seat) string {
	outcome := s.signIn(true)
	first := s.record().Token
	s.calls()
	s.calls()
	sent := s.api.sent()
	if len(sent) != 2 || sent[0] == first.Access.Reveal() {
		return outcome + ", but not a token for each call"
	}
	return outcome + ", a token for each call"
}

// reused: a refresh token that somebody else has used once more ends the grant (RFC
// 9700 §4.14.2). Nobody is asked twice for that.
func reused(s *seat) string {
	outcome := s.signIn(true)
	old := s.record().Token.Refresh
	if got := s.renews(); got != "refresh token rotated" {
		return outcome + ", " + got
	}
	answer, err := http.PostForm(s.issuer+"/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Reveal()}, "client_id": {"both-example"}})
	if err != nil || answer.StatusCode != http.StatusBadRequest {
		s.t.Fatalf("a refresh token that was used is taken: %v, %v", answer, err)
	}
	answer.Body.Close()
	if got := s.call(); got.code != 4 {
		s.t.Errorf("a call with a token that was revoked: %+v", got)
	}
	outcome += ", asks again, " + s.signIn(true)
	s.calls()
	s.calls()
	return outcome + ", " + s.leaves()
}

// forResource: the token names the API (RFC 8707, RFC 9068).
func forResource(s *seat) string {
	outcome := life(s)
	for _, token := range s.api.sent() {
		if audience(token) != "https://api.example/" {
			return outcome
		}
	}
	return "a JWT for the API, " + outcome
}

// unkept: what can't be stored isn't called a sign-in.
func unkept(s *seat) string {
	l := s.startLogin()
	if !l.next() {
		s.t.Fatal(l.said, l.stderr.String())
	}
	folder := ""
	for _, variable := range s.env {
		if value, found := strings.CutPrefix(variable, "VALET_DIR="); found {
			folder = value
		}
	}
	if err := os.Rename(folder, folder+".moved"); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(folder, []byte("in the way"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	saw := s.people.visit(s.t, l.address, l.code, true)
	_ = os.Remove(folder)
	if err := os.Rename(folder+".moved", folder); err != nil {
		s.t.Fatal(err)
	}
	if code := l.end(); code != 1 {
		s.t.Errorf("code %d: %s", code, s.shown)
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "acme*.age")); len(files) > 1 {
		s.t.Errorf("left: %q", files)
	}
	if !strings.Contains(saw.Said, "can't be stored") {
		s.t.Errorf("the page says %s", saw.Said)
	}
	return "page: " + saw.Step
}

// wrongCallbacks: whoever doesn't know the state, or comes from another issuer (RFC
// 9207), is told so and changes nothing.
func wrongCallbacks(s *seat) string {
	l := s.startLogin()
	if !l.next() {
		s.t.Fatal(l.said, l.stderr.String())
	}
	noFollow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	leads, err := noFollow.Get(l.address)
	if err != nil {
		s.t.Fatal(err)
	}
	leads.Body.Close()
	asked, err := leads.Location()
	if err != nil {
		s.t.Fatal(err)
	}
	state, callback := asked.Query().Get("state"), asked.Query().Get("redirect_uri")
	for _, answer := range []url.Values{
		{"code": {"example"}, "state": {"example"}, "iss": {s.issuer}},
		{"code": {"example"}, "state": {state}, "iss": {"https://other.example"}},
		{"code": {"example"}, "state": {state}},
		{"error": {"access_denied"}, "iss": {s.issuer}},
	} {
		response, err := http.Get(callback + "?" + answer.Encode())
		if err != nil {
			s.t.Fatal(err)
		}
		page, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(page), `data-step="stranger"`) {
			s.t.Errorf("%v: %s: %s", answer, response.Status, page)
		}
	}
	saw := s.people.visit(s.t, l.address, "", true)
	if code := l.end(); code != 0 || saw.Step != "kept" {
		return "4 ignored, then page: " + saw.Step
	}
	return "4 ignored, signed in"
}

// localAddress answers the address that a call's words have, and looks for more
// than they should have.
func localAddress(t *testing.T, text string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "Open ")
	address, _, _ := strings.Cut(rest, " ")
	if !found || !strings.HasPrefix(address, "http://127.0.0.1:") || userCode.MatchString(text) || strings.Contains(text, "state=") || strings.Contains(text, "code_challenge") {
		t.Fatalf("the words are %q", text)
	}
	return address
}

// hosts starts two servers that ask for a sign-in, and answers the address, which
// is one.
func (s *seat) hosts() (one, two *server, address string) {
	s.t.Helper()
	for _, host := range []**server{&one, &two} {
		*host = serve(s.t, s.env)
		(*host).initialize()
		text, _ := (*host).call("acme_api", s.question)
		if shown := localAddress(s.t, text); address != "" && shown != address {
			s.t.Fatalf("two addresses: %s", text)
		} else {
			address = shown
		}
	}
	s.flow = "loopback"
	return one, two, address
}

func (s *server) callsAPI() {
	s.t.Helper()
	eventually(s.t, "the sign-in", func() bool {
		text, _ := s.call("acme_api", `{"path":"me"}`)
		return strings.HasPrefix(text, "GET me: 200")
	})
}

func twoHosts(s *seat) string {
	one, two, address := s.hosts()
	if saw := s.people.visit(s.t, address, "", true); saw.Step != "kept" {
		return "page: " + saw.Step
	}
	one.callsAPI()
	two.callsAPI()
	one.end()
	two.end()
	if n := len(s.api.sent()); n != 1 {
		s.t.Errorf("%d tokens", n)
	}
	return "one address, both signed in, one token"
}

// firstKilled: the process that has begun a sign-in is gone, and the one that waits
// takes its place.
func firstKilled(s *seat) string {
	one, two, address := s.hosts()
	if err := one.process.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = one.process.Wait()
	local, err := url.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "another process at "+local.Host, func() bool {
		c, err := net.Dial("tcp", local.Host)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if saw := s.people.visit(s.t, address, "", true); saw.Step != "kept" {
		return "page: " + saw.Step
	}
	two.callsAPI()
	two.end()
	return "one address, signed in at the second"
}
