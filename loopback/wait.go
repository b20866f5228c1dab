package loopback

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

const (
	// lingering is how long the answer to a request, or the word of the caller,
	// is waited for after the context has ended.
	lingering = time.Second
	// patience is how long a browser is kept waiting for [Approval.Tell].
	patience = 30 * time.Second
)

// Wait serves the port until a browser has brought the answer to this sign-in,
// nobody has in time, or the context ends, whose own error is then answered as it
// is. It exchanges the code for a token with one request, whose answer is waited
// for up to a second after the context's end. The server hands the token over
// once, so keep it before anything else, and then call [Approval.Tell].
//
// With an error the browser is told already, the port is free and nothing of the
// server is left. The authorization isn't changed, and Wait may be called again
// after a cancel; it then takes the same port, as it does for a restored
// authorization. The error is [ErrBusy] if somebody else has it.
func (f *Flow) Wait(ctx context.Context, a *Authorization) (*Approval, error) {
	if !f.Client.Time().Before(a.Expiry) {
		_ = a.Close()
		return nil, ErrExpired
	}
	s, err := f.open(ctx, a)
	if err != nil {
		return nil, err
	}
	token, err := s.token(ctx)
	if err != nil {
		s.finish(s.outcome(err))
		return nil, err
	}
	return s.approve(ctx, token), nil
}

// token waits for the answer and fetches the token.
func (s *session) token(ctx context.Context) (*oauth.Token, error) {
	answer, err := s.answer(ctx)
	if err != nil {
		return nil, err
	}
	if answer.refused != nil {
		return nil, oauth.Explain(answer.refused, meanings())
	}
	lasting, cancel := oauth.Linger(ctx, lingering)
	defer cancel()
	token, err := s.flow.Client.Exchange(lasting, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {answer.code.Reveal()},
		"redirect_uri":  {s.a.RedirectURI},
		"code_verifier": {s.a.Verifier.Reveal()},
	})
	switch {
	case err == nil:
		return token, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("the sign-in was approved, but brought no token; start it again: %w", oauth.Explain(err, meanings()))
}

// answer waits for the first answer. One that is there counts, whatever else has
// happened in the meantime.
func (s *session) answer(ctx context.Context) (callback, error) {
	ctx, cancel := context.WithCancel(ctx)
	var expiring sync.WaitGroup
	defer expiring.Wait()
	defer cancel()
	expired := make(chan error, 1)
	expiring.Go(func() { expired <- s.flow.sleep(ctx, s.a.Expiry.Sub(s.flow.Client.Time())) })
	var err error
	select {
	case <-s.got:
	case err = <-expired:
	}
	select {
	case answer := <-s.first:
		if !s.flow.Client.Time().Before(s.a.Expiry) {
			return callback{}, ErrExpired
		}
		return answer, nil
	default:
	}
	if err == nil {
		err = ErrExpired
	}
	return callback{}, err
}

// outcome is the page for what the caller says or is told.
func (s *session) outcome(err error, secrets ...oauth.Secret) page {
	title := s.flow.Title
	switch {
	case err == nil:
		return kept(title)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return unsure(title)
	}
	text := err.Error()
	for _, secret := range append(secrets, s.a.Verifier, s.a.State) {
		if !secret.IsZero() {
			text = strings.ReplaceAll(text, secret.Reveal(), secret.String())
		}
	}
	if errors.Is(err, oauth.ErrDenied) {
		return denied(title, text)
	}
	return failed(title, text)
}

// Approval is a sign-in that has brought a token, with a browser that waits to
// hear what becomes of it. Call Tell once.
type Approval struct {
	// Token is what the server has issued.
	Token oauth.Token

	session *session
	cancel  context.CancelFunc
	done    chan struct{}
}

// approve keeps the browser waiting until the caller tells, takes too long, or
// its context has ended.
func (s *session) approve(ctx context.Context, token *oauth.Token) *Approval {
	lasting, cancel := oauth.Linger(ctx, lingering)
	p := &Approval{Token: *token, session: s, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		defer cancel()
		_ = s.flow.sleep(lasting, patience)
		s.finish(unsure(s.flow.Title))
	}()
	return p
}

// Tell has the browser shown that the token is kept, or else why not, in the
// error's words without the token. It frees the port, and returns when nothing of
// the server is left. Without it the page says after 30 s, or a second after the
// context's end, that it wasn't told.
func (p *Approval) Tell(outcome error) {
	p.session.finish(p.session.outcome(outcome, p.Token.Access, p.Token.Refresh))
	p.cancel()
	<-p.done
}
