package credentials

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// stepUp is told of a 403. If a scope is missing that nobody was asked for yet,
// it answers [*SignInRequired] for that scope besides those there are; nil if
// the 403 is the answer. The token at hand serves on meanwhile.
func (c *Credential) stepUp(ctx context.Context, refusal *http.Response, g *grant) error {
	if g.record == nil || refusal.StatusCode != http.StatusForbidden {
		return nil
	}
	missing := c.missingScopes(refusal)
	if len(missing) == 0 || includes(g.record.Scopes, missing) || !c.mayAskFor(missing) {
		return nil
	}
	_, err := c.once(ctx, "step up", func(ctx context.Context) (*grant, error) {
		return c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
			return nil, c.startSignIn(ctx, union(g.record.Scopes, missing))
		})
	})
	var required *SignInRequired
	if errors.As(err, &required) {
		return err
	}
	// Without a way to ask for more, the service's own answer says most.
	return nil
}

// missingScopes reads them where RFC 6750 §3.1 puts them, or where the service
// does.
func (c *Credential) missingScopes(refusal *http.Response) []string {
	if c.Service.MissingScopes != nil {
		if missing := c.Service.MissingScopes(refusal); len(missing) > 0 {
			return missing
		}
	}
	for _, challenge := range refusal.Header.Values("WWW-Authenticate") {
		if strings.Contains(challenge, "insufficient_scope") {
			_, rest, _ := strings.Cut(challenge, `scope="`)
			asked, _, _ := strings.Cut(rest, `"`)
			return strings.Fields(asked)
		}
	}
	return nil
}

// mayAskFor lets each set of scopes be asked for once: what a person has denied
// is denied for as long as this process runs.
func (c *Credential) mayAskFor(scopes []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending != nil {
		return true
	}
	key := strings.Join(scopes, " ")
	if slices.Contains(c.asked, key) {
		return false
	}
	c.asked = append(c.asked, key)
	return true
}

// union answers all scopes of both, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
