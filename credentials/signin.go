package credentials

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/valetkey/valetkey/oauth"
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
	// be compared (RFC 8628 §3.3.1). Without a UserCode the person opens
	// VerificationURI in a browser on this machine, which leads to
	// VerificationURIComplete at the provider.
	UserCode, VerificationURI, VerificationURIComplete string
	// Reason is why the sign-in goes this way and not another, or "".
	Reason string
	// Scopes are what is asked for.
	Scopes []string
	// Expiry is when the code ends.
	Expiry time.Time
	// TakenUp says that another process has begun it. A person may have approved
	// it since, which the next poll tells.
	TakenUp bool
	// Note says what a person should know about how the token will be kept,
	// or "".
	Note string

	command string
	signIn  *signIn
}

// Error answers what happened and the command that mends it.
func (e *SignInRequired) Error() string {
	return fmt.Sprintf("%s: not signed in; %s, or run: %s", e.Service, e.Steps(), cmp.Or(e.command, "valetkey login "+e.Service))
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
	// anyone lets another account approve; guarded by the credential's mu.
	anyone bool
	// unkept is why the store doesn't take it.
	unkept error
}

// required answers a fresh error value for a sign-in under way.
func (s *signIn) required() *SignInRequired {
	shown := s.shown
	shown.signIn = s
	return &shown
}

// startSignIn joins the sign-in under way, takes up one that another process
// has begun, or begins one for these scopes. It answers [*SignInRequired], or
// why no sign-in can begin. Call it exclusively.
func (c *Credential) startSignIn(ctx context.Context, scopes []string) error {
	if isQuiet(ctx) {
		return c.errorf("%w; %s", ErrNotSignedIn, c.howToSignIn())
	}
	if s := c.underWay(); s != nil {
		c.step(ctx, "a sign-in is under way here")
		return s.required()
	}
	if !c.HasClient() {
		c.step(ctx, "no sign-in can begin: there is no client id")
		return c.noClient(ctx)
	}
	if c.Service.NeedsSecret && c.oauth.Secret.IsZero() {
		return c.errorf("%w: %s takes no client id without its secret; set %s too", ErrNoClient, c.Service.Title, c.variable("CLIENT_SECRET"))
	}
	c.settleLeft(ctx)
	before, err := c.read(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	found := c.findPending(ctx, scopes)
	c.step(ctx, "a sign-in is needed", slog.Any("scopes", scopes), slog.Bool("one waits in the store", found != nil), slog.Bool("it may begin here", !c.SignInElsewhere))
	switch {
	case c.SignInElsewhere && found != nil:
		shown := found.shown()
		return c.errorf("%w; a sign-in waits: %s", ErrNotSignedIn, shown.Steps())
	case c.SignInElsewhere:
		return c.errorf("%w; %s", ErrNotSignedIn, c.howToSignInFor(before, scopes))
	case found != nil:
		if unlock, ok := c.takePlace(ctx, found); ok {
			c.step(ctx, "the sign-in of another process is adopted", slog.String("flow", string(found.flow())), slog.Bool("polls here", unlock != nil))
			return c.await(found, nil, unlock).required()
		}
	}
	if err := c.Store.Ready(ctx); err != nil {
		return c.errorf("%w", err)
	}
	p, err := c.withClient(ctx, func(id string) (*Pending, error) { return c.requestSignIn(ctx, id, scopes) })
	if err != nil {
		c.step(ctx, "no sign-in can begin", cause(err))
		return err
	}
	c.step(ctx, "a sign-in has begun", slog.String("flow", string(p.flow())), slog.String("reason", p.reason), expires(p.expiry()))
	p.Owner = c.ownerAt(before, p)
	p, unkept := c.keepPending(ctx, p)
	unlock, _ := c.lockPoll(p)
	return c.await(p, unkept, unlock).required()
}

func (c *Credential) underWay() *signIn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending
}

// requestSignIn asks for a code, or prepares for a browser.
func (c *Credential) requestSignIn(ctx context.Context, clientID string, scopes []string) (*Pending, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	m, err := c.metadata(ctx)
	var p *Pending
	if err == nil {
		p, err = c.startAnyFlow(ctx, m, clientID, scopes)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, c.errorf("a sign-in can't begin: %s gave no answer within %s; check the network and the proxy, then try again", c.Service.Host, startTimeout)
	}
	if errors.Is(err, oauth.ErrUnauthorizedClient) && c.Settings.ClientID != "" {
		return nil, c.errorf("a sign-in can't begin: %w; check %s", err, c.variable("CLIENT_ID"))
	}
	if err != nil {
		return nil, c.errorf("a sign-in can't begin: %w", err)
	}
	return p, nil
}

// await brings a sign-in to its end in the background, from now until Close at
// the latest, which also waits for the search that called it. unkept is why the
// store doesn't have it. unlock ends this process's turn to poll, nil if it is
// another one's.
func (c *Credential) await(p *Pending, unkept error, unlock func()) *signIn {
	ctx, cancel := context.WithCancelCause(c.background)
	s := &signIn{cancel: cancel, done: make(chan struct{}), pending: p, unkept: unkept, shown: p.shown()}
	s.shown.Service, s.shown.Title, s.shown.Host = c.Service.Name, c.Service.Title, c.Service.Host
	s.shown.ID, s.shown.Note, s.shown.command = rand.Text(), c.Store.Note(), c.LoginCommand()
	c.setPending(s)
	c.running.Go(func() {
		defer cancel(nil)
		unlock, s.err = c.complete(ctx, p, unlock)
		defer unlock()
		p.close()
		c.setPending(nil)
		close(s.done)
		c.saveAtLast(ctx, p)
	})
	return s
}

func (c *Credential) setPending(s *signIn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = s
}

// SignIn answers a sign-in under way or begins one, even if there is a token
// already. An API key in the environment comes first, so with one set there is
// nothing to sign in for.
func (c *Credential) SignIn(ctx context.Context) (*SignInRequired, error) {
	return c.signIn(ctx, "sign in", c.startWanted)
}

func (c *Credential) startWanted(ctx context.Context) error {
	return c.startSignIn(ctx, c.want().Scopes)
}

// SwitchAccount is SignIn for whoever approves: the credential is theirs from
// then on.
func (c *Credential) SwitchAccount(ctx context.Context) (*SignInRequired, error) {
	return c.signIn(ctx, "switch", func(ctx context.Context) error {
		err := c.startWanted(ctx)
		c.letAnyone(ctx)
		return err
	})
}

func (c *Credential) signIn(ctx context.Context, purpose string, start func(context.Context) error) (*SignInRequired, error) {
	if err := c.nothingToSignInFor(); err != nil {
		return nil, err
	}
	if err := c.storeReady(ctx); err != nil {
		return nil, err
	}
	_, err := c.once(ctx, purpose, func(ctx context.Context) (*grant, error) {
		return c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return nil, start(ctx) })
	})
	if s := c.underWay(); s != nil && s.unkept != nil {
		// A store that doesn't take the code won't take the token either.
		c.CancelSignIn()
		return nil, c.errorf("%w", s.unkept)
	}
	var required *SignInRequired
	if errors.As(err, &required) {
		return required, nil
	}
	return nil, err
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
