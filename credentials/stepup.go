package credentials

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// stepUp is told of a 403. If a scope is missing that nobody was asked for yet,
// it answers [*SignInRequired] for that scope besides those there are,
// [ErrNotSignedIn] where no sign-in can begin, or the token that has it by now;
// nothing if the 403 is the answer. The token at hand serves on meanwhile.
func (c *Credential) stepUp(ctx context.Context, refusal *http.Response, g *grant) (*grant, error) {
	missing := c.missingScopes(refusal)
	if g.isKey || g.record == nil || len(missing) == 0 || includes(g.record.Scopes, missing) {
		return nil, nil
	}
	c.step(ctx, "the service wants a further scope (403)", slog.Any("scopes", missing))
	more, err := c.once(ctx, "step up "+strings.Join(missing, " "), func(ctx context.Context) (*grant, error) {
		return c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return c.askForMore(ctx, g, missing) })
	})
	var required *SignInRequired
	if errors.As(err, &required) || errors.Is(err, ErrNotSignedIn) {
		return nil, err
	}
	// Without a way to ask for more, the service's own answer says most.
	return more, nil
}

// askForMore starts a sign-in for further scopes, once for each set of them: what
// a person has denied is denied for as long as this process runs. Call it
// exclusively.
func (c *Credential) askForMore(ctx context.Context, g *grant, missing []string) (*grant, error) {
	given := g.record.Scopes
	if r, err := c.stored(ctx); err == nil {
		if includes(r.Scopes, missing) && !r.Token.Access.Equal(g.token) {
			return c.trust(ctx, r)
		}
		given = union(given, r.Scopes)
	}
	key := strings.Join(missing, " ")
	if c.underWay() == nil && slices.Contains(c.asked, key) {
		c.step(ctx, "the scope was asked for before, so it isn't now", slog.Any("scopes", missing))
		return nil, nil
	}
	if c.isMachine() {
		return c.askForMoreOwn(ctx, g.record, union(given, missing), key)
	}
	err := c.startSignIn(ctx, union(given, missing))
	var required *SignInRequired
	if errors.As(err, &required) && includes(required.Scopes, missing) {
		c.asked = append(c.asked, key)
	}
	return nil, err
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

// union answers all scopes of both, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
