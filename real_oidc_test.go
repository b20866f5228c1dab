package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// otherServer is an authorization server written by other people, and a client
// of it.
type otherServer struct {
	*oauth.Client
	revocation string
}

// metadata is what a server says about itself (RFC 8414 §2).
type metadata struct {
	Issuer     string `json:"issuer"`
	Token      string `json:"token_endpoint"`
	Device     string `json:"device_authorization_endpoint"`
	Revocation string `json:"revocation_endpoint"`
}

func startOtherServer(t *testing.T) string {
	t.Helper()
	issuer, _ := startTellingServer(t)
	return issuer
}

// startTellingServer answers its issuer, and what it tells of clients from then on.
func startTellingServer(t *testing.T) (issuer string, told *bufio.Reader) {
	t.Helper()
	needReal(t, "node")
	issuers, told := startServers(t, "usual")
	return issuers[0], told
}

// discover reads where the endpoints are (RFC 8414 §3).
func discover(t *testing.T, issuer, clientID, secret string) otherServer {
	t.Helper()
	answer, err := http.Get(issuer + "/.well-known/oauth-authorization-server")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var m metadata
	if err := json.NewDecoder(answer.Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m.Issuer != issuer || m.Device == "" || m.Token == "" || m.Revocation == "" {
		t.Fatalf("the metadata of %s is %+v", issuer, m)
	}
	return otherServer{&oauth.Client{
		ID: clientID, Secret: oauth.NewSecret(secret),
		Endpoint: oauth2.Endpoint{DeviceAuthURL: m.Device, TokenURL: m.Token},
	}, m.Revocation}
}

// signIn runs the device flow. The person decides after the first poll, so
// that the server has said authorization_pending once.
func (s otherServer) signIn(t *testing.T, allow bool) (*oauth.Token, error) {
	t.Helper()
	var authorization *deviceflow.Authorization
	polls := 0
	flow := &deviceflow.Flow{Client: s.Client, Scopes: []string{"openid", "offline_access"}}
	flow.Sleep = func(ctx context.Context, gap time.Duration) error {
		if gap < 5*time.Second {
			t.Errorf("it polls every %s, and the default is 5 s (RFC 8628 §3.2)", gap)
		}
		if polls++; polls == 2 {
			newVisitor(t, allow, authorization.UserCode).visit(authorization.VerificationURI)
		}
		return ctx.Err()
	}
	authorization, err := flow.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(authorization.VerificationURIComplete, authorization.UserCode) {
		t.Errorf("verification_uri_complete is %q", authorization.VerificationURIComplete)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return flow.Wait(ctx, authorization)
}

// visitor fills in whatever form a page shows, until there is none left or they
// have said no.
type visitor struct {
	t       *testing.T
	browser *http.Client
	typed   map[string]string
	allow   bool
}

func newVisitor(t *testing.T, allow bool, code string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, &http.Client{Jar: jar, Timeout: patience}, map[string]string{"user_code": code, "login": "mona", "password": "example"}, allow}
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*\baction="([^"]+)".*?</form>`)
	inputTag = regexp.MustCompile(`(?s)<input[^>]*>`)
	nameOf   = regexp.MustCompile(`\bname="([^"]*)"`)
	valueOf  = regexp.MustCompile(`\bvalue="([^"]*)"`)
)

func (v *visitor) visit(address string) {
	v.t.Helper()
	page := v.load(v.browser.Get(address))
	for range 8 {
		form := formTag.FindStringSubmatch(page)
		if form == nil {
			return
		}
		filled := v.fill(form[0])
		page = v.load(v.browser.PostForm(form[1], filled))
		if filled.Has("abort") {
			return
		}
	}
	v.t.Fatalf("the pages never end: %s", page)
}

func (v *visitor) load(answer *http.Response, err error) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return string(page)
}

// fill fills in a form. The one that asks to confirm has a second button.
func (v *visitor) fill(form string) url.Values {
	values := url.Values{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		name := nameOf.FindStringSubmatch(tag)
		if name == nil {
			continue
		}
		if value := valueOf.FindStringSubmatch(tag); value != nil {
			values.Set(name[1], value[1])
			continue
		}
		values.Set(name[1], v.typed[name[1]])
	}
	if values.Has("confirm") && !v.allow {
		values.Del("confirm")
		values.Set("abort", "yes")
	}
	return values
}

func oauthCode(err error) string {
	var refusal *oauth.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

// TestOtherAuthorizationServer: the device flow, refreshing and revoking work
// with a server that nobody here has written.
func TestOtherAuthorizationServer(t *testing.T) {
	t.Parallel()
	issuer := startOtherServer(t)
	for name, server := range map[string]otherServer{
		"public client":       discover(t, issuer, "public-example", ""),
		"confidential client": discover(t, issuer, "confidential-example", "secret-example"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("approved and refreshed", server.testRotation)
			t.Run("denied", server.testDenial)
			t.Run("revoked", server.testRevocation)
		})
	}
	t.Run("wrong client", func(t *testing.T) {
		t.Parallel()
		for id, secret := range map[string]string{"nobody-example": "", "confidential-example": "wrong-example"} {
			server := discover(t, issuer, id, secret)
			_, err := (&deviceflow.Flow{Client: server.Client}).Start(t.Context())
			if !errors.Is(err, deviceflow.ErrUnauthorizedClient) || oauthCode(err) != "invalid_client" {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

// testRotation: each refresh gives another refresh token, and one used twice
// ends the whole grant (RFC 9700 §4.14.2).
func (s otherServer) testRotation(t *testing.T) {
	first, err := s.signIn(t, true)
	if err != nil {
		t.Fatal(err)
	}
	if first.Type != "Bearer" || first.Access.IsZero() || first.Refresh.IsZero() || first.Expiry.Before(time.Now()) {
		t.Errorf("type %q, expiry %s, or a token is missing", first.Type, first.Expiry)
	}
	second, err := s.Refresh(t.Context(), first.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if second.Access.Equal(first.Access) || second.Refresh.Equal(first.Refresh) {
		t.Error("refreshing gives the same tokens again")
	}
	if _, err := s.Refresh(t.Context(), first.Refresh); oauthCode(err) != "invalid_grant" {
		t.Errorf("a refresh token used twice: %v", err)
	}
	if _, err := s.Refresh(t.Context(), second.Refresh); oauthCode(err) != "invalid_grant" {
		t.Errorf("another refresh token of the same grant: %v", err)
	}
}

func (s otherServer) testDenial(t *testing.T) {
	token, err := s.signIn(t, false)
	if token != nil || !errors.Is(err, deviceflow.ErrDenied) || oauthCode(err) != "access_denied" {
		t.Errorf("%v", err)
	}
}

// testRevocation: what was revoked can't be refreshed, and revoking it again is
// no error (RFC 7009 §2.2).
func (s otherServer) testRevocation(t *testing.T) {
	token, err := s.signIn(t, true)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Revoke(t.Context(), s.revocation, token.Refresh, "refresh_token"); err != nil {
			t.Errorf("revoking: %v", err)
		}
	}
	if _, err := s.Refresh(t.Context(), token.Refresh); oauthCode(err) != "invalid_grant" {
		t.Errorf("refreshing what was revoked: %v", err)
	}
}
