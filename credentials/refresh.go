package credentials

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// How long an authorization server that could not renew a token is left
// alone, where it doesn't say itself, and how long it may say.
const (
	refreshRetry    = 10 * time.Second
	maxRefreshRetry = 5 * time.Minute
	// lingering is how long the answer to a refresh is waited for after the
	// end of the process was asked for.
	lingering = 1500 * time.Millisecond
)

// refreshPause is a failure that holds until a time: the authorization server
// isn't asked by every call, and a refresh token whose answer was lost is sent
// once more and not again.
type refreshPause struct {
	until time.Time
	err   error
	// told: somebody was. retried: the answer that was lost was asked for again.
	told, retried bool
}

// refresh renews a stale token once. A token that has not really expired yet
// serves on when the authorization server can't be reached. Call it exclusively.
func (c *Credential) refresh(ctx context.Context, stale *Record) (*grant, error) {
	if c.isMachine() {
		return c.requestOwn(ctx, stale)
	}
	if stale.Token.Refresh.IsZero() {
		c.step(ctx, "the token can't be refreshed: there is no refresh token")
		if c.isValid(stale.Token) {
			return c.trust(ctx, stale)
		}
		return nil, c.startWanted(ctx)
	}
	token, err := c.requestStorable(ctx, stale)
	if isLost(err) && !c.refreshing.retried && !c.isValid(stale.Token) {
		c.step(ctx, "the answer to the refresh was lost, so the store is read again", cause(err))
		token, err = c.requestLostRefresh(ctx, stale, err)
	}
	if err == nil {
		return c.keepRefreshed(ctx, stale, token)
	}
	c.step(ctx, "the token is not refreshed, so the store is read again", cause(err))
	latest, readErr := c.stored(ctx)
	switch {
	case readErr == nil && !latest.Token.Access.Equal(stale.Token.Access):
		return c.takeOver(ctx, latest)
	case isOver(stale, err) && readErr != nil && !errors.Is(readErr, ErrNotFound):
		return nil, readErr
	case isOver(stale, err):
		c.markRefused(ctx, stale)
		if isClientRefused(err) {
			c.forgetClient(ctx, stale.ClientID)
		}
		return nil, c.startWanted(ctx)
	case c.isValid(stale.Token):
		return c.serveOn(ctx, stale, err)
	}
	return nil, c.errorf("the token is no longer good and can't be refreshed: %w; try again, or %s", err, c.howToSignIn())
}

// serveOn uses a token that is good but can't be renewed now, and says so once.
func (c *Credential) serveOn(ctx context.Context, stale *Record, err error) (*grant, error) {
	if !c.refreshing.told {
		c.refreshing.told = true
		c.Log.Warn(c.Name()+": the token can't be refreshed now and serves on until it expires", "error", err)
	}
	return c.trust(ctx, stale)
}

// isOver reports whether a token can't be renewed any more, because of itself or
// of the client that was registered for it.
func isOver(r *Record, err error) bool {
	return isRefusedGrant(err) || r.Registration.isOf(r) && isClientRefused(err)
}

// isValid reports whether a token is good by the clock, if only just.
func (c *Credential) isValid(token oauth.Token) bool {
	return token.Expiry.IsZero() || c.Now().Before(token.Expiry)
}

// takeOver uses a record that another process has stored in the meantime.
func (c *Credential) takeOver(ctx context.Context, newer *Record) (*grant, error) {
	c.step(ctx, "another process has stored a newer token")
	if c.isValid(newer.Token) {
		return c.trust(ctx, newer)
	}
	return c.refresh(ctx, newer)
}

// requestRefresh sends the refresh token, or answers why it is too early to
// try again.
func (c *Credential) requestRefresh(ctx context.Context, stale *Record) (*oauth.Token, error) {
	// The end of the process must not lose an answer with the only refresh
	// token that still works.
	lasting, cancel := oauth.Linger(ctx, lingering)
	defer cancel()
	c.step(ctx, "the token is to be refreshed", slog.Bool("pausing", c.Now().Before(c.refreshing.until)))
	token, err := c.paced(func() (*oauth.Token, error) { return c.sendRefresh(lasting, stale) })
	if isOver(stale, err) {
		c.refreshing = refreshPause{}
	}
	return token, err
}

// paced asks for a token, or answers why it is too early to try again.
func (c *Credential) paced(ask func() (*oauth.Token, error)) (*oauth.Token, error) {
	if c.Now().Before(c.refreshing.until) {
		return nil, c.refreshing.err
	}
	token, err := ask()
	c.refreshing = refreshPause{}
	if err != nil {
		c.refreshing = refreshPause{until: c.Now().Add(retryAfter(err)), err: err}
	}
	return token, err
}

func (c *Credential) sendRefresh(ctx context.Context, stale *Record) (*oauth.Token, error) {
	m, err := c.metadata(ctx)
	if err != nil {
		return nil, err
	}
	return c.clientFor(stale, m).Refresh(ctx, stale.Token.Refresh)
}

// requestStorable sends the refresh token if what it gives can be stored. To try
// that, the store is given the same record once more. If it doesn't take that, a
// good token serves on, a process that is gone in a moment spends nothing, and
// only a server that has no other token holds the new one in memory.
func (c *Credential) requestStorable(ctx context.Context, stale *Record) (*oauth.Token, error) {
	if c.held() == nil && c.isShared() && !c.Now().Before(c.refreshing.until) {
		again := *stale
		again.Generation++
		if err := c.Store.Write(ctx, c.Name(), &again); err != nil && (c.SignInElsewhere || c.isValid(stale.Token)) {
			return nil, fmt.Errorf("what replaces it can't be stored: %w", err)
		}
	}
	return c.requestRefresh(ctx, stale)
}

