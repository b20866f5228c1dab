package credentials

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"time"
)

const (
	startTimeout    = 10 * time.Second
	identifyTimeout = 5 * time.Second
)

// SignInRequired says that a person has to approve a code in a browser. It is
// an error value and holds nothing secret: the polling has begun, and the
// token will be stored when it arrives, whether or not anybody waits.
type SignInRequired struct {
	// Service, Title and Host are those of the [Service].
	Service, Title, Host string
	// ID names this sign-in; another one has another ID.
	ID string
	// UserCode is what the person types in at VerificationURI, which is
	// https, or loopback http. VerificationURIComplete holds the code and is
	// "" where the provider has none; show the code with it all the same, to
	// be compared (RFC 8628 §3.3.1).
	UserCode, VerificationURI, VerificationURIComplete string
	// Scopes are what is asked for.
	Scopes []string
	// Expiry is when the code ends.
	Expiry time.Time
	// Note says what a person should know about how the token will be kept,
	// or "".
	Note string

	signIn *signIn
}

// Error answers what happened and the command that mends it.
func (e *SignInRequired) Error() string {
	return fmt.Sprintf("%s: not signed in; open %s and enter the code %s, or run: valetkey login %s", e.Service, e.VerificationURI, e.UserCode, e.Service)
}

// Done is closed when the sign-in has ended, one way or the other.
func (e *SignInRequired) Done() <-chan struct{} { return e.signIn.done }

// Err answers, after Done, nil when the token is there, else why it isn't.
func (e *SignInRequired) Err() error {
	select {
	case <-e.signIn.done:
		return e.signIn.err
	default:
		return nil
	}
}

// signIn is a sign-in under way. err is written before done is closed and read
// only after.
type signIn struct {
	cancel  context.CancelCauseFunc
	done    chan struct{}
	err     error
	pending *Pending
	shown   SignInRequired
}

// required answers a fresh error value for a sign-in under way.
func (s *signIn) required() *SignInRequired {
	shown := s.shown
	shown.signIn = s
	return &shown
}

// startSignIn joins the sign-in under way, takes up one that another process
// has begun, or begins one. It answers [*SignInRequired], or why no sign-in can
// begin. Call it exclusively.
func (c *Credential) startSignIn(ctx context.Context) error {
	if s := c.underWay(); s != nil {
		return s.required()
	}
	if c.oauth.ID == "" {
		return c.noClient()
	}
	found := c.findPending(ctx)
	switch {
	case c.SignInElsewhere && found != nil:
		return c.errorf("%w; a sign-in waits: open %s and enter the code %s", ErrNotSignedIn, found.Authorization.VerificationURI, found.Authorization.UserCode)
	case c.SignInElsewhere:
		return c.errorf("%w; %s", ErrNotSignedIn, c.howToSignIn())
	case found != nil:
		return c.await(found).required()
	}
	if err := c.Store.Ready(ctx); err != nil {
		return c.errorf("%w", err)
	}
	p, err := c.requestSignIn(ctx)
	if err != nil {
		return err
	}
	c.keepPending(ctx, p)
	return c.await(p).required()
}

func (c *Credential) underWay() *signIn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending
}

// requestSignIn asks for a code.
func (c *Credential) requestSignIn(ctx context.Context) (*Pending, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	started := c.Now()
	authorization, err := c.flow().Start(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, c.errorf("a sign-in can't begin: %s gave no answer within %s; check the network and the proxy, then try again", c.Service.Host, startTimeout)
	}
	if err != nil {
		return nil, c.errorf("a sign-in can't begin: %w", err)
	}
	want := c.want()
	return &Pending{Host: want.Host, ClientID: want.ClientID, Scopes: want.Scopes, Started: started, Authorization: authorization}, nil
}

// await brings a sign-in to its end in the background, from now until Close at
// the latest, which also waits for the search that called it.
func (c *Credential) await(p *Pending) *signIn {
	ctx, cancel := context.WithCancelCause(c.background)
	a := p.Authorization
	s := &signIn{cancel: cancel, done: make(chan struct{}), pending: p, shown: SignInRequired{
		Service: c.Service.Name, Title: c.Service.Title, Host: c.Service.Host, ID: rand.Text(),
		UserCode: a.UserCode, VerificationURI: a.VerificationURI, VerificationURIComplete: a.VerificationURIComplete,
		Scopes: p.Scopes, Expiry: a.Expiry, Note: c.Store.Note(),
	}}
	c.setPending(s)
	c.running.Go(func() {
		defer cancel(nil)
		s.err = c.complete(ctx, p)
		c.setPending(nil)
		close(s.done)
	})
	return s
}

func (c *Credential) setPending(s *signIn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = s
}

