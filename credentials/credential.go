package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/trace"
)

const (
	// freshness is how long before its expiry a token counts as stale, so
	// that it doesn't expire on its way to the API.
	freshness = 60 * time.Second
	// jitter keeps processes that hold the same token from finding it stale at
	// the same moment.
	jitter = 30 * time.Second
	// recheck is how long a token from the store is used without another look
	// at the store, where a person may have signed out or in again.
	recheck = time.Minute
	// busyPatience is how long the lock is waited for with a good token in hand.
	busyPatience = 3 * time.Second
)

// Options say what a [Credential] is made of. Service and Store are required.
type Options struct {
	Service  Service
	Settings Settings
	Store    Store
	// Folder is where processes that share the store lock each other out; nil:
	// they don't.
	Folder *Folder
	// Log is where a person is told what can't be told elsewhere; nil: nowhere.
	Log *slog.Logger
	// Now and Sleep are the clock; nil: the system's.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter answers a random part of a duration; nil: math/rand's.
	Jitter func(most time.Duration) time.Duration
	// SignInElsewhere says that this process is gone before a person could
	// approve anything, so it starts no sign-in: [ErrNotSignedIn] instead.
	SignInElsewhere bool
	// Network is the way to all servers.
	Network oauth.Network
	// Watch is put around every way to a server, to see what is asked there. foreign:
	// the way is to hosts that the service leads to. mask is [Credential.Mask], for when
	// a request was made. nil: nobody watches.
	Watch func(way http.RoundTripper, foreign bool, mask func(string) string) http.RoundTripper
	// HTTP makes the requests to the authorization server, wherever its endpoints
	// are, and Transport all others; nil: the network's.
	HTTP      *http.Client
	Transport http.RoundTripper
}

// Credential is one service and one account. Its methods may be called
// concurrently. Close it to end what goes on in the background.
type Credential struct {
	Options
	// oauth has no endpoints yet.
	oauth *oauth.Client
	// discovery looks up those of the issuer, if there is one, and endpoints makes
	// the requests to them if the issuer is out there.
	discovery *oauth.Discovery
	endpoints *http.Client
	// foreign makes the requests to hosts that aren't the service's.
	foreign http.RoundTripper
	// early is how long before its expiry a token counts as stale.
	early time.Duration

	background context.Context
	stop       context.CancelFunc
	running    sync.WaitGroup
	flight     singleflight.Group
	// searching is held by whoever reads, renews, stores or deletes the
	// record, or starts a sign-in. It is not held while a person is waited for,
	// but for a keyring or a passphrase that is asked for at a terminal. It
	// guards refreshing.
	searching  sync.Mutex
	refreshing refreshPause
	// asked are the sets of further scopes a person was asked for; guarded by
	// searching as well.
	asked []string

	mu      sync.Mutex
	current *grant
	// tokens counts those that have been in use.
	tokens  int
	pending *signIn
	// refused says in words why the provider has refused a flow.
	refused map[Flow]string
	// unsaved is a record the store has not taken yet.
	unsaved *Record
	// skew is by how much the clock is ahead of the service's, if dated. told:
	// somebody was.
	skew        time.Duration
	dated, told bool
}

// grant is a token in use and, if it came from a record, that and when it was
// last looked at. Only a key comes from none. number is its token's.
type grant struct {
	token   oauth.Secret
	expiry  time.Time
	record  *Record
	checked time.Time
	number  int
	isKey   bool
}

// complete fills in what is the same for all credentials.
func (o Options) complete() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = oauth.Sleep
	}
	if o.Jitter == nil {
		o.Jitter = rand.N[time.Duration]
	}
	return o
}

// New makes a credential. Nothing is read, asked or stored before it is used.
func New(o Options) *Credential {
	o = o.complete()
	foreign := o.Transport
	if o.Transport == nil {
		o.Transport, foreign = o.Network.APITransport(), o.Network.ForeignTransport()
	}
	endpoints := o.HTTP
	if o.HTTP == nil {
		o.HTTP, endpoints = o.Network.TokenClient(), o.Network.ForeignTokenClient()
	}
	background, stop := context.WithCancel(context.Background())
	c := &Credential{
		Options:    o,
		foreign:    foreign,
		refused:    map[Flow]string{},
		endpoints:  endpoints,
		early:      freshness + o.Jitter(jitter),
		background: background,
		stop:       stop,
	}
	if c.Watch != nil {
		c.Transport, c.foreign = c.Watch(c.Transport, false, c.Mask), c.Watch(c.foreign, true, c.Mask)
		c.HTTP, c.endpoints = c.watched(c.HTTP), c.watched(c.endpoints)
	}
	c.oauth = &oauth.Client{
		ID:        o.Settings.clientID(o.Service),
		Secret:    o.Settings.ClientSecret,
		Resources: Words(o.Settings.Resource),
		HTTP:      c.HTTP,
		Now:       o.Now,
		Answered:  c.noteDate,
	}
	if o.Service.Issuer != "" {
		c.discovery = oauth.NewDiscovery(o.Service.Issuer, c.HTTP, o.Now)
	}
	if o.Log.Enabled(background, slog.LevelDebug) {
		c.Store = toldStore{o.Store, c}
	}
	return c
}

// watched is a client whose requests are seen.
func (c *Credential) watched(client *http.Client) *http.Client {
	seen := *client
	seen.Transport = c.Watch(client.Transport, false, c.Mask)
	return &seen
}

