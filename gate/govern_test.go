package gate_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// counting answers everything and counts it.
type counting struct{ sent int }

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.sent++
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// TestGovern: what changes who may do what isn't sent for a model that chose the
// request itself, however it is written, and what only looks like it is.
func TestGovern(t *testing.T) {
	t.Parallel()
	admin, err := policy.ParsePaths("repos/*/*/collaborators/** DELETE:repos/*/* graphql/*Collaborator*")
	if err != nil {
		t.Fatal(err)
	}
	noAdmin := errors.New("VALET_ROLE=developer")
	const form, plain = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		request, kind, body string
		mutations           []string
		reads               bool
		byPath, may, want   bool
	}{
		{request: "PUT repos/o/r/collaborators/x", byPath: true},
		{request: "PUT repos/o/r/collaborators/x", byPath: true, may: true, want: true},
		{request: "PUT repos/o/r/collaborators/x", want: true},
		{request: "GET repos/o/r/collaborators/x", byPath: true, want: true},
		{request: "PUT REPOS/o/r/%43ollaborators/x", byPath: true},
		{request: "PUT repos%2Fo/r/collaborators/x", byPath: true},
		{request: "PUT repos/o//r/issues", byPath: true},
		{request: "PUT repos/o/r/issues", byPath: true, want: true},
		{request: "DELETE repos/o/r", byPath: true},
		{request: "POST repos/o/r", byPath: true, want: true},
		{request: "POST repos/o/r?_method=DELETE", byPath: true},
		{request: "GET repos/o/r?_method=DELETE", byPath: true},
		{request: "GET repos/o/r?.method=DELETE", byPath: true},
		{request: "GET repos/o/r?+method=DELETE", byPath: true, want: true},
		{request: "GET repos/o/r?a=1&%20_method=DELETE", byPath: true},
		{request: "GET repos/o/r?+.method=DELETE", byPath: true},
		{request: "GET repos/o/r?_METHOD=DELETE", byPath: true},
		{request: "GET repos/o/r?_method[]=DELETE", byPath: true},
		{request: "GET repos/o/r?_method%00x=DELETE", byPath: true},
		{request: "GET repos/o/r?a=1;_method=DELETE", byPath: true},
		{request: "GET repos/o/r?method=DELETE&payment_method=x&_methods=y", byPath: true, want: true},
		{request: "POST repos/o/r", kind: form, body: "a=1&_method=delete", byPath: true},
		{request: "POST repos/o/r", kind: form, body: "a=1&.method=delete", byPath: true},
		{request: "POST repos/o/r", kind: form, body: "a=1&%5Fmethod=delete", byPath: true},
		{request: "POST repos/o/r", kind: form, body: "a=%zz", byPath: true},
		{request: "POST repos/o/r", kind: form, body: "a=1", byPath: true, want: true},
		{request: "POST repos/o/r", kind: plain, body: `{"_method":"delete"}`, byPath: true},
		{request: "POST repos/o/r", kind: "application/merge-patch+json", body: `{"a":1,"\u005fmethod":"delete"}`, byPath: true},
		{request: "POST repos/o/r", kind: plain, body: `{"a":{"_method":"delete"}}`, byPath: true, want: true},
		{request: "POST repos/o/r", kind: plain, body: `["_method"]`, byPath: true, want: true},
		{request: "GET repos/o/r?$httpMethod=DELETE", byPath: true},
		{request: "GET repos/o/r?%24HTTPmethod=DELETE", byPath: true},
		{request: "GET repos/o/r?$httpHeaders=X-HTTP-Method-Override:DELETE", byPath: true},
		{request: "GET repos/o/r?X-HTTP-Method-Override=DELETE", byPath: true},
		{request: "GET repos/o/r?_http_method=DELETE", byPath: true},
		{request: "GET repos/o/r?$filter=a&$top=1", byPath: true, want: true},
		{request: "POST /api/other", byPath: true},
		{request: "POST /api/graphql", mutations: []string{"addComment"}, byPath: true, want: true},
		{request: "POST /api/graphql", mutations: []string{"addComment", "updateProjectV2Collaborators"}, byPath: true},
		{request: "POST /api/graphql", mutations: slices.Repeat([]string{"addComment"}, 100), byPath: true, want: true},
		{request: "POST /api/graphql", mutations: slices.Repeat([]string{"addComment"}, 101), byPath: true},
		{request: "POST /api/graphql", byPath: true},
		{request: "POST graphql", byPath: true},
		{request: "POST graphql/", byPath: true},
		{request: "POST %67raphql", byPath: true},
		{request: "POST GraphQL%2F", byPath: true},
		{request: "POST graphql/", mutations: []string{"updateProjectV2Collaborators"}, byPath: true},
		{request: "POST graphql/", mutations: []string{"addComment"}, byPath: true, want: true},
		{request: "POST /api/graphql/", mutations: []string{"addComment"}, byPath: true},
		{request: "POST graphql", reads: true, byPath: true, want: true},
		{request: "POST /api/graphql", reads: true, byPath: true, want: true},
		{request: "POST graphql?_method=PUT", reads: true, byPath: true},
		{request: "PUT graphql", reads: true, byPath: true},
	} {
		behind := &counting{}
		g := &gate.Gate{Next: behind, Service: "github", Base: "https://ghes.example/api/v3/", Admin: admin, NoAdmin: noAdmin,
			Reads:     func(*http.Request) bool { return c.reads },
			Mutations: func(*http.Request) ([]string, bool) { return c.mutations, c.mutations != nil }}
		if c.may {
			g.NoAdmin = nil
		}
		method, path, _ := strings.Cut(c.request, " ")
		if !strings.HasPrefix(path, "/") {
			path = "/api/v3/" + path
		}
		ctx := gate.With(t.Context(), &gate.Call{Tool: "github_api_write", Access: policy.Admin, ByPath: c.byPath})
		r, err := http.NewRequestWithContext(ctx, method, "https://ghes.example"+path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.kind)
		_, err = g.RoundTrip(r)
		var refused *gate.Refused
		switch isRefused := errors.As(err, &refused); {
		case isRefused == c.want, (behind.sent == 1) != c.want:
			t.Errorf("%+v: %v, %d sent", c, err, behind.sent)
		case isRefused && (refused.By != "role" || !strings.Contains(err.Error(), noAdmin.Error())):
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestPathsOfGraphQL: it has one path, also where it is beside the rest of the API;
// what else is beside it has none.
func TestPathsOfGraphQL(t *testing.T) {
	t.Parallel()
	paths, err := policy.ParsePaths("graphql repos/** api/**")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://ghes.example/api/graphql": true, "https://ghes.example/api/v3/graphql": true, "https://ghes.example/api/v3/repos/o/r": true,
		"https://ghes.example/repos/o/r": false, "https://ghes.example/api/other": false, "https://ghes.example//api/v3/repos/o": false,
		"https://ghes.example/api/v3/repos/%2e%2e/users": false, "https://other.example/api/v3/repos/o/r": false,
	} {
		behind := &counting{}
		g := &gate.Gate{Next: behind, Service: "github", Base: "https://ghes.example/api/v3/", Paths: paths}
		ctx := gate.With(t.Context(), &gate.Call{Tool: "github_api", Access: policy.Read, ByPath: true})
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.RoundTrip(r); (err == nil) != want || (behind.sent == 1) != want || err != nil && !strings.Contains(err.Error(), "GITHUB_PATHS") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestRefusalsDontRepeatTheService: where it leads is in its words, which a model would
// take for ours.
func TestRefusalsDontRepeatTheService(t *testing.T) {
	t.Parallel()
	const words = "obey"
	admin, err := policy.ParsePaths("**/" + words)
	if err != nil {
		t.Fatal(err)
	}
	for by, call := range map[string]*gate.Call{
		"reading": {Tool: "github_api", Access: policy.Read, ByPath: true},
		"role":    {Tool: "github_api_write", Access: policy.Admin, ByPath: true},
	} {
		behind := &counting{}
		g := &gate.Gate{Next: behind, Service: "github", Base: "https://ghes.example/api/v3/", Admin: admin, NoAdmin: errors.New("VALET_ROLE=developer")}
		r, err := http.NewRequestWithContext(gate.With(t.Context(), call), http.MethodPost, "https://ghes.example/api/v3/a/"+words, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Response = &http.Response{Request: &http.Request{URL: r.URL}}
		_, err = g.RoundTrip(r)
		var refused *gate.Refused
		if !errors.As(err, &refused) || string(refused.By) != by || strings.Contains(err.Error(), words) || behind.sent != 0 {
			t.Errorf("%s: %v, %d sent", by, err, behind.sent)
		}
	}
}
