package sandbox_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// attempt is one device flow on the way.
type attempt struct {
	t                    *testing.T
	s                    *sandbox.Sandbox
	now                  *clock
	deviceCode, userCode string
}

func newAttempt(t *testing.T, o sandbox.Options) attempt {
	t.Helper()
	now := newClock()
	o.Now = now.Now
	s := start(t, o)
	deviceCode, userCode := begin(t, s, "repo gist")
	return attempt{t: t, s: s, now: now, deviceCode: deviceCode, userCode: userCode}
}

func (a attempt) poll() answer {
	a.t.Helper()
	return poll(a.t, a.s, a.deviceCode)
}

func (a attempt) wait(d time.Duration) { a.now.Advance(d) }

func (a attempt) approve() {
	a.t.Helper()
	must(a.t, a.s.Approve(a.userCode))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// RFC 8628 §3.5; GitHub, "Error codes for the device flow".
func TestDeviceGrantStates(t *testing.T) {
	t.Parallel()
	const life = 15 * time.Minute
	cases := []struct {
		name        string
		before      func(attempt)
		rfc, github string // "" for a token
	}{
		{"undecided", func(attempt) {}, "authorization_pending", "authorization_pending"},
		{"approved", func(a attempt) { a.approve() }, "", ""},
		{"denied", func(a attempt) { must(a.t, a.s.Deny(a.userCode)) }, "access_denied", "access_denied"},
		{"expired", func(a attempt) { a.wait(life) }, "expired_token", "expired_token"},
		{"a second before the end", func(a attempt) { a.wait(life - time.Second); a.approve() }, "", ""},
		{"approved, then expired", func(a attempt) { a.approve(); a.wait(life) }, "expired_token", "expired_token"},
		{"too soon", func(a attempt) { a.poll(); a.wait(4999 * time.Millisecond) }, "slow_down", "slow_down"},
		{"too soon though approved", func(a attempt) { a.poll(); a.approve() }, "slow_down", "slow_down"},
		{"in time", func(a attempt) { a.poll(); a.wait(5 * time.Second) }, "authorization_pending", "authorization_pending"},
		{"redeemed", func(a attempt) { a.approve(); a.poll(); a.wait(time.Minute) }, "invalid_grant", "incorrect_device_code"},
		{"redeemed, then expired", func(a attempt) { a.approve(); a.poll(); a.wait(life) }, "invalid_grant", "incorrect_device_code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plain := newAttempt(t, sandbox.Options{})
			c.before(plain)
			expectOutcome(t, plain.poll(), c.rfc, 400)
			github := newAttempt(t, sandbox.Options{GitHubManners: true})
			c.before(github)
			expectOutcome(t, github.poll(), c.github, 200)
		})
	}
}

// expectOutcome wants a token when code is "", else that error with that status.
func expectOutcome(t *testing.T, a answer, code string, status int) {
	t.Helper()
	if code == "" {
		status = 200
	}
	expect(t, "error", a.fields["error"], code)
	expect(t, "status", a.status, status)
	expect(t, "a token", a.fields["access_token"] != "", code == "")
	expect(t, "Cache-Control", a.header.Get("Cache-Control"), "no-store")
}

// RFC 6749 §5.2; GitHub answers with its own codes and 200.
func TestTokenRequestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		form   url.Values
		status int
		rfc    string
		github string
	}{
		{"nothing", url.Values{}, 401, "invalid_client", "incorrect_client_credentials"},
		{"unknown client", url.Values{"client_id": {"x"}, "grant_type": {deviceGrant}}, 401, "invalid_client", "incorrect_client_credentials"},
		{"wrong secret", client("client_secret", "example-wrong", "grant_type", deviceGrant), 401, "invalid_client", "incorrect_client_credentials"},
		{"no grant type", client(), 400, "invalid_request", "unsupported_grant_type"},
		{"other grant type", client("grant_type", "password"), 400, "unsupported_grant_type", "unsupported_grant_type"},
		{"no device code", client("grant_type", deviceGrant), 400, "invalid_request", "incorrect_device_code"},
		{"unknown device code", client("grant_type", deviceGrant, "device_code", "x"), 400, "invalid_grant", "incorrect_device_code"},
		{"unknown refresh token", client("grant_type", "refresh_token", "refresh_token", "x"), 400, "invalid_grant", "bad_refresh_token"},
		{"parameter twice", client("grant_type", deviceGrant, "grant_type", deviceGrant), 400, "invalid_request", "invalid_request"},
	}
	plain := start(t, sandbox.Options{TokenLifetime: time.Hour})
	github := start(t, sandbox.Options{TokenLifetime: time.Hour, GitHubManners: true})
	for _, c := range cases {
		a := post(t, plain, tokenPath, c.form)
		expect(t, c.name, a.fields["error"], c.rfc)
		expect(t, c.name+": status", a.status, c.status)
		a = post(t, github, tokenPath, c.form)
		expect(t, c.name+" at GitHub", a.fields["error"], c.github)
		expect(t, c.name+" at GitHub: status", a.status, 200)
	}
}

