package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// Token is what an authorization server has issued.
type Token struct {
	Access, Refresh Secret
	// Type is how the access token is sent: "Bearer" in nearly every case.
	Type string
	// Scopes are those granted; nil when the answer doesn't say.
	Scopes []string
	// Expiry and RefreshExpiry are zero when the answer doesn't say.
	Expiry, RefreshExpiry time.Time
}

// Client is this program as a client of one authorization server. It is safe
// for concurrent use.
type Client struct {
	// ID is the client identifier, and Secret its secret, if it has one. Both
	// go into the form, never into a header (RFC 6749 §2.3.1 allows either).
	ID     string
	Secret Secret
	// Endpoint holds the addresses; its AuthStyle doesn't matter.
	Endpoint oauth2.Endpoint
	// HTTP makes the requests; nil: [NewHTTPClient]. Redirects are never
	// followed, whatever it says.
	HTTP *http.Client
	// Now is the clock; nil: the system's.
	Now func() time.Time
}

// Time answers the client's clock.
func (c *Client) Time() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// Post sends a form, with the client's identity added, and reads the answer.
// It sends exactly one request. The error is [*TransportError] when there was no
// answer, [*Error] when it says no, and [ErrAnswer] when it can't be read.
func (c *Client) Post(ctx context.Context, address string, form url.Values) (Answer, error) {
	if err := CheckAddress(address); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(c.identified(form).Encode()))
	if err != nil {
		return Answer{}, err
	}
	// Without GetBody net/http can't repeat the request on its own.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := c.guarded().Do(request)
	if err != nil {
		return Answer{}, &TransportError{Sent: sent.Load(), Err: withoutAddress(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return Answer{}, &TransportError{Sent: true, Err: withoutAddress(err)}
	}
	return c.read(response, body)
}

func (c *Client) identified(form url.Values) url.Values {
	full := url.Values{}
	for name, values := range form {
		full[name] = values
	}
	full.Set("client_id", c.ID)
	if !c.Secret.IsZero() {
		full.Set("client_secret", c.Secret.Reveal())
	}
	return full
}

func (c *Client) guarded() *http.Client {
	if c.HTTP == nil {
		return NewHTTPClient()
	}
	guarded := *c.HTTP
	guarded.CheckRedirect = stay
	return &guarded
}

func (c *Client) read(response *http.Response, body []byte) (Answer, error) {
	if len(body) > maxBody {
		return Answer{}, fmt.Errorf("%w: it is larger than %d bytes", ErrAnswer, maxBody)
	}
	answer, err := ParseAnswer(response.Header.Get("Content-Type"), body)
	code := answer.failure()
	if code == "" && response.StatusCode/100 == 2 {
		if err != nil || len(answer.fields) == 0 {
			return Answer{}, fmt.Errorf("%w: status %d", ErrAnswer, response.StatusCode)
		}
		return answer, nil
	}
	refusal := &Error{Code: clean(code), Description: clean(answer.String("error_description")), Status: response.StatusCode}
	refusal.Interval, _ = answer.Seconds("interval")
	refusal.RetryAfter = c.retryAfter(response.Header.Get("Retry-After"))
	return Answer{}, refusal
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3).
func (c *Client) retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(c.Time()))
	}
	return 0
}

// Exchange sends a grant to the token endpoint and reads the token.
func (c *Client) Exchange(ctx context.Context, form url.Values) (*Token, error) {
	answer, err := c.Post(ctx, c.Endpoint.TokenURL, form)
	if err != nil {
		return nil, err
	}
	token, err := answer.Token(c.Time())
	if err != nil {
		return nil, fmt.Errorf("%w: it holds no access token", err)
	}
	return token, nil
}

// Refresh exchanges a refresh token (RFC 6749 §6) with exactly one request: a
// second one could make the server revoke the whole grant. The old refresh token
// stays in use if the answer holds no new one.
func (c *Client) Refresh(ctx context.Context, refresh Secret) (*Token, error) {
	token, err := c.Exchange(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}})
	if err != nil {
		return nil, err
	}
	if token.Refresh.IsZero() {
		token.Refresh = refresh
	}
	return token, nil
}

// Revoke makes a token worthless (RFC 7009). The hint is access_token or
// refresh_token. A server that doesn't know the token answers yes.
func (c *Client) Revoke(ctx context.Context, address string, token Secret, hint string) error {
	_, err := c.Post(ctx, address, url.Values{"token": {token.Reveal()}, "token_type_hint": {hint}})
	if errors.Is(err, ErrAnswer) {
		// RFC 7009 §2.2: the body of a 200 is ignored.
		return nil
	}
	return err
}