// isLost reports whether the server may have renewed a token and its answer was
// lost.
func isLost(err error) bool {
	var failed *oauth.TransportError
	return errors.As(err, &failed) && failed.Sent
}

// requestLostRefresh sends a refresh token a second time, if nobody else has
// put a newer one into the store. Some servers bear with that, and at the others
// nothing is left to lose.
func (c *Credential) requestLostRefresh(ctx context.Context, stale *Record, lost error) (*oauth.Token, error) {
	latest, err := c.stored(ctx)
	if err != nil || ctx.Err() != nil || !latest.Token.Refresh.Equal(stale.Token.Refresh) {
		return nil, lost
	}
	c.refreshing = refreshPause{}
	token, err := c.requestRefresh(ctx, stale)
	c.refreshing.retried = err != nil
	return token, err
}

func retryAfter(err error) time.Duration {
	var refused *oauth.Error
	if errors.As(err, &refused) {
		return min(max(refused.RetryAfter, refreshRetry), maxRefreshRetry)
	}
	return refreshRetry
}

// isRefusedGrant reports whether a refresh token is of no use any more: RFC
// 6749 §5.2, and GitHub's and Slack's own words for it.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
// https://docs.slack.dev/reference/methods/oauth.v2.access
func isRefusedGrant(err error) bool {
	var refused *oauth.Error
	return errors.As(err, &refused) && slices.Contains([]string{"invalid_grant", "bad_refresh_token", "invalid_refresh_token"}, refused.Code)
}

// renewed answers a new token with what the server needn't say again.
func renewed(stale, token oauth.Token) oauth.Token {
	if token.Scopes == nil {
		token.Scopes = stale.Scopes
	}
	if token.Refresh.Equal(stale.Refresh) && token.RefreshExpiry.IsZero() {
		token.RefreshExpiry = stale.RefreshExpiry
	}
	return token
}

func (c *Credential) keepRefreshed(ctx context.Context, stale *Record, token *oauth.Token) (*grant, error) {
	r := *stale
	r.Token, r.Refreshed, r.replaces = renewed(stale.Token, *token), c.Now(), c.inStore(stale)
	lasting := context.WithoutCancel(ctx)
	c.step(ctx, "the token is refreshed", expires(r.Token.Expiry), slog.Bool("renewable", !r.Token.Refresh.IsZero()))
	c.store(lasting, r)
	return c.trust(lasting, &r)
}

// replace is told of a token the API has answered 401 to. It answers one that
// is worth a second try, or why there is none.
func (c *Credential) replace(ctx context.Context, g *grant) (*grant, error) {
	return c.once(ctx, fmt.Sprintf("replace %p", g), func(ctx context.Context) (*grant, error) {
		if now := c.fresh(); now != nil && !now.token.Equal(g.token) {
			c.step(ctx, "another token is in memory by now")
			return now, nil
		}
		c.step(ctx, "the service refuses the token (401)")
		if g.record == nil {
			return c.rereadKey(ctx, g)
		}
		return c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return c.renew(ctx, g) })
	})
}

// renew looks for what another process has stored since, and refreshes or
// signs in only if that is the very token that was refused.
func (c *Credential) renew(ctx context.Context, g *grant) (*grant, error) {
	// A failure shows in the read that follows, or else is tried again.
	_ = c.save(ctx)
	latest, err := c.stored(ctx)
	switch {
	case errors.Is(err, ErrNotFound):
		c.forget(g.token)
		return c.anew(ctx)
	case err != nil:
		return nil, err
	case !latest.Token.Access.Equal(g.token):
		return c.takeOver(ctx, latest)
	case c.isMachine():
		return c.replaceOwn(ctx, latest)
	case latest.Token.Refresh.IsZero():
		// A service may err once; a second refusal is found out by giveUp.
		c.step(ctx, "the refused token is tried once more: it can't be refreshed")
		return c.adopt(latest), nil
	}
	revoked := *latest
	revoked.Token.Expiry = c.Now()
	return c.refresh(ctx, &revoked)
}

// giveUp is told of a 401 to a token that has just been obtained. It answers
// why there is no other, or nil if there is one by now.
func (c *Credential) giveUp(ctx context.Context, g *grant) error {
	c.step(ctx, "the service refuses the next token too (401)")
	switch {
	case g.record == nil:
		return c.keyRefused()
	case c.isMachine():
		return c.ownRefused()
	}
	_, err := c.once(ctx, fmt.Sprintf("give up %p", g), func(ctx context.Context) (*grant, error) {
		_, err := c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
			c.markRefused(ctx, g.record)
			return nil, nil
		})
		if err != nil {
			return nil, err
		}
		return c.find(ctx)
	})
	return err
}

// rereadKey gives a key that a file or a command provides a second chance: it
// may have been replaced since.
func (c *Credential) rereadKey(ctx context.Context, g *grant) (*grant, error) {
	key, err := c.readKey(ctx)
	if err != nil {
		return nil, err
	}
	if key.Equal(g.token) {
		return nil, c.keyRefused()
	}
	return c.use(&grant{token: key, isKey: true}), nil
}

func (c *Credential) keyRefused() error {
	_, variable := c.Settings.keySource(c.Service.Name)
	return c.errorf("%w", faulty(fmt.Sprintf("give it a fresh one, or unset %s to sign in", variable), "%w: %s refuses the key from %s", ErrKeyRefused, c.Service.Host, variable))
}
