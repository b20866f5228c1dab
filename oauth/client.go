package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Client is this program as a client of one authorization server. It is safe
// for concurrent use as long as no field is changed.
type Client struct {
	// ID is the client identifier, and Secret its secret, if it has one.
	ID     string
	Secret Secret
	// Endpoint holds the addresses. Identifier and secret go into the form, and
	// into the header only of a client with a secret whose AuthStyle is
	// [oauth2.AuthStyleInHeader] (RFC 6749 §2.3.1): neither is ever tried out.
	Endpoint oauth2.Endpoint
	// Resources are the APIs that tokens are asked for, as absolute addresses
	// (RFC 8707 §2.2); none: whatever the server gives them for.
	Resources []string
	// HTTP makes the requests; nil: the zero Network's [Network.TokenClient].
	// Redirects are never followed and no request takes longer than 30 s,
	// whatever it says.
	HTTP *http.Client
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Answered is told of the headers of each answer; nil: nobody is.
	Answered func(http.Header)
}

// Time answers the client's clock.
func (c *Client) Time() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// Post sends a form, with the client's identity added, and reads the answer, of
// at most 1 MiB. It sends exactly one request. The error is [*TransportError]
// when there was no answer, [*Error] when it says no, with whatever status,
// [ErrAnswer] when it can't be read, and [ErrUnsafeAddress] before anything is
// sent. The form isn't changed.
func (c *Client) Post(ctx context.Context, address string, form url.Values) (Answer, error) {
	target, err := parseAddress(address)
	if err != nil {
		return Answer{}, err
	}
	form = c.identified(form)
	hide := newHiding(target, form, c.basic())
	request, err := c.formRequest(target, form)
	if err != nil {
		return Answer{}, ErrUnsafeAddress
	}
	got, err := c.send(ctx, request, hide)
	if err != nil {
		return Answer{}, err
	}
	return c.read(got, hide)
}

func (c *Client) identified(form url.Values) url.Values {
	full := maps.Clone(form)
	if full == nil {
		full = url.Values{}
	}
	full.Set("client_id", c.ID)
	if !c.Secret.IsZero() {
		full.Set("client_secret", c.Secret.Reveal())
	}
	return full
}

// reply is an answer nobody has looked into yet.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes the one request. Its error is a [*TransportError].
func (c *Client) send(ctx context.Context, request *http.Request, hide hiding) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, &TransportError{Err: err}
	}
	client, sending := c.guarded(), &sending{}
	limited, cancel := context.WithTimeout(sending.follow(ctx), RequestTimeout)
	defer cancel()
	got, err := fetch(client, request.WithContext(limited))
	switch {
	case err == nil && c.Answered != nil:
		c.Answered(got.header)
		return got, nil
	case err == nil:
		return got, nil
	case ctx.Err() != nil:
		return reply{}, &TransportError{Sent: sending.mayHaveLeft(client), Err: ctx.Err()}
	}
	return reply{}, &TransportError{Sent: sending.mayHaveLeft(client), Err: causeOf(err, hide)}
}

// guarded answers the HTTP client with redirects turned off.
func (c *Client) guarded() *http.Client {
	if c.HTTP == nil {
		return Network{}.TokenClient()
	}
	guarded := *c.HTTP
	guarded.CheckRedirect = stay
	return &guarded
}

func (c *Client) formRequest(target *url.URL, form url.Values) (*http.Request, error) {
	basic := c.basic()
	if basic != "" {
		form.Del("client_id")
		form.Del("client_secret")
	}
	request, err := http.NewRequest(http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	// Without GetBody net/http can't repeat the request on its own.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic != "" {
		request.Header.Set("Authorization", "Basic "+basic)
	}
	return request, nil
}

// basic answers the credentials of the header, "" for a client that is identified
// by the form.
func (c *Client) basic() string {
	if c.Endpoint.AuthStyle != oauth2.AuthStyleInHeader || c.Secret.IsZero() {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(c.ID) + ":" + url.QueryEscape(c.Secret.Reveal())))
}

func fetch(client *http.Client, request *http.Request) (reply, error) {
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	return reply{response.StatusCode, response.Header, body}, err
}

// read tells an answer that can be used from one that says no.
func (c *Client) read(got reply, hide hiding) (Answer, error) {
	answer, unusable := parse(got, hide)
	code, words, failed := answer.failure(got.status)
	if !failed && got.status/100 == 2 {
		return answer, unusable
	}
	refusal := hide.refusal(code, words)
	refusal.Status = got.status
	interval, _ := answer.Seconds("interval")
	refusal.Interval = max(0, interval)
	refusal.RetryAfter = c.retryAfter(got.header.Get("Retry-After"))
	return Answer{}, refusal
}

// parse reads the parameters, or says what came in their place.
func parse(got reply, hide hiding) (Answer, error) {
	if len(got.body) > maxBody {
		return Answer{}, fmt.Errorf("%w: it is larger than %d bytes", ErrAnswer, maxBody)
	}
	answer, err := ParseAnswer(got.body)
	if err != nil {
		kind, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
		return Answer{}, fmt.Errorf("%w: status %d, %d bytes, type %q", err, got.status, len(got.body), hide.words(kind))
	}
	return answer, nil
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3).
func (c *Client) retryAfter(value string) time.Duration {
	const most = 24 * time.Hour
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(most/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(c.Time())), most)
	}
	return 0
}