// complete brings a sign-in to its end: this process polls, or else watches the
// one that does, and takes its place if it dies.
func (c *Credential) complete(ctx context.Context, p *Pending) error {
	for {
		unlock, mine := c.lockPoll(p)
		if mine {
			defer unlock()
			return c.poll(ctx, p)
		}
		if err := c.Sleep(ctx, p.Authorization.Interval); err != nil {
			return c.ended(ctx, err)
		}
		if over, err := c.look(ctx, p); over {
			return err
		}
	}
}

// poll waits for the approval, stores the token at once, and only then asks
// whose it is.
func (c *Credential) poll(ctx context.Context, p *Pending) error {
	if over, err := c.look(ctx, p); over {
		return err
	}
	flow := c.flow()
	flow.Scopes = p.Scopes
	token, err := flow.Wait(ctx, p.Authorization)
	if err != nil {
		c.dropPending(ctx, p)
		return c.ended(ctx, err)
	}
	r := c.want()
	r.Scopes, r.Token, r.SignedIn = p.Scopes, *token, c.Now()
	// Not even the end of the process may lose a token that has been issued.
	g := c.keepExclusively(context.WithoutCancel(ctx), r)
	account := c.identify(ctx, g)
	if account != "" {
		c.noteAccount(context.WithoutCancel(ctx), account, r.SignedIn)
	}
	c.Log.Info(c.Name()+": signed in", "account", account, "kept in", c.Store.Source())
	return nil
}

// ended words why a sign-in ended without a token.
func (c *Credential) ended(ctx context.Context, err error) error {
	err = c.errorf("the sign-in ended without a token: %w", err)
	if ctx.Err() == nil {
		c.Log.Warn(err.Error())
	}
	return err
}

// noteAccount adds whose token it is to the record of a sign-in, which may have
// been refreshed or removed since.
func (c *Credential) noteAccount(ctx context.Context, account string, signedIn time.Time) {
	c.searching.Lock()
	defer c.searching.Unlock()
	// Not to know it is no reason to fail.
	_, _ = c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		r, err := c.read(ctx)
		if err != nil || r.SignInNeeded || !r.SignedIn.Equal(signedIn) {
			return nil, err
		}
		named := *r
		named.Account = account
		return c.keep(ctx, named), nil
	})
}

// identify asks whose a new token is. It is nice to know and no reason to fail,
// nor to sign in once more.
func (c *Credential) identify(ctx context.Context, g *grant) string {
	if c.Service.Identify == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	account, err := c.Service.Identify(ctx, c.clientWith(g), c.Service.APIURL)
	if err != nil {
		c.Log.Warn(c.Name()+": can't ask whose token this is", "error", withoutAddress(err))
	}
	return account
}

// Identify asks the service whose the token is, and so whether it is any good.
// The account is "" if the service can't be asked. The error holds
// [*SignInRequired] if there is no token it accepts.
func (c *Credential) Identify(ctx context.Context) (account string, err error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	account, err = c.Service.Identify(ctx, c.Client(), c.Service.APIURL)
	return account, withoutAddress(err)
}

// withoutAddress drops the method and the address that net/http puts before an
// error.
func withoutAddress(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}

// SignIn answers a sign-in under way or begins one, even if there is a token
// already. An API key in the environment comes first, so with one set there is
// nothing to sign in for.
func (c *Credential) SignIn(ctx context.Context) (*SignInRequired, error) {
	if source, variable := c.Settings.keySource(c.Service.Name); source != SourceNone {
		return nil, c.errorf("%s gives the key, which comes before any sign-in; unset it to sign in", variable)
	}
	if err := c.storeReady(ctx); err != nil {
		return nil, err
	}
	_, err := c.once(ctx, "sign-in", c.signInOnly)
	var required *SignInRequired
	if errors.As(err, &required) {
		return required, nil
	}
	return nil, err
}

func (c *Credential) signInOnly(ctx context.Context) (*grant, error) {
	return c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return nil, c.startSignIn(ctx) })
}

// storeReady makes sure, before a person is asked to approve anything, that
// what they approve can be kept.
func (c *Credential) storeReady(ctx context.Context) error {
	if _, err := c.read(ctx); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := c.Store.Ready(ctx); err != nil {
		return c.errorf("%w", err)
	}
	return nil
}

// errCancelled is the cause of a sign-in's end when a person ends it here.
var errCancelled = errors.New("the sign-in was cancelled")

// CancelSignIn ends the sign-in under way, if any, and waits for its end. No
// process goes on with it, unless one is polling already.
func (c *Credential) CancelSignIn() {
	if s := c.underWay(); s != nil {
		s.cancel(errCancelled)
		<-s.done
	}
}
