package sandbox_test

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// RFC 8628 §3.2; the alphabet is that of §6.1.
func TestDeviceAuthorizationAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	a := post(t, s, devicePath, client("scope", "repo"))
	expect(t, "status", a.status, 200)
	expect(t, "Cache-Control", a.header.Get("Cache-Control"), "no-store")
	expect(t, "verification_uri", a.fields["verification_uri"], s.URL()+pagePath)
	expect(t, "expires_in", a.fields["expires_in"], "900")
	expect(t, "interval", a.fields["interval"], "5")
	if code := a.fields["user_code"]; !regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`).MatchString(code) {
		t.Errorf("user_code %q", code)
	}
	expect(t, "verification_uri_complete", a.fields["verification_uri_complete"], s.URL()+pagePath+"?user_code="+a.fields["user_code"])
	if len(a.fields["device_code"]) < 30 || strings.Contains(a.fields["device_code"], a.fields["user_code"]) {
		t.Errorf("device_code %q", a.fields["device_code"])
	}
}

// GitHub: form-encoded unless JSON is asked for, no verification_uri_complete.
func TestDeviceAuthorizationAnswerGitHub(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{GitHubManners: true, Interval: 1500 * time.Millisecond, CodeLifetime: time.Minute})
	for accept, kind := range map[string]string{
		"":                            "application/x-www-form-urlencoded",
		"*/*":                         "application/x-www-form-urlencoded",
		"application/json":            "application/json",
		"application/vnd.github+json": "application/json",
	} {
		a, err := tryPost(s, devicePath, client(), accept)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("Accept %q: Content-Type %q", accept, got)
		}
		expect(t, "interval, rounded up", a.fields["interval"], "2")
		expect(t, "expires_in", a.fields["expires_in"], "60")
		if _, there := a.fields["verification_uri_complete"]; there || len(a.fields) != 5 {
			t.Errorf("Accept %q: %v", accept, a.fields)
		}
	}
}

func TestDeviceAuthorizationRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                string
		form                url.Values
		disabled            bool
		status              int
		code                string
		githubStatus        int
		github              string
		githubLacksErrorURI bool
	}{
		{"unknown client", url.Values{"client_id": {"somebody"}}, false, 401, "invalid_client", 404, "Not Found", true},
		{"no client", url.Values{}, false, 401, "invalid_client", 404, "Not Found", true},
		{"wrong secret", client("client_secret", "example-wrong"), false, 401, "invalid_client", 404, "Not Found", true},
		{"disabled", client(), true, 400, "unauthorized_client", 400, "device_flow_disabled", false},
		{"bad scope", client("scope", `re"po`), false, 400, "invalid_scope", 200, "invalid_scope", false},
		{"parameter twice", client("scope", "repo", "scope", "gist"), false, 400, "invalid_request", 200, "invalid_request", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plain := post(t, start(t, sandbox.Options{DeviceFlowDisabled: c.disabled}), devicePath, c.form)
			expect(t, "status", plain.status, c.status)
			expect(t, "error", plain.fields["error"], c.code)
			github := post(t, start(t, sandbox.Options{DeviceFlowDisabled: c.disabled, GitHubManners: true}), devicePath, c.form)
			expect(t, "GitHub's status", github.status, c.githubStatus)
			expect(t, "GitHub's error", github.fields["error"], c.github)
			expect(t, "GitHub lacks error_uri", github.fields["error_uri"] == "", c.githubLacksErrorURI)
		})
	}
}

func TestRightSecretIsWelcome(t *testing.T) {
	t.Parallel()
	a := post(t, start(t, sandbox.Options{}), devicePath, client("client_secret", sandbox.ClientSecret))
	expect(t, "status", a.status, 200)
}

// RFC 8628 §6.1: capitals, punctuation and stray characters don't matter.
func TestUserCodeSpelling(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for name, spell := range map[string]func(string) string{
		"as shown":       func(c string) string { return c },
		"lower case":     strings.ToLower,
		"without hyphen": func(c string) string { return strings.ReplaceAll(c, "-", "") },
		"with spaces":    func(c string) string { return "  " + strings.Join(strings.Split(c, ""), " ") + "\t" },
		"with a dash":    func(c string) string { return strings.ReplaceAll(c, "-", "–") },
	} {
		deviceCode, userCode := begin(t, s, "")
		if err := s.Approve(spell(userCode)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a := poll(t, s, deviceCode); a.fields["access_token"] == "" {
			t.Errorf("%s: %v", name, a)
		}
	}
}

func TestApproveAndDenyErrors(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now})
	_, used := begin(t, s, "")
	_, expired := begin(t, s, "")
	if err := s.Deny(used); err != nil {
		t.Fatal(err)
	}
	now.Advance(15 * time.Minute)
	for _, c := range []struct {
		userCode string
		want     error
	}{
		{"WDJB-MJHT", sandbox.ErrUnknownCode},
		{"", sandbox.ErrUnknownCode},
		{used, sandbox.ErrUsedCode},
		{expired, sandbox.ErrExpiredCode},
	} {
		if err := s.Approve(c.userCode); !errors.Is(err, c.want) {
			t.Errorf("Approve(%q): %v, want %v", c.userCode, err, c.want)
		}
		if err := s.Deny(c.userCode); !errors.Is(err, c.want) {
			t.Errorf("Deny(%q): %v, want %v", c.userCode, err, c.want)
		}
	}
}

// GitHub's documented example, "Scopes for OAuth apps": user,gist,user:email gives user and gist.
func TestScopes(t *testing.T) {
	t.Parallel()
	cases := []struct{ asked, rfc, github string }{
		{"", "", ""},
		{"repo gist", "repo gist", "repo,gist"},
		{"repo  repo", "repo", "repo"},
		{"user,gist,user:email", "user,gist,user:email", "user,gist"},
		{"user gist user:email", "user gist user:email", "user,gist"},
		{"read:org admin:org", "read:org admin:org", "admin:org"},
	}
	rfc, github := start(t, sandbox.Options{}), start(t, sandbox.Options{GitHubManners: true})
	for _, c := range cases {
		expect(t, c.asked, signIn(t, rfc, c.asked).fields["scope"], c.rfc)
		expect(t, c.asked+" at GitHub", signIn(t, github, c.asked).fields["scope"], c.github)
	}
}