func TestDisabledDeviceFlowRefusesPolls(t *testing.T) {
	t.Parallel()
	expectOutcome(t, poll(t, start(t, sandbox.Options{DeviceFlowDisabled: true}), "x"), "unauthorized_client", 400)
	expectOutcome(t, poll(t, start(t, sandbox.Options{DeviceFlowDisabled: true, GitHubManners: true}), "x"), "device_flow_disabled", 400)
}

// GitHub: "5 extra seconds are added to the minimum interval" and "the error response includes the new interval". RFC 8628 §3.5: for
// all further requests, and without saying so.
func TestSlowDownLasts(t *testing.T) {
	t.Parallel()
	steps := []struct {
		wait     time.Duration
		code     string
		interval string
	}{
		{0, "authorization_pending", ""},
		{time.Second, "slow_down", "10"},
		{9 * time.Second, "slow_down", "15"},
		{15 * time.Second, "authorization_pending", ""},
		{14 * time.Second, "slow_down", "20"},
		{20 * time.Second, "authorization_pending", ""},
	}
	github, plain := newAttempt(t, sandbox.Options{GitHubManners: true}), newAttempt(t, sandbox.Options{})
	for i, step := range steps {
		github.wait(step.wait)
		plain.wait(step.wait)
		a := github.poll()
		if a.fields["error"] != step.code || a.fields["interval"] != step.interval {
			t.Errorf("step %d at GitHub: %v, want %s and %q", i, a, step.code, step.interval)
		}
		a = plain.poll()
		if a.fields["error"] != step.code || a.fields["interval"] != "" {
			t.Errorf("step %d: %v, want %s", i, a, step.code)
		}
	}
}

// GitHub's token answer: {"access_token":…, "token_type":"bearer", "scope":"repo,gist"}; RFC 6749 §5.1 separates by spaces.
func TestTokenAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		options     sandbox.Options
		kind, scope string
		rest        []string
	}{
		{sandbox.Options{}, "Bearer", "repo gist", nil},
		{sandbox.Options{GitHubManners: true}, "bearer", "repo,gist", nil},
		{sandbox.Options{TokenLifetime: 8 * time.Hour}, "Bearer", "repo gist", []string{"expires_in=28800", "refresh_token"}},
		{sandbox.Options{TokenLifetime: 8 * time.Hour, GitHubManners: true}, "bearer", "repo,gist",
			[]string{"expires_in=28800", "refresh_token", "refresh_token_expires_in=15897600"}},
	} {
		a := signIn(t, start(t, c.options), "repo gist")
		expect(t, "token_type", a.fields["token_type"], c.kind)
		expect(t, "scope", a.fields["scope"], c.scope)
		for _, pair := range c.rest {
			name, value, exact := strings.Cut(pair, "=")
			if got := a.fields[name]; got == "" || (exact && got != value) {
				t.Errorf("%s is %q, want %s", name, got, pair)
			}
		}
		expect(t, "number of fields", len(a.fields), 3+len(c.rest))
	}
}

func TestTokenAnswerIsFormEncodedAtGitHub(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{GitHubManners: true})
	deviceCode, userCode := begin(t, s, "repo gist")
	must(t, s.Approve(userCode))
	a, err := tryPost(s, tokenPath, client("grant_type", deviceGrant, "device_code", deviceCode), "")
	must(t, err)
	expect(t, "Content-Type", a.header.Get("Content-Type"), "application/x-www-form-urlencoded; charset=utf-8")
	expect(t, "scope", a.fields["scope"], "repo,gist")
	expect(t, "works", works(s, a.fields["access_token"]), true)
}

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now, TokenLifetime: time.Hour})
	access := signIn(t, s, "repo").fields["access_token"]
	now.Advance(time.Hour - time.Second)
	expect(t, "a second before the end", works(s, access), true)
	now.Advance(time.Second)
	expect(t, "at the end", works(s, access), false)
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	access := s.IssueToken("repo", "gist")
	for header, want := range map[string]bool{
		"Bearer " + access:  true,
		"bearer " + access:  true,
		"token " + access:   true,
		"Basic " + access:   false,
		access:              false,
		"Bearer":            false,
		"":                  false,
		"Bearer " + "other": false,
	} {
		scopes, ok := s.Scopes(header)
		expect(t, header, ok, want)
		if ok && !slices.Equal(scopes, []string{"repo", "gist"}) {
			t.Errorf("%s: scopes %v", header, scopes)
		}
	}
}

