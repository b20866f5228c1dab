package loopback

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Authorization is a sign-in that waits for a person. It can be printed; only
// Save shows the verifier. A port is taken for it until Wait returns or Close is
// called.
type Authorization struct {
	// State tells the answer to this sign-in from any other, and Verifier
	// proves that the code is fetched by whoever has asked for it (RFC 7636).
	State, Verifier oauth.Secret
	// RedirectURI is where the browser brings the answer.
	RedirectURI string
	// AuthorizationURI is the provider's page. It holds the state, so it is for
	// the person who signs in alone. StartURI is short and leads there while
	// somebody waits.
	AuthorizationURI, StartURI string
	// Expiry is ten minutes after Start.
	Expiry time.Time

	door *door
}

// Close frees the port of an authorization that nobody waits for. It may be
// called more than once.
func (a *Authorization) Close() error { return closeAll(a.door.take()) }

// Listen takes the port of a restored authorization ahead of Wait, so that nobody
// is sent to whoever else has it by now: then the error is [ErrBusy].
func (a *Authorization) Listen(ctx context.Context) error {
	redirect, number, err := parseRedirectURI(a.RedirectURI)
	if err == nil {
		a.door, _, err = listen(ctx, redirect.Hostname(), number)
	}
	return err
}

// Least lengths: of a verifier by RFC 7636 §4.1, of a state as Start makes it.
const leastVerifier, leastState = 43, 22

// isUnreserved tells a text of RFC 3986 §2.3's characters, at least so many.
func isUnreserved(text string, least int) bool {
	const most, marks = 128, "-._~"
	return len(text) >= least && len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	})
}

// check makes sure that the addresses are this machine's and the provider's, and
// belong together.
func (a *Authorization) check() error {
	const mostAddress = 8192
	if len(a.AuthorizationURI) > mostAddress {
		return fmt.Errorf("the authorization request is longer than %d characters; ask for fewer scopes", mostAddress)
	}
	if err := oauth.CheckAddress(a.AuthorizationURI); err != nil {
		return err
	}
	own, number, err := parseRedirectURI(a.RedirectURI)
	if err != nil {
		return err
	}
	page, err := url.Parse(a.AuthorizationURI)
	if err != nil {
		return err
	}
	query := page.Query()
	path, isOurs := strings.CutPrefix(a.StartURI, "http://"+hostPort(startHost(own.Hostname()), number)+"/")
	switch {
	case !isUnreserved(a.Verifier.Reveal(), leastVerifier), !isUnreserved(a.State.Reveal(), leastState),
		!isOurs, !isUnreserved(path, leastState),
		query.Get("state") != a.State.Reveal(), query.Get("redirect_uri") != a.RedirectURI:
		return ErrSaved
	}
	return nil
}

// record is how an authorization is saved.
type record struct {
	State            string    `json:"state"`
	Verifier         string    `json:"code_verifier"`
	RedirectURI      string    `json:"redirect_uri"`
	AuthorizationURI string    `json:"authorization_uri"`
	StartURI         string    `json:"start_uri"`
	Expiry           time.Time `json:"expiry"`
}

// Save answers the authorization as JSON, with its secrets in clear and with an
// absolute time, for a place that keeps secrets. It answers no secret for an
// Expiry outside the years 0 to 9999.
func (a *Authorization) Save() oauth.Secret {
	text, err := json.Marshal(record{
		State:            a.State.Reveal(),
		Verifier:         a.Verifier.Reveal(),
		RedirectURI:      a.RedirectURI,
		AuthorizationURI: a.AuthorizationURI,
		StartURI:         a.StartURI,
		Expiry:           a.Expiry.UTC(),
	})
	if err != nil {
		return oauth.Secret{}
	}
	return oauth.NewSecret(string(text))
}

// Restore takes up what Save has answered, and checks it. The error is
// [ErrSaved]. It takes no port: Wait does, once whoever held it is gone. It
// doesn't look at the clock either: an expired authorization is Wait's to tell.
// Wait for it with a [Flow] for the same client of the same server.
func Restore(saved oauth.Secret) (*Authorization, error) {
	var r record
	// The decoder's error would quote what it can't decode.
	if json.Unmarshal([]byte(saved.Reveal()), &r) != nil {
		return nil, ErrSaved
	}
	a := &Authorization{
		State:            oauth.NewSecret(r.State),
		Verifier:         oauth.NewSecret(r.Verifier),
		RedirectURI:      r.RedirectURI,
		AuthorizationURI: r.AuthorizationURI,
		StartURI:         r.StartURI,
		Expiry:           r.Expiry,
	}
	if a.check() != nil {
		return nil, ErrSaved
	}
	return a, nil
}
