package credentials_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// forbidding is a service that wants a scope for everything but /user, and says
// so as RFC 6750 §3.1 has it.
func forbidding(t *testing.T, challenge string) *world {
	t.Helper()
	w := lasting(t)
	w.shared()
	w.settings.Scopes = "repo"
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/user") {
			return http.DefaultTransport.RoundTrip(r)
		}
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Www-Authenticate": {challenge}}, Body: http.NoBody, Request: r}, nil
	})
	return w
}

const insufficient = `Bearer realm="x", error="insufficient_scope", scope="gist read:org", error_description="x"`

// gists asks for what needs a further scope.
func (w *world) gists(c *credentials.Credential) (*http.Response, error) {
	response, err := c.Client().Get(w.service.APIURL + "gists")
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

func (w *world) asksFor(r *credentials.SignInRequired) string {
	slices.Sort(r.Scopes)
	return strings.Join(r.Scopes, " ")
}

// A 403 that names missing scopes is a sign-in for all of them, once.
func TestStepUp(t *testing.T) {
	t.Parallel()
	w := forbidding(t, insufficient)
	c := w.credential()
	first := required(t, w.call(c))
	w.finish(first)
	must(t, first.Err())
	old := w.record(c).Token.Access
	_, err := w.gists(c)
	more := required(t, err)
	equal(t, "scopes asked for", w.asksFor(more), "gist read:org repo")
	must(t, w.call(c))
	equal(t, "the token that serves meanwhile", w.sent(), old.Reveal())
	w.finish(more)
	must(t, more.Err())
	equal(t, "the record's scopes", strings.Join(w.record(c).Scopes, " "), "gist read:org repo")
	response, err := w.gists(c)
	must(t, err)
	equal(t, "a 403 that more scopes don't help", response.StatusCode, http.StatusForbidden)
	must(t, w.call(w.credential()))
	equal(t, "device authorizations", w.signIns(), 2)
}

// What a person denies isn't asked for again.
func TestStepUpDenied(t *testing.T) {
	t.Parallel()
	w := forbidding(t, insufficient)
	c := w.credential()
	first := required(t, w.call(c))
	w.finish(first)
	_, err := w.gists(c)
	more := required(t, err)
	_, err = w.gists(c)
	equal(t, "code while it waits", required(t, err).UserCode, more.UserCode)
	must(t, w.box.Deny(more.UserCode))
	w.tickUntil(more)
	response, err := w.gists(c)
	must(t, err)
	equal(t, "status", response.StatusCode, http.StatusForbidden)
	must(t, w.call(c))
	equal(t, "device authorizations", w.signIns(), 2)
}

// A 403 for other reasons, and one to a key, is passed on.
func TestForbiddenWithoutStepUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		challenge string
		key       oauth.Secret
	}{
		"a key":           {insufficient, oauth.NewSecret(exampleKey)},
		"another reason":  {`Bearer error="invalid_token", scope="gist"`, oauth.Secret{}},
		"no reason":       {"", oauth.Secret{}},
		"no scope":        {`Bearer error="insufficient_scope"`, oauth.Secret{}},
		"a scope it has":  {`Bearer error="insufficient_scope", scope="repo"`, oauth.Secret{}},
		"half a sentence": {`Bearer error="insufficient_scope", scope="`, oauth.Secret{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := forbidding(t, test.challenge)
			w.settings.Token, w.settings.KeyVariable = test.key, "GITHUB_TOKEN"
			c := w.credential()
			if test.key.IsZero() {
				w.finish(required(t, w.call(c)))
			}
			begun := w.signIns()
			response, err := w.gists(c)
			must(t, err)
			equal(t, "status", response.StatusCode, http.StatusForbidden)
			equal(t, "device authorizations", w.signIns(), begun)
		})
	}
}

// A scope that joined another sign-in, which doesn't ask for it, is asked for
// afterwards.
func TestStepUpThatJoinsAnother(t *testing.T) {
	t.Parallel()
	w := forbidding(t, `Bearer error="insufficient_scope", scope="gist"`)
	c := w.credential()
	w.finish(required(t, w.call(c)))
	again := signInAgain(t, c)
	_, err := w.gists(c)
	equal(t, "code", required(t, err).UserCode, again.UserCode)
	w.finish(again)
	_, err = w.gists(c)
	equal(t, "scopes asked for then", w.asksFor(required(t, err)), "gist repo")
}

// What a second process needs is asked for beside what the first has got, and
// what is there already isn't asked for.
func TestStepUpOfTwoProcesses(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	w.settings.Scopes = "repo"
	wanted := map[string]string{"gists": "gist", "orgs": "read:org"}
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		scope := wanted[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
		if err != nil || scope == "" || strings.Contains(w.scopesOf(r), scope) {
			return answer, err
		}
		answer.Body.Close()
		header := http.Header{"Www-Authenticate": {`Bearer error="insufficient_scope", scope="` + scope + `"`}}
		return &http.Response{StatusCode: http.StatusForbidden, Header: header, Body: http.NoBody, Request: r}, nil
	})
	one, two, three := w.credential(), w.credential(), w.credential()
	w.finish(required(t, w.call(one)))
	must(t, w.call(two))
	must(t, w.call(three))
	_, err := w.gists(one)
	w.finish(required(t, err))
	_, err = w.gists(two)
	must(t, err)
	equal(t, "device authorizations, for what is there", w.signIns(), 2)
	_, err = three.Client().Get(w.service.APIURL + "orgs")
	w.finish(required(t, err))
	equal(t, "the record's scopes", strings.Join(w.record(one).Scopes, " "), "gist read:org repo")
	_, err = w.gists(one)
	must(t, err)
	equal(t, "device authorizations", w.signIns(), 3)
}

// scopesOf answers what the token of a request is good for.
func (w *world) scopesOf(r *http.Request) string {
	record, err := w.store.Read(w.t.Context(), "github")
	if err != nil || r.Header.Get("Authorization") != "Bearer "+record.Token.Access.Reveal() {
		return "repo"
	}
	return strings.Join(record.Scopes, " ")
}
