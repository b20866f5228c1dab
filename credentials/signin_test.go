package credentials_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// together makes calls at the same time.
func (w *world) together(n int, c *credentials.Credential) []error {
	w.t.Helper()
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() { errs[i] = w.call(c) })
	}
	calls.Wait()
	return errs
}

func TestOneSignInForManyCalls(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	errs := w.together(50, c)
	first := required(t, errs[0])
	for _, err := range append(errs, w.call(c)) {
		r := required(t, err)
		if r.ID != first.ID || r.UserCode != first.UserCode {
			t.Errorf("another sign-in: %v", r)
		}
	}
	same, err := c.SignIn(t.Context())
	must(t, err)
	equal(t, "the sign-in that is asked for by name", same.ID, first.ID)
	equal(t, "device authorizations", w.signIns(), 1)
	equal(t, "calls to the API", w.calls(), 0)
	w.approve(first)
	for _, err := range w.together(50, c) {
		must(t, err)
	}
	equal(t, "device authorizations", w.signIns(), 1)
	equal(t, "polls", w.asked("/login/oauth/access_token", ""), 1)
}

func TestSignInRequired(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{CodeLifetime: 10 * time.Minute})
	r := required(t, w.call(w.credential()))
	equal(t, "service", r.Service, "github")
	equal(t, "title", r.Title, "GitHub")
	equal(t, "host", r.Host, w.service.Host)
	equal(t, "address", r.VerificationURI, w.box.URL()+"/login/device")
	equal(t, "address with the code", r.VerificationURIComplete, w.box.URL()+"/login/device?user_code="+r.UserCode)
	equal(t, "code", len(r.UserCode), len("WDJB-MJHT"))
	equal(t, "scopes", strings.Join(r.Scopes, " "), "repo")
	equal(t, "expiry", r.Expiry, w.clock.Now().Add(10*time.Minute))
	contains(t, "note", r.Note, "memory only", "a test")
	contains(t, "text", r.Error(), "github: not signed in", r.VerificationURI, r.UserCode, "valetkey login github")
	must(t, r.Err())
	select {
	case <-r.Done():
		t.Error("the sign-in has ended")
	default:
	}
	equal(t, "note where tokens are kept for good", required(t, w.call(w.with(options(w, func(o *credentials.Options) { o.Store = &faulty{} })))).Note, "")
}

// options are the world's, with a difference.
func options(w *world, change func(*credentials.Options)) credentials.Options {
	o := w.options()
	change(&o)
	return o
}

// The token is stored on arrival though nobody calls any more, and then serves
// another process.
func TestTokenIsStoredOnArrival(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	r := required(t, w.call(c))
	w.approve(r)
	kept := w.record(c)
	equal(t, "generation", kept.Generation > 0, true)
	equal(t, "service", kept.Service, "github")
	equal(t, "host", kept.Host, w.service.Host)
	equal(t, "client id", kept.ClientID, sandbox.ClientID)
	equal(t, "scopes", strings.Join(kept.Scopes, " "), "repo")
	equal(t, "granted", strings.Join(kept.Token.Scopes, " "), "repo")
	equal(t, "signed in", kept.SignedIn, w.clock.Now())
	equal(t, "expiry", kept.Token.Expiry, w.clock.Now().Add(8*time.Hour))
	equal(t, "refresh token", kept.Token.Refresh.IsZero(), false)
	c.Close()
	must(t, w.call(w.credential()))
	equal(t, "device authorizations", w.signIns(), 1)
}

func TestSignInThatFailsIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		end  func(*world, *credentials.SignInRequired)
		want error
	}{
		{"denied", func(w *world, r *credentials.SignInRequired) { must(w.t, w.box.Deny(r.UserCode)) }, deviceflow.ErrDenied},
		{"expired", func(w *world, _ *credentials.SignInRequired) { w.clock.Advance(15 * time.Minute) }, deviceflow.ErrExpired},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			polling, o := w.watched()
			credential := w.with(o)
			first := required(t, w.call(credential))
			<-polling
			c.end(w, first)
			w.clock.tick(t)
			wait(t, "the end of the sign-in", first.Done())
			if !errors.Is(first.Err(), c.want) {
				t.Errorf("%v", first.Err())
			}
			contains(t, "the error", first.Err().Error(), "github: ")
			contains(t, "the log", w.log.String(), "WARN")
			second := required(t, w.call(credential))
			if second.ID == first.ID || second.UserCode == first.UserCode {
				t.Error("the old sign-in is offered again")
			}
			w.approve(second)
			must(t, w.call(credential))
		})
	}
}

