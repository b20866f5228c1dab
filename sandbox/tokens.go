package sandbox

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// refreshLifetime is how long a refresh token lives: GitHub's six months.
const refreshLifetime = 184 * 24 * time.Hour

// issued is what one successful token request gives.
type issued struct {
	access, refresh string // refresh is "" when tokens don't expire
	scopes          []string
}

// grant is one approval, and the family of tokens that descends from it. At most one access token and one refresh token of it work.
type grant struct {
	scopes          []string
	access, refresh string
}

type accessToken struct {
	scopes []string
	expiry time.Time // zero: never
}

type refreshToken struct {
	grant  *grant
	expiry time.Time
	used   time.Time // zero: not yet
}

// tokens is every token given out so far. Safe for concurrent use.
type tokens struct {
	now      func() time.Time
	lifetime time.Duration // 0: tokens don't expire
	grace    time.Duration
	github   bool

	mu        sync.Mutex              // guards what follows
	byAccess  map[string]accessToken  // those that work or have expired
	byRefresh map[string]refreshToken // used ones too: who brings one again gives away that it leaked
}

func newTokens(o Options) *tokens {
	return &tokens{
		now:       o.Now,
		lifetime:  o.TokenLifetime,
		grace:     o.Grace,
		github:    o.GitHubManners,
		byAccess:  map[string]accessToken{},
		byRefresh: map[string]refreshToken{},
	}
}

// issue begins a family.
func (t *tokens) issue(scopes []string) issued {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.extend(&grant{scopes: scopes}, scopes)
}

// issueLasting makes one access token that doesn't expire.
func (t *tokens) issueLasting(scopes []string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	access := "example-access-" + rand.Text()
	t.byAccess[access] = accessToken{scopes: slices.Clone(scopes)}
	return access
}

// extend replaces the working tokens of a family with new ones.
func (t *tokens) extend(g *grant, scopes []string) issued {
	delete(t.byAccess, g.access)
	now := t.now()
	g.access, g.refresh = "example-access-"+rand.Text(), ""
	token := accessToken{scopes: scopes}
	if t.lifetime > 0 {
		token.expiry = now.Add(t.lifetime)
		g.refresh = "example-refresh-" + rand.Text()
		t.byRefresh[g.refresh] = refreshToken{grant: g, expiry: now.Add(refreshLifetime)}
	}
	t.byAccess[g.access] = token
	return issued{access: g.access, refresh: g.refresh, scopes: scopes}
}

// renew is the refresh grant (RFC 6749 §6). The old refresh token and the old access token end, as on GitHub. A refresh token
// that has been used already, and not just now, ends its whole family (RFC 9700 §4.14.2): one of its two holders is a thief.
func (t *tokens) renew(refresh, scope string) (issued, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, known := t.byRefresh[refresh]
	if !known || !t.now().Before(old.expiry) {
		return issued{}, refuse(invalidRefreshToken)
	}
	if old.grant.refresh != refresh && !within(old.used, t.grace, t.now()) {
		t.end(old.grant)
		return issued{}, refuse(invalidRefreshToken)
	}
	scopes, no := t.narrow(old.grant.scopes, scope)
	if no != nil {
		return issued{}, no
	}
	if old.used.IsZero() {
		old.used = t.now()
		t.byRefresh[refresh] = old
	}
	return t.extend(old.grant, scopes), nil
}

// within tells whether something that was used may be used once more.
func within(used time.Time, grace time.Duration, now time.Time) bool {
	return !used.IsZero() && now.Sub(used) < grace
}

// narrow gives the scopes asked for at a refresh: all that was granted, or fewer.
func (t *tokens) narrow(granted []string, parameter string) ([]string, *refusal) {
	if parameter == "" {
		return granted, nil
	}
	asked, no := parseScopes(parameter, t.github)
	if no != nil {
		return nil, no
	}
	for _, name := range asked {
		if !slices.Contains(granted, name) {
			return nil, refuse(invalidScope)
		}
	}
	return asked, nil
}

// end makes every token of a family worthless.
func (t *tokens) end(g *grant) {
	delete(t.byAccess, g.access)
	g.access, g.refresh = "", ""
}

// scopesOf gives the scopes of an access token that works.
func (t *tokens) scopesOf(access string) ([]string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	token, known := t.byAccess[access]
	expired := !token.expiry.IsZero() && !t.now().Before(token.expiry)
	return slices.Clone(token.scopes), known && !expired
}

// revoke ends a token, if there is such a token: a refresh token with its family, an access token alone (RFC 7009 §2.1).
func (t *tokens) revoke(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if refresh, known := t.byRefresh[token]; known {
		t.end(refresh.grant)
	}
	t.drop(token)
}

// revokeOnlyAccess ends an access token and tells whether there was one.
func (t *tokens) revokeOnlyAccess(access string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.drop(access)
}

func (t *tokens) drop(access string) bool {
	_, known := t.byAccess[access]
	delete(t.byAccess, access)
	return known
}

func (t *tokens) revokeAccess() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.byAccess)
}

func (t *tokens) revokeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, refresh := range t.byRefresh {
		t.end(refresh.grant)
	}
	clear(t.byAccess)
}
