package credentials

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

// Client answers an HTTP client that is authorised already. It adds the token
// only for the service's own hosts, over https or to a loopback address, and
// decides that anew at each redirect. A 401 is recovered from once within the
// same request; if that takes a person, the error holds [*SignInRequired].
func (c *Credential) Client() *http.Client { return c.clientOf(transport{Credential: c}) }

// ClientIf is [Credential.Client], whose every request is sent only if maySend has no
// error: it is asked when the token is there, and again before a request is sent a
// second time.
func (c *Credential) ClientIf(maySend func(*http.Request) error) *http.Client {
	return c.clientOf(transport{Credential: c, maySend: maySend})
}

func (c *Credential) clientOf(t transport) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: c.checkRedirect,
		Timeout:       oauth.RequestTimeout,
	}
}

// checkRedirect lets requests that only read follow a redirect to another
// host, where the transport gives them no token and leads to no address inside
// the person's network. Others stay home: a body must
// not be sent on to a host nobody named.
func (c *Credential) checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("the service redirects in circles")
	}
	if isLocal(r.URL) && !isLocal(via[0].URL) {
		return errors.New("the service redirects into this machine")
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !c.isHome(r) && !reads {
		return fmt.Errorf("the service redirects to another host, %s", r.URL.Host)
	}
	return oauth.CheckAddress(r.URL.Scheme + "://" + r.URL.Host + "/")
}

// isLocal reports whether an address is this very machine's, so that only a
// service that is there as well may lead to it.
func isLocal(address *url.URL) bool {
	return address.Scheme == "http" || oauth.CheckAddress("http://"+address.Host+"/") == nil
}

func (c *Credential) isHome(r *http.Request) bool {
	return slices.Contains(c.Service.Hosts, r.URL.Host) && oauth.CheckAddress(r.URL.Scheme+"://"+r.URL.Host+"/") == nil
}

// TokenNumberHeader is set in every answer of the service's own hosts, whatever
// they say there: a number that another token doesn't have, so that nobody takes
// what was answered to one account for an answer to the next. It tells nothing
// about the token and is never sent.
const TokenNumberHeader = "Valetkey-Token-Number"

// transport authorises requests for one credential. With a grant it uses that
// and no other; without one it looks for it and recovers from a 401.
type transport struct {
	*Credential
	only    *grant
	maySend func(*http.Request) error // nil: whatever it is
}

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case !t.isHome(r):
		return t.sendBy(t.foreign, r, r.Body, &grant{})
	case t.only != nil:
		return t.send(r, r.Body, t.only)
	}
	g, err := t.token(r.Context())
	if err != nil {
		closeBody(r)
		return nil, err
	}
	response, err := t.send(r, r.Body, g)
	if err != nil {
		return nil, err
	}
	switch {
	case isQuiet(r.Context()):
		return response, nil
	case response.StatusCode == http.StatusUnauthorized:
		return t.again(r, response, g)
	case response.StatusCode == http.StatusForbidden:
		return t.withMore(r, response, g)
	}
	return response, nil
}

// withMore recovers from a 403 that more scopes would help.
func (t transport) withMore(r *http.Request, refusal *http.Response, g *grant) (*http.Response, error) {
	more, err := t.stepUp(r.Context(), refusal, g)
	if err != nil {
		drain(refusal)
		return nil, err
	}
	if more == nil {
		return refusal, nil
	}
	response, _, err := t.resend(r, refusal, more)
	return response, err
}

// again recovers from a 401. What can't be sent twice, or has met two tokens
// that were replaced just then, keeps its 401, and its next attempt starts with
// a better token.
func (t transport) again(r *http.Request, refusal *http.Response, g *grant) (*http.Response, error) {
	better, err := t.replace(r.Context(), g)
	if err != nil {
		drain(refusal)
		return nil, err
	}
	response, sent, err := t.resend(r, refusal, better)
	if err != nil || !sent || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	if err := t.giveUp(r.Context(), better); err != nil {
		drain(response)
		return nil, err
	}
	return response, nil
}

// resend sends a request again, if it can be, or else answers the refusal.
func (t transport) resend(r *http.Request, refusal *http.Response, g *grant) (response *http.Response, sent bool, err error) {
	body := r.Body
	if body != nil && body != http.NoBody {
		if r.GetBody == nil {
			return refusal, false, nil
		}
		if body, err = r.GetBody(); err != nil {
			return refusal, false, nil
		}
	}
	drain(refusal)
	response, err = t.send(r, body, g)
	return response, true, err
}

func (t transport) send(r *http.Request, body io.ReadCloser, g *grant) (*http.Response, error) {
	return t.sendBy(t.Transport, r, body, g)
}

func (t transport) sendBy(way http.RoundTripper, r *http.Request, body io.ReadCloser, g *grant) (*http.Response, error) {
	if t.maySend != nil {
		if err := t.maySend(r); err != nil {
			if body != nil {
				body.Close()
			}
			return nil, err
		}
	}
	authorised := r.Clone(r.Context())
	authorised.Body = body
	t.authorise(authorised.Header, g)
	response, err := way.RoundTrip(authorised)
	if err != nil {
		return nil, maskError(err, g.token.Reveal())
	}
	if t.isHome(r) {
		t.noteDate(response.Header)
	}
	mask(response, g.token)
	response.Header.Set(TokenNumberHeader, strconv.Itoa(g.number))
	// Not the one with the token, which is nobody's to see.
	response.Request = r
	return response, nil
}

// authorise puts the token where the service wants it, and nobody else's there.
func (t transport) authorise(header http.Header, g *grant) {
	header.Del("Authorization")
	header.Del(t.Service.KeyHeader)
	switch {
	case g.token.IsZero():
	case g.isKey && t.Service.KeyHeader != "":
		header.Set(t.Service.KeyHeader, strings.TrimSpace(t.Service.KeyScheme+" "+g.token.Reveal()))
	default:
		header.Set("Authorization", "Bearer "+g.token.Reveal())
	}
}

// maskError is for an error that quotes an answer too broken to be read.
func maskError(err error, secret string) error {
	if masked := maskText(err.Error(), secret); masked != err.Error() {
		return errors.New(masked)
	}
	return err
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// drain reads the rest of a short answer so that its connection can be used
// again.
func drain(response *http.Response) {
	io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	response.Body.Close()
}