// watched are options under which a sign-in tells when it waits for its first
// poll, and gives the context it waits with.
func (w *world) watched() (<-chan context.Context, credentials.Options) {
	polling := make(chan context.Context, 1)
	return polling, options(w, func(o *credentials.Options) {
		o.Sleep = func(ctx context.Context, d time.Duration) error {
			select {
			case polling <- ctx:
			default:
			}
			return w.clock.Sleep(ctx, d)
		}
	})
}

// never is a pause that only the end of the sign-in ends.
func never(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestNoClient(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.ClientID = ""
	c := w.credential()
	_, signIn := c.SignIn(t.Context())
	for _, err := range []error{w.call(c), signIn} {
		if !errors.Is(err, credentials.ErrNoClient) {
			t.Fatalf("%v", err)
		}
		contains(t, "the error", err.Error(), "github: ", "GITHUB_CLIENT_ID", "GITHUB_TOKEN", w.service.RegistrationURL, w.service.RegistrationHint)
	}
	equal(t, "requests", len(w.box.Requests()), 0)
	w.settings.ClientID = sandbox.ClientID
	required(t, w.call(w.credential()))
}

// A command that is gone in a moment starts no sign-in that nobody would wait
// for.
func TestSignInElsewhere(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.faulty()
	brief := w.with(options(w, func(o *credentials.Options) { o.SignInElsewhere = true }))
	err := w.call(brief)
	if !errors.Is(err, credentials.ErrNotSignedIn) {
		t.Fatalf("%v", err)
	}
	contains(t, "the error", err.Error(), "valetkey login github")
	equal(t, "requests", len(w.box.Requests()), 0)
	w.signIn(w.credential())
	must(t, w.call(brief))
	w.box.RevokeTokens()
	if err := w.call(brief); !errors.Is(err, credentials.ErrNotSignedIn) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestSignInAgainReplacesTheToken(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	before := w.record(c)
	r, err := c.SignIn(t.Context())
	must(t, err)
	must(t, w.call(c))
	equal(t, "the token that serves meanwhile", w.sent(), before.Token.Access.Reveal())
	w.clock.Advance(time.Minute)
	w.approve(r)
	after := w.record(c)
	equal(t, "the same token", after.Token.Access.Equal(before.Token.Access), false)
	equal(t, "generation grows", after.Generation > before.Generation, true)
	must(t, w.call(c))
	equal(t, "the token that serves now", w.sent(), after.Token.Access.Reveal())
}

func TestCancelSignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	c.CancelSignIn()
	r := required(t, w.call(c))
	c.CancelSignIn()
	wait(t, "the end of the sign-in", r.Done())
	if !errors.Is(r.Err(), context.Canceled) {
		t.Errorf("%v", r.Err())
	}
	if required(t, w.call(c)).ID == r.ID {
		t.Error("the cancelled sign-in is offered again")
	}
}

func TestSignInThatCannotBegin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{GitHubManners: true, DeviceFlowDisabled: true})
	err := w.call(w.credential())
	if !errors.Is(err, deviceflow.ErrDisabled) {
		t.Errorf("%v", err)
	}
	contains(t, "the error", err.Error(), "github: a sign-in can't begin")
	elsewhere := lasting(t)
	elsewhere.service.Pages = []string{"github.com"}
	if err := elsewhere.call(elsewhere.credential()); !errors.Is(err, oauth.ErrAnswer) || !strings.Contains(err.Error(), "another host than github.com") {
		t.Errorf("a page elsewhere: %v", err)
	}
	w.box.Close()
	if err := w.call(w.credential()); !errors.As(err, new(*oauth.TransportError)) {
		t.Errorf("no server: %v", err)
	}
}

// Another process has signed in while this one still offers its own code.
func TestSignInByAnotherProcessServes(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	one, two := w.with(options(w, func(o *credentials.Options) { o.Sleep = never })), w.credential()
	required(t, w.call(one))
	w.approve(required(t, w.call(two)))
	must(t, w.call(one))
	equal(t, "the token sent", w.sent(), w.record(two).Token.Access.Reveal())
}

// An authorization server that keeps silent holds no call for long.
func TestSignInWithASilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := credentials.New(credentials.Options{
			Service: credentials.Service{Name: "github", Host: "github.com", ClientID: "example-client",
				Endpoint: oauth2.Endpoint{DeviceAuthURL: "https://github.com/login/device/code"}},
			Store: &credentials.Memory{}, HTTP: &http.Client{Transport: silent},
		})
		defer c.Close()
		began := time.Now()
		_, err := c.SignIn(t.Context())
		if waited := time.Since(began); err == nil || waited != 10*time.Second {
			t.Fatalf("after %s: %v", waited, err)
		}
		contains(t, "the error", err.Error(), "a sign-in can't begin: github.com gave no answer within 10s")
	})
}
