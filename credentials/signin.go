package credentials

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/valetkey/valetkey/deviceflow"
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
	cancel context.CancelFunc
	done   chan struct{}
	err    error
	shown  SignInRequired
}

// required answers a fresh error value for a sign-in under way.
func (s *signIn) required() *SignInRequired {
	shown := s.shown
	shown.signIn = s
	return &shown
}

// startSignIn joins the sign-in under way or begins one. It answers
// [*SignInRequired], or why no sign-in can begin.
func (c *Credential) startSignIn(ctx context.Context) error {
	c.mu.Lock()
	pending := c.pending
	c.mu.Unlock()
	if pending != nil {
		return pending.required()
	}
	if c.oauth.ID == "" {
		return c.noClient()
	}
	if c.SignInElsewhere {
		return c.errorf("%w; %s", ErrNotSignedIn, c.howToSignIn())
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	flow := c.flow()
	authorization, err := flow.Start(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return c.errorf("a sign-in can't begin: %s gave no answer within %s; check the network and the proxy, then try again", c.Service.Host, startTimeout)
	}
	if err == nil {
		err = c.checkPage(authorization)
	}
	if err != nil {
		return c.errorf("a sign-in can't begin: %w", err)
	}
	return c.await(flow, authorization).required()
}

// checkPage keeps people from being sent elsewhere with a code.
func (c *Credential) checkPage(a *deviceflow.Authorization) error {
	for _, address := range []string{a.VerificationURI, a.VerificationURIComplete} {
		page, err := url.Parse(address)
		if err != nil || address != "" && len(c.Service.Pages) > 0 && !slices.Contains(c.Service.Pages, page.Host) {
			return fmt.Errorf("%w: it sends people to another host than %s", oauth.ErrAnswer, strings.Join(c.Service.Pages, ", "))
		}
	}
	return nil
}

// await polls in the background, from now until Close at the latest, which
// also waits for the search that called it.
func (c *Credential) await(flow *deviceflow.Flow, a *deviceflow.Authorization) *signIn {
	ctx, cancel := context.WithCancel(c.background)
	s := &signIn{cancel: cancel, done: make(chan struct{}), shown: SignInRequired{
		Service: c.Service.Name, Title: c.Service.Title, Host: c.Service.Host, ID: rand.Text(),
		UserCode: a.UserCode, VerificationURI: a.VerificationURI, VerificationURIComplete: a.VerificationURIComplete,
		Scopes: flow.Scopes, Expiry: a.Expiry, Note: c.Store.Note(),
	}}
	c.setPending(s)
	c.running.Go(func() {
		defer cancel()
		s.err = c.complete(ctx, flow, a)
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

// complete waits for the approval, stores the token at once, and only then
// asks whose it is.
func (c *Credential) complete(ctx context.Context, flow *deviceflow.Flow, a *deviceflow.Authorization) error {
	token, err := flow.Wait(ctx, a)
	if err != nil {
		err = c.errorf("the sign-in ended without a token: %w", err)
		if ctx.Err() == nil {
			c.Log.Warn(err.Error())
		}
		return err
	}
	r := c.want()
	r.Token, r.SignedIn = *token, c.Now()
	c.searching.Lock()
	// Not even the end of the process may lose a token that has been issued.
	g := c.keep(context.WithoutCancel(ctx), r)
	c.searching.Unlock()
	account, err := c.identify(ctx, g)
	if errors.Is(err, ErrTokenRefused) {
		return c.errorf("%s has issued a token and refuses it: %w; try again, or give an API key", c.Service.Host, err)
	}
	if account != "" {
		c.noteAccount(context.WithoutCancel(ctx), account, r.SignedIn)
	}
	c.Log.Info(c.Name()+": signed in", "account", account, "store", c.Store.Source())
	return nil
}

// noteAccount adds whose token it is to the record of a sign-in, which may have
// been refreshed or removed since.
func (c *Credential) noteAccount(ctx context.Context, account string, signedIn time.Time) {
	c.searching.Lock()
	defer c.searching.Unlock()
	r, err := c.read(ctx)
	if err != nil || r.SignInNeeded || !r.SignedIn.Equal(signedIn) {
		return
	}
	named := *r
	named.Account = account
	c.keep(ctx, named)
}

// identify asks whose a new token is. It is nice to know and no reason to fail,
// nor to sign in once more.
func (c *Credential) identify(ctx context.Context, g *grant) (string, error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	account, err := c.Service.Identify(ctx, c.clientWith(g), c.Service.APIURL)
	if err != nil {
		c.Log.Warn(c.Name()+": can't ask whose token this is", "error", withoutAddress(err))
	}
	return fitToShow(maskText(account, g.token.Reveal())), withoutAddress(err)
}

// fitToShow makes a name of an account a line of printable characters: it is
// shown to people in terminals.
func fitToShow(name string) string {
	const most = 100
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	return string(runes[:min(len(runes), most)])
}

// Identify asks the service whose the token is, and so whether it is any good.
// The account is "" if the service can't be asked. The error holds
// [*SignInRequired] if there is no token it accepts.
func (c *Credential) Identify(ctx context.Context) (account string, err error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	account, err = c.Service.Identify(ctx, c.Client(), c.Service.APIURL)
	return fitToShow(c.Mask(account)), withoutAddress(err)
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
	return nil, c.startSignIn(ctx)
}

// storeReady makes sure, before a person is asked to approve anything, that
// what they approve can be kept.
func (c *Credential) storeReady(ctx context.Context) error {
	if _, err := c.read(ctx); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// CancelSignIn ends the sign-in under way, if any, and waits for its end.
func (c *Credential) CancelSignIn() {
	c.mu.Lock()
	pending := c.pending
	c.mu.Unlock()
	if pending != nil {
		pending.cancel()
		<-pending.done
	}
}
