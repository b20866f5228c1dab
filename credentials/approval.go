package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// watchInterval is how often the process that waits for a browser, and the one
// that watches it, looks whether another one has ended the sign-in.
const watchInterval = 2 * time.Second

// offlineAccess is the scope that a refresh token is given for (OpenID Connect
// Core 1.0 §11).
const offlineAccess = "offline_access"

func (p *Pending) flow() Flow {
	if p.Browser != nil {
		return LoopbackFlow
	}
	return DeviceFlow
}

// secret is this program's half of the sign-in, which no other has.
func (p *Pending) secret() oauth.Secret {
	if p.Browser != nil {
		return p.Browser.Verifier
	}
	return p.Authorization.DeviceCode
}

func (p *Pending) expiry() time.Time {
	if p.Browser != nil {
		return p.Browser.Expiry
	}
	return p.Authorization.Expiry
}

func (p *Pending) interval() time.Duration {
	if p.Browser != nil {
		return watchInterval
	}
	return p.Authorization.Interval
}

// close frees the port of a sign-in that nobody waits for any more.
func (p *Pending) close() {
	if p.Browser != nil {
		// There is nobody to tell: the port is the process's own.
		_ = p.Browser.Close()
	}
}

// shown is what a person needs to approve it.
func (p *Pending) shown() SignInRequired {
	if p.Browser != nil {
		return SignInRequired{
			VerificationURI: p.Browser.StartURI, VerificationURIComplete: p.Browser.AuthorizationURI,
			Scopes: p.Scopes, Expiry: p.Browser.Expiry, Reason: p.reason, TakenUp: p.found,
		}
	}
	a := p.Authorization
	return SignInRequired{
		UserCode: a.UserCode, VerificationURI: a.VerificationURI, VerificationURIComplete: a.VerificationURIComplete,
		Scopes: p.Scopes, Expiry: a.Expiry, Reason: p.reason, TakenUp: p.found,
	}
}

// Steps are what a person does, in words without an end: "open ADDRESS and enter
// the code CODE".
func (e *SignInRequired) Steps() string {
	if e.UserCode == "" {
		return "open " + e.VerificationURI + " in a browser on this machine"
	}
	return "open " + e.VerificationURI + " and enter the code " + e.UserCode
}

// takePlace makes sure that a browser that is sent to a sign-in which another
// process has begun meets a valetkey: the one that waits there or, where that is
// gone, this one, whose turn it is then until unlock is called. It isn't ok where
// somebody else has the port.
func (c *Credential) takePlace(ctx context.Context, p *Pending) (unlock func(), ok bool) {
	unlock, mine := c.lockPoll(p)
	switch {
	case !mine:
		return nil, true
	case p.Browser == nil || p.isApproved() || p.Browser.Listen(ctx) == nil:
		return unlock, true
	}
	unlock()
	return nil, false
}

// startAnyFlow begins a sign-in by the flow that is planned or, where the provider
// refuses that, by the one instead.
func (c *Credential) startAnyFlow(ctx context.Context, m *oauth.Metadata, clientID string, scopes []string) (*Pending, error) {
	plan, err := c.plan(m, scopes)
	if err != nil && c.forgetRefusals() {
		// A person may have mended it meanwhile.
		plan, err = c.plan(m, scopes)
	}
	if err != nil {
		return nil, err
	}
	p, err := c.startFlow(ctx, m, plan.Flow, clientID, scopes)
	p.reason = plan.Reason
	if err == nil || !isStartRefused(err) {
		return p, err
	}
	if plan.Instead == "" {
		return nil, err
	}
	c.setRefusal(plan.Flow, err)
	c.Log.Info(c.Name()+": the provider refuses a flow, so the sign-in goes another way", "refused", plan.Flow, "instead", plan.Instead, "error", err)
	p, otherwise := c.startFlow(ctx, m, plan.Instead, clientID, scopes)
	p.reason = c.refusal(plan.Flow)
	if otherwise != nil {
		return nil, errors.Join(err, otherwise)
	}
	return p, nil
}

