package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	authorizePath = "/login/oauth/authorize"

	grantAuthorizationCode = "authorization_code"
	// authorizationCodeLifetime is the most that RFC 6749 §4.1.2 recommends.
	authorizationCodeLifetime = 10 * time.Minute
)

// authorizationRequest is one whose answer may go to its redirect address (RFC 6749 §4.1.1, RFC 7636 §4.3).
type authorizationRequest struct {
	redirect         *url.URL
	state, challenge string
	scopes           []string
}

// codes is every authorization code that can still be exchanged. Safe for concurrent use.
type codes struct {
	now func() time.Time

	mu     sync.Mutex
	byCode map[string]authorizationCode
}

type authorizationCode struct {
	request authorizationRequest
	expiry  time.Time
}

func newCodes(o Options) *codes { return &codes{now: o.Now, byCode: map[string]authorizationCode{}} }

func (c *codes) add(request authorizationRequest) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	code := "example-code-" + rand.Text()
	c.byCode[code] = authorizationCode{request, c.now().Add(authorizationCodeLifetime)}
	return code
}

// redeem gives the scopes approved, once, to whoever has the verifier (RFC 7636 §4.6).
func (c *codes) redeem(form url.Values) ([]string, *refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code := form.Get("code")
	found, known := c.byCode[code]
	delete(c.byCode, code)
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !known, !c.now().Before(found.expiry), form.Get("redirect_uri") != found.request.redirect.String(),
		base64.RawURLEncoding.EncodeToString(sum[:]) != found.request.challenge:
		return nil, refuse(invalidCode)
	}
	return found.request.scopes, nil
}

// serveAuthorization is the authorization endpoint for a browser that arrives (RFC 6749 §3.1).
func (s *Sandbox) serveAuthorization(w http.ResponseWriter, r *http.Request) {
	asked, ok := s.authorizationRequest(w, r)
	if !ok {
		return
	}
	browser := s.page.guard.welcome(w, r)
	s.page.writeFor(w, http.StatusOK, "authorize.html", asked.redirect, map[string]markup{
		"token":  escape(s.page.guard.token(browser)),
		"action": escape(r.URL.RequestURI()),
		"scopes": listScopes(describeScopes(asked.scopes)),
	})
}

// submitAuthorization is the person's decision.
func (s *Sandbox) submitAuthorization(w http.ResponseWriter, r *http.Request) {
	asked, ok := s.authorizationRequest(w, r)
	if !ok {
		return
	}
	if _, ok := s.page.guard.check(r); !ok {
		s.page.write(w, http.StatusForbidden, "stale.html", nil)
		return
	}
	if r.PostFormValue("decision") != "approve" {
		s.sendBack(w, r, asked, url.Values{"error": {"access_denied"}})
		return
	}
	s.sendBack(w, r, asked, url.Values{"code": {s.codes.add(asked)}})
}

// authorizationRequest reads a request, or answers it. A wrong client or redirect address is told the person, all else the
// client (RFC 6749 §4.1.2.1).
func (s *Sandbox) authorizationRequest(w http.ResponseWriter, r *http.Request) (asked authorizationRequest, ok bool) {
	query := r.URL.Query()
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || redirect.Scheme != "http" || !isLoopbackHost(redirect.Hostname()) || query.Get("client_id") != ClientID {
		s.page.write(w, http.StatusBadRequest, "unknown.html", nil)
		return asked, false
	}
	asked = authorizationRequest{redirect: redirect, state: query.Get("state"), challenge: query.Get("code_challenge")}
	scopes, no := parseScopes(query.Get("scope"), s.options.GitHubManners)
	asked.scopes = scopes
	code := ""
	switch {
	case s.options.CodeFlowDisabled:
		code = "unauthorized_client"
	case query.Get("response_type") != "code":
		code = "unsupported_response_type"
	case no != nil:
		code = "invalid_scope"
	case query.Get("code_challenge_method") != "S256" || asked.challenge == "":
		code = "invalid_request"
	default:
		return asked, true
	}
	s.sendBack(w, r, asked, url.Values{"error": {code}})
	return asked, false
}

// sendBack answers the client through the browser (RFC 6749 §4.1.2, RFC 9207 §2).
func (s *Sandbox) sendBack(w http.ResponseWriter, r *http.Request, asked authorizationRequest, answer url.Values) {
	back := *asked.redirect
	answer.Set("state", asked.state)
	answer.Set("iss", s.url)
	back.RawQuery = answer.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}