// GitHub: "Once you use a refresh token, that refresh token and the old user access token will no longer work."
func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	first := signIn(t, s, "repo gist").fields
	second := refresh(t, s, first["refresh_token"]).fields
	if second["access_token"] == "" || second["refresh_token"] == "" || second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("second tokens: %v", second)
	}
	expect(t, "scope", second["scope"], "repo gist")
	expect(t, "the old access token", works(s, first["access_token"]), false)
	expect(t, "the new access token", works(s, second["access_token"]), true)
}

// RFC 9700 §4.14.2: a refresh token that comes twice ends the whole family.
func TestRefreshTokenReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	for _, manners := range []bool{false, true} {
		s := start(t, sandbox.Options{TokenLifetime: time.Hour, GitHubManners: manners})
		code := map[bool]string{false: "invalid_grant", true: "bad_refresh_token"}[manners]
		other := signIn(t, s, "").fields
		first := signIn(t, s, "").fields
		second := refresh(t, s, first["refresh_token"]).fields
		third := refresh(t, s, second["refresh_token"]).fields
		expect(t, "reuse", refresh(t, s, first["refresh_token"]).fields["error"], code)
		expect(t, "the newest access token", works(s, third["access_token"]), false)
		expect(t, "the newest refresh token", refresh(t, s, third["refresh_token"]).fields["error"], code)
		expect(t, "another sign-in", works(s, other["access_token"]), true)
	}
}

func TestRefreshTokenExpires(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now, TokenLifetime: time.Hour})
	first := signIn(t, s, "").fields
	now.Advance(184*24*time.Hour - time.Second)
	second := refresh(t, s, first["refresh_token"]).fields
	if second["refresh_token"] == "" {
		t.Fatalf("before the end: %v", second)
	}
	now.Advance(184 * 24 * time.Hour)
	expect(t, "at the end", refresh(t, s, second["refresh_token"]).fields["error"], "invalid_grant")
}

// RFC 6749 §6: the scope of a refresh may be narrower, never wider, and a refusal spends nothing.
func TestRefreshScope(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	token := signIn(t, s, "repo gist").fields["refresh_token"]
	wider := post(t, s, tokenPath, client("grant_type", "refresh_token", "refresh_token", token, "scope", "repo user"))
	expect(t, "wider", wider.fields["error"], "invalid_scope")
	narrower := post(t, s, tokenPath, client("grant_type", "refresh_token", "refresh_token", token, "scope", "gist"))
	expect(t, "narrower", narrower.fields["scope"], "gist")
	expect(t, "as granted", refresh(t, s, narrower.fields["refresh_token"]).fields["scope"], "repo gist")
}

// Twenty at once with one code, then with one refresh token: one of them wins, whichever it is.
func TestOneRedemptionAmongMany(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	deviceCode, userCode := begin(t, s, "")
	must(t, s.Approve(userCode))
	won := race(t, s, client("grant_type", deviceGrant, "device_code", deviceCode))
	if len(won) != 1 {
		t.Fatalf("%d of 20 redeemed the device code", len(won))
	}
	expect(t, "refreshed", len(race(t, s, client("grant_type", "refresh_token", "refresh_token", won[0]))), 1)
}

// race sends form twenty times at once and gives the refresh tokens that came back.
func race(t *testing.T, s *sandbox.Sandbox, form url.Values) []string {
	t.Helper()
	var mu sync.Mutex
	var won []string
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			a, err := tryPost(s, tokenPath, form, "")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if token := a.fields["refresh_token"]; token != "" {
				won = append(won, token)
			}
		})
	}
	all.Wait()
	return won
}

func TestFailToken(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	deviceCode, userCode := begin(t, s, "")
	must(t, s.Approve(userCode))
	s.FailToken(sandbox.Fault{Status: 503}, sandbox.Fault{Status: 429, RetryAfter: 2500 * time.Millisecond})
	first, second := poll(t, s, deviceCode), poll(t, s, deviceCode)
	expect(t, "first", first.status, 503)
	expect(t, "first Retry-After", first.header.Get("Retry-After"), "")
	expect(t, "second", second.status, 429)
	expect(t, "second Retry-After", second.header.Get("Retry-After"), "3")
	expect(t, "third, not too soon", poll(t, s, deviceCode).fields["access_token"] != "", true)
}

// The answer is lost, the refresh token is spent: who tries again loses the family.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	first := signIn(t, s, "").fields
	s.FailToken(sandbox.Fault{Lost: true})
	if a, err := tryPost(s, tokenPath, client("grant_type", "refresh_token", "refresh_token", first["refresh_token"]), ""); err == nil {
		t.Fatalf("an answer came: %v", a)
	}
	expect(t, "the old access token", works(s, first["access_token"]), false)
	expect(t, "again", refresh(t, s, first["refresh_token"]).fields["error"], "invalid_grant")
}
