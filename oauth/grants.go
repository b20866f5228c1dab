package oauth

import (
	"context"
	"errors"
	"maps"
	"net/url"
)

// Exchange sends a grant to the token endpoint, with the client's resources
// added, and reads the token. Errors are those of [Client.Post] and
// [Answer.Token].
func (c *Client) Exchange(ctx context.Context, form url.Values) (*Token, error) {
	if len(c.Resources) > 0 {
		sent := url.Values{"resource": c.Resources}
		maps.Copy(sent, form)
		form = sent
	}
	answer, err := c.Post(ctx, c.Endpoint.TokenURL, form)
	if err != nil {
		return nil, err
	}
	return answer.Token(c.Time())
}

// Refresh exchanges a refresh token (RFC 6749 §6) with exactly one request,
// also if its answer is lost: a second one could make the server revoke the
// whole grant. The old refresh token stays in use if the answer holds no new
// one; its expiry isn't in the answer then.
func (c *Client) Refresh(ctx context.Context, refresh Secret) (*Token, error) {
	if refresh.IsZero() {
		return nil, errors.New("there is no refresh token; sign in again")
	}
	token, err := c.Exchange(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}})
	if err != nil {
		return nil, err
	}
	if token.Refresh.IsZero() {
		token.Refresh = refresh
	}
	return token, nil
}

// Revoke makes a token worthless (RFC 7009). The hint is access_token,
// refresh_token or "". A server that doesn't know the token answers yes.
func (c *Client) Revoke(ctx context.Context, address string, token Secret, hint string) error {
	form := url.Values{"token": {token.Reveal()}}
	if hint != "" {
		form.Set("token_type_hint", hint)
	}
	_, err := c.Post(ctx, address, form)
	var refused *Error
	if errors.Is(err, ErrAnswer) || errors.As(err, &refused) && refused.Code == "invalid_token" {
		// RFC 7009 §2.2: the body of a 200 is ignored, and a token that is no good
		// needs no revocation, which Google says with 400.
		return nil
	}
	return err
}
