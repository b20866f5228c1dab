package github

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// mannerly answers the client with manners around its transport: what may not
// be touched is refused, what is known already is only asked for if it has
// changed, and limits are waited for. Their order matters: witness shows a call
// what guard has left of an answer; guard judges what tidy has made of it; tidy
// works on a copy, so that memory keeps what GitHub's entity tag stands for; and
// patience sends again what memory has asked.
func mannerly(s tools.Setup, base *url.URL, allowed allowList, large rest.Turns) *http.Client {
	client := http.Client{}
	if s.API != nil {
		client = *s.API
	}
	if client.Transport == nil {
		client.Transport = oauth.Network{}.APITransport()
	}
	client.Transport = &tidy{large: large, next: &memory{
		next: &patience{next: client.Transport, base: base, after: s.After},
		host: base.Host,
	}}
	if allowed.restricts() {
		client.Transport = &guard{next: client.Transport, base: base, allowed: allowed}
	}
	client.Transport = &witness{next: client.Transport, base: base.Path, graph: graphPath(base)}
	client.CheckRedirect = keepsMethod(client.CheckRedirect)
	return &client
}

// keepsMethod refuses a redirect that would make a request to change something
// into one to read: its answer would look as if that was done.
func keepsMethod(check func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		if r.Method != via[0].Method {
			return tools.UserError("github: this has moved, and nothing was changed; github_repository shows what it is called now")
		}
		if check != nil {
			return check(r, via)
		}
		if len(via) >= 10 {
			return errors.New("github: too many redirects")
		}
		return nil
	}
}

// graphPath is where the GraphQL API is beside the REST API: /graphql at
// api.github.com and ghe.com, /api/graphql on a GitHub Enterprise Server.
// https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql
func graphPath(base *url.URL) string {
	root, _ := strings.CutSuffix(base.Path, "/v3/")
	return path.Join("/", root, "graphql")
}

// closeBody is what a transport owes a request that it doesn't send.
func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