func (c *Credential) startFlow(ctx context.Context, m *oauth.Metadata, flow Flow, clientID string, scopes []string) (*Pending, error) {
	want := c.want()
	p := &Pending{
		Host: want.Host, Issuer: want.Issuer, Binding: want.Binding, ClientID: clientID, Audience: want.Audience,
		Scopes: c.scopesAt(m, scopes), Started: c.Now(),
	}
	var err error
	if flow == LoopbackFlow {
		p.Browser, err = c.loopbackFlow(ctx, m, p).Start(ctx)
		if errors.Is(err, loopback.ErrBusy) {
			err = fmt.Errorf("%w (%s)", err, c.variable("REDIRECT_PORT"))
		}
		return p, err
	}
	p.Authorization, err = c.deviceFlow(ctx, m, p).Start(ctx)
	if err == nil {
		err = c.checkPage(p.Authorization)
	}
	return p, err
}

// scopesAt answers the scopes and, if the settings leave them to the issuer or
// the provider wants it so, those that a refresh token is given for.
func (c *Credential) scopesAt(m *oauth.Metadata, scopes []string) []string {
	scopes = union(scopes, c.Service.RefreshScopes)
	if c.discovery != nil && c.Settings.Scopes == "" && slices.Contains(m.Scopes, offlineAccess) {
		scopes = union(scopes, []string{offlineAccess})
	}
	return scopes
}

func (c *Credential) deviceFlow(ctx context.Context, m *oauth.Metadata, p *Pending) *deviceflow.Flow {
	return &deviceflow.Flow{Client: c.clientNamed(ctx, p.ClientID, m), Scopes: p.Scopes, Parameters: c.Settings.parameters()}
}

func (c *Credential) loopbackFlow(ctx context.Context, m *oauth.Metadata, p *Pending) *loopback.Flow {
	parameters := c.Settings.parameters()
	for name, values := range c.Service.AuthorizationParameters {
		parameters[name] = values
	}
	if c.discovery != nil && slices.Contains(p.Scopes, offlineAccess) && !parameters.Has("prompt") {
		// Without it an issuer ignores the scope (OpenID Connect Core 1.0 §11).
		parameters.Set("prompt", "consent")
	}
	return &loopback.Flow{
		Client: c.clientNamed(ctx, p.ClientID, m), Scopes: p.Scopes, Parameters: parameters,
		Redirect: c.Service.Redirect, Port: c.Settings.redirectPort(), Title: c.Service.Title,
		Issuer: m.Issuer, NeedsIssuer: m.AnswersIssuer, Sleep: c.sleepOut,
	}
}

// sleepOut waits until the clock has moved on, also where the machine sleeps
// meanwhile.
func (c *Credential) sleepOut(ctx context.Context, d time.Duration) error {
	const step = 10 * time.Second
	for end := c.Now().Add(d); ; {
		left := end.Sub(c.Now())
		if left <= 0 {
			return nil
		}
		if err := c.Sleep(ctx, min(left, step)); err != nil {
			return err
		}
	}
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

// wait waits until the person has decided. tell, to be called once, tells the
// browser what has become of it.
func (c *Credential) wait(ctx context.Context, m *oauth.Metadata, p *Pending) (token *oauth.Token, tell func(error), err error) {
	tell = func(error) {}
	if p.Browser == nil {
		flow := c.deviceFlow(ctx, m, p)
		flow.Sleep = func(ctx context.Context, d time.Duration) error { return c.pause(ctx, p, d) }
		token, err = flow.Wait(ctx, p.Authorization)
		return token, tell, err
	}
	watched, stop := c.watch(ctx, p)
	defer stop()
	approval, err := c.loopbackFlow(ctx, m, p).Wait(watched, p.Browser)
	if err != nil {
		if ended := context.Cause(watched); ctx.Err() == nil && ended != nil {
			err = ended
		}
		return nil, tell, err
	}
	return &approval.Token, approval.Tell, nil
}

// watch answers a context that ends when another process ends the sign-in, until
// stop is called. It outlives that: a browser waits to be told what has become of
// the token, which may take its time.
func (c *Credential) watch(ctx context.Context, p *Pending) (watched context.Context, stop func()) {
	watched, end := context.WithCancelCause(ctx)
	watching, enough := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if err := c.pause(watching, p, watchInterval); err != nil {
				if watching.Err() == nil {
					end(err)
				}
				return
			}
		}
	}()
	return watched, func() {
		enough()
		<-done
	}
}