// Close ends a sign-in under way and waits until nothing runs in the
// background. A token that could not be stored so far is stored now if it can.
// A token in use can still be used; what needs a search answers an error.
func (c *Credential) Close() {
	c.mu.Lock()
	c.stop()
	c.mu.Unlock()
	c.running.Wait()
	for _, way := range []http.RoundTripper{c.Transport, c.foreign} {
		defer (&http.Client{Transport: way}).CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), servingTimeout)
	defer cancel()
	c.searching.Lock()
	defer c.searching.Unlock()
	if err := c.saveExclusively(ctx); err != nil && !c.held().SignInNeeded && !c.isMachine() {
		c.Log.Error(c.Name()+": the token could not be stored and is lost with this process", "error", err)
	}
}

var errClosed = errors.New("valetkey is shutting down")

// begin counts what goes on in the background, which Close waits for, or
// refuses it after Close.
func (c *Credential) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.background.Err() != nil {
		return false
	}
	c.running.Add(1)
	return true
}

// Name is the service's name and, for a further account, the account's:
// "github" or "github/work". It names the entry in the store, in small letters,
// since neither every file system nor Windows tells them from others.
func (c *Credential) Name() string {
	if c.Settings.Account == "" {
		return c.Service.Name
	}
	return c.Service.Name + "/" + strings.ToLower(c.Settings.Account)
}

// Format implements [fmt.Formatter]: however a credential is printed, it shows
// its name.
func (c *Credential) Format(f fmt.State, _ rune) { io.WriteString(f, c.Name()) }

// want is what a record must have been made for.
func (c *Credential) want() Record {
	return Record{
		Service: c.Service.Name, Host: c.Service.Host, Issuer: c.Service.Issuer, Binding: c.Service.binding(), ClientID: c.oauth.ID,
		Audience: c.Settings.audience(), Scopes: c.Settings.scopes(c.Service), Grant: c.Settings.Grant,
	}
}

// errorf puts the credential's name before an error.
func (c *Credential) errorf(format string, args ...any) error {
	return fmt.Errorf(c.Name()+": "+format, args...)
}

// token answers a token that is good by the clock, or why there is none:
// [*SignInRequired] when a person has to approve one.
func (c *Credential) token(ctx context.Context) (*grant, error) {
	if g := c.fresh(); g != nil {
		c.step(ctx, "the token in memory is fresh")
		return g, nil
	}
	if isQuiet(ctx) {
		return c.once(ctx, "quiet token", func(ctx context.Context) (*grant, error) { return c.find(Quietly(ctx)) })
	}
	return c.once(ctx, "token", c.find)
}

// fresh answers the token in use if there is no need to look any further.
func (c *Credential) fresh() *grant {
	g := c.inUse()
	if g == nil || !c.isFresh(g.expiry) || g.record != nil && c.Now().Sub(g.checked) >= recheck {
		return nil
	}
	return g
}

func (c *Credential) inUse() *grant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

func (c *Credential) isFresh(expiry time.Time) bool {
	return expiry.IsZero() || c.Now().Add(c.early).Before(expiry)
}

// once runs a search that all callers of the moment share. It is bound to the
// credential, not to the caller who happened to come first.
func (c *Credential) once(ctx context.Context, key string, search func(context.Context) (*grant, error)) (found *grant, err error) {
	ctx, span := trace.Start(ctx, "find credential")
	defer func() { c.endSpan(span, found, err) }()
	within := trace.Within(c.background, ctx)
	results := c.flight.DoChan(key, func() (any, error) {
		if !c.begin() {
			return nil, errClosed
		}
		defer c.running.Done()
		c.searching.Lock()
		defer c.searching.Unlock()
		return search(within)
	})
	select {
	case result := <-results:
		g, _ := result.Val.(*grant)
		return g, result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// find looks in the settled order: environment, store (a key or a token), refresh,
// sign-in.
func (c *Credential) find(ctx context.Context) (*grant, error) {
	if g := c.fresh(); g != nil {
		return g, nil
	}
	if source, _ := c.Settings.keySource(c.Service.Name); source != SourceNone {
		key, err := c.readKey(ctx)
		if err != nil {
			return nil, err
		}
		return c.use(&grant{token: key, isKey: true}), nil
	}
	c.step(ctx, "no variable gives a key")
	r, err := c.stored(ctx)
	switch {
	case err == nil && c.isFresh(r.Token.Expiry) && c.isSettled(r) && c.held() == nil:
		c.step(ctx, "the token of the store is fresh")
		return c.adopt(r), nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return c.despite(err)
	}
	isGood, patience := err == nil && c.isValid(r.Token), lockTimeout
	if isGood {
		patience = busyPatience
	}
	g, err := c.exclusivelyWithin(ctx, patience, c.obtain)
	switch {
	case errors.Is(err, errBusy) && isGood:
		c.step(ctx, "the token of the store serves on", cause(err))
		return c.adopt(r), nil
	case errors.Is(err, errBusy):
		return c.despite(err)
	}
	return g, err
}

// obtain renews the token or starts a sign-in, unless another process has done
// so in the meantime. Call it exclusively.
func (c *Credential) obtain(ctx context.Context) (*grant, error) {
	// A failure shows in the read that follows, or else is tried again.
	_ = c.save(ctx)
	c.settleLeft(ctx)
	r, err := c.stored(ctx)
	switch {
	case errors.Is(err, ErrNotFound):
		c.use(nil)
		return c.anew(ctx)
	case err != nil:
		return c.despite(err)
	case c.isFresh(r.Token.Expiry):
		c.step(ctx, "the store has a fresh token by now")
		return c.trust(ctx, r)
	}
	c.step(ctx, "the token of the store is stale", expires(r.Token.Expiry))
	return c.refresh(ctx, r)
}

// despite goes on with the token in use, if it is good, when the store can't be
// read.
func (c *Credential) despite(err error) (*grant, error) {
	if g := c.inUse(); g != nil && c.isValid(g.record.Token) {
		c.step(c.background, "the token in memory serves on", cause(err))
		return c.adopt(g.record), nil
	}
	return nil, err
}
