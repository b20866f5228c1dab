package gate

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/valetkey/valetkey/policy"
)

// Gate is the way to one service. It is safe for concurrent use.
type Gate struct {
	Next http.RoundTripper
	// Service is its name, and Base the address of its API.
	Service string
	Base    string
	// Reads tells the requests that change nothing although their method is one to
	// change things; nil: there are none.
	Reads func(*http.Request) bool
	// Place is where a request reads or writes, such as owner/name; nil: nowhere
	// that could be told.
	Place func(*http.Request) string
	// Public asks the service, through a client that is signed in, goes through no
	// gate and only reads, whether anybody may read a place; nil: everywhere.
	Public func(ctx context.Context, api *http.Client, apiURL, place string) (bool, error)
	// Paths are those that a model may choose; none: all.
	Paths policy.Paths
	// Admin are the requests that change who may do what, and NoAdmin is why a model
	// may not choose them; nil: it may. Mutations are those that a request to the
	// path graphql makes, unless they can't be told, which stand in Admin as
	// graphql/name; nil: that path is like any other.
	Admin     policy.Paths
	NoAdmin   error
	Mutations func(*http.Request) (names []string, known bool)
	// Rules are those of the whole process.
	Rules *Rules
}

// RoundTrip implements [http.RoundTripper]. Its error is [*Planned],
// [*Unconfirmed], [*Refused] or that of what comes behind the gate.
func (g *Gate) RoundTrip(r *http.Request) (*http.Response, error) {
	call := From(r.Context())
	sent, changes, err := g.judge(r, call)
	if err != nil {
		closeBody(r)
		return nil, call.refuse(err)
	}
	if call == nil {
		return g.Next.RoundTrip(sent)
	}
	watched, left := watch(sent)
	if changes {
		watched = watched.WithContext(context.WithValue(watched.Context(), changeKey{}, true))
	}
	answer, err := g.Next.RoundTrip(watched)
	var refusal *Refused
	if errors.As(err, &refusal) {
		err = call.refuse(refusal)
	}
	unsent := err != nil && !left.Load()
	g.note(r, call, answer, changes, unsent)
	if changes && unsent {
		call.takeBack(g.Rules.refund)
	}
	return answer, err
}

type changeKey struct{}

// MaySend has the last word on a request that was let through, once all that it had to
// wait for is there, and again before it is sent a second time: changes may have been
// halted since.
func (g *Gate) MaySend(r *http.Request) error {
	if r.Context().Value(changeKey{}) == nil {
		return nil
	}
	return g.Rules.stopped()
}

// watch tells, of a request that came to nothing, whether it may have left. It has
// as soon as there is a connection for it: from then on it is written while whoever
// waits for the answer may have given up.
func watch(r *http.Request) (watched *http.Request, left *atomic.Bool) {
	left = new(atomic.Bool)
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { left.Store(true) },
	})), left
}

// judge answers the request to send, and whether it changes something, or why it
// isn't sent.
func (g *Gate) judge(r *http.Request, call *Call) (sent *http.Request, changes bool, err error) {
	if call != nil {
		if err := g.mayGo(r, call); err != nil {
			return nil, false, err
		}
	}
	if isHarmless(r) {
		return r, false, nil
	}
	copied := r.Clone(r.Context())
	request, err := requestOf(copied)
	if err != nil {
		return nil, false, err
	}
	switch _, isOwn := g.below(r.URL); {
	case isOwn && r.Method == http.MethodPost && !overrides(r) && g.Reads != nil && g.Reads(copied):
		return copied, false, nil
	case call == nil:
		return nil, false, refused(byReading, "%s: nothing but a tool changes anything", g.Service)
	case call.Access == policy.Read:
		return nil, false, refused(byReading, "%s: %s only reads, so %s %s was not sent", g.Service, call.Tool, r.Method, ours(r, r.URL.Path))
	case !isOwn && r.Response != nil:
		return nil, false, refused(byPath, "%s: a change is not sent on to the other host that the service leads to", g.Service)
	}
	if err := g.mayGovern(copied, call); err != nil {
		return nil, false, err
	}
	return copied, true, g.change(r.Context(), call, request, g.placeOf(r, call), r.Response != nil)
}

// change decides on a request to change something. isLed: the service has answered
// another one by where to send it.
func (g *Gate) change(ctx context.Context, call *Call, request Request, place string, isLed bool) error {
	if call.DryRun {
		return call.hold(request)
	}
	if err := g.Rules.stopped(); err != nil {
		return err
	}
	if why := g.asks(ctx, call, place); why != (Cause{}) {
		if err := g.agreed(call, request, why, isLed); err != nil {
			return err
		}
	}
	return call.begin(g.Rules.spend)
}

// agreed holds a request against what the person has agreed to: the first request of
// a call, as they were shown it, and with it whatever the tool sends after that,
// wherever that goes. Where the service leads isn't part of it.
func (g *Gate) agreed(call *Call, request Request, why Cause, isLed bool) error {
	switch {
	case isLed:
		return refused(Waiting, "%s: this has moved, and nothing was sent to where it is now: the person hasn't agreed to that (%s); look for its new name, and call the tool with that", g.Service, why)
	case call.Passed() && call.Confirmed == (Fingerprint{}):
		return refused(Waiting, "%s: this goes further than what the call began with, where nobody had to be asked; nothing more was sent (%s); do the rest by a call of its own", g.Service, why)
	case !call.Passed() && call.Confirmed != request.Fingerprint():
		return &Unconfirmed{Request: request, Why: why}
	}
	return nil
}

// mayGo holds what a model chose itself against the paths it may choose.
func (g *Gate) mayGo(r *http.Request, call *Call) error {
	if !call.ByPath || len(g.Paths) == 0 {
		return nil
	}
	below, isOwn := g.below(r.URL)
	if !isOwn && r.Response != nil {
		// The service itself leads there, and gets no token and no change.
		return nil
	}
	if !isOwn || overrides(r) || !g.Paths.Allow(r.Method, below) {
		return refused(byPath, "%s: %s_PATHS doesn't allow %s %s; the person can add that in their host's settings", g.Service, strings.ToUpper(g.Service), r.Method, ours(r, below))
	}
	return nil
}

// ours is the path of a request for a refusal. Where the service itself leads is in its
// words, which aren't repeated as if they were ours.
func ours(r *http.Request, path string) string {
	if r.Response != nil {
		return "(where the service leads)"
	}
	return path
}

// below is a request's path below the API's address. What isn't below it begins
// with a slash, which no pattern means. On a GitHub Enterprise Server GraphQL is
// beside the rest of the API.
//
// https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
func (g *Gate) below(address *url.URL) (path string, isOwn bool) {
	base, err := url.Parse(g.Base)
	if err != nil || base.Host != address.Host || base.Scheme != address.Scheme {
		return address.Host + address.EscapedPath(), false
	}
	parent := strings.TrimRight(base.EscapedPath(), "/")
	path, isBelow := strings.CutPrefix(address.EscapedPath(), parent+"/")
	switch {
	case isBelow:
		return path, true
	case parent == "/api/v3" && address.EscapedPath() == "/api/graphql":
		return graphQL, true
	}
	return address.EscapedPath(), true
}

// isHarmless tells requests that change nothing, by their method.
func isHarmless(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == "") && !overrides(r)
}

// placeOf is where a request reads or writes: by its path, or else that of the one
// which led there, and by what the call says where no path tells.
func (g *Gate) placeOf(r *http.Request, call *Call) string {
	for g.Place != nil && r != nil {
		if place := g.Place(r); place != "" {
			return place
		}
		if r.Response == nil {
			break
		}
		r = r.Response.Request
	}
	return call.Place
}

// note keeps what a call was let send.
func (g *Gate) note(r *http.Request, call *Call, answer *http.Response, changes, unsent bool) {
	seen := Seen{Method: r.Method, Target: r.URL.Host + r.URL.EscapedPath(), Changes: changes, Unsent: unsent}
	if answer != nil {
		seen.Status, seen.ID = answer.StatusCode, requestID(answer.Header)
	}
	call.saw(seen)
	// A refusal has words too, and 304 means that an answer is shown that was kept.
	if call.Strangers && answer != nil {
		call.readAt(source{g, g.placeOf(r, call)})
	}
}

// requestID is what a service calls a request by: GitHub, GitLab and Sentry, and
// Microsoft Graph.
//
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
// https://learn.microsoft.com/en-us/graph/best-practices-concept#reliability-and-support
func requestID(header http.Header) string {
	for _, name := range []string{"X-GitHub-Request-Id", "X-Request-Id", "Request-Id"} {
		if id := header.Get(name); id != "" && len(id) <= 100 {
			return id
		}
	}
	return ""
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
