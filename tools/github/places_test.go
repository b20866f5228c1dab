package github_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/valetkey/valetkey/tools/github"
)

// TestPublicRepositories: by what GitHub says of them, as its documentation has it.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
func TestPublicRepositories(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ public, fails bool }{
		`{"private":false,"visibility":"public"}`:   {true, false},
		`{"private":true,"visibility":"private"}`:   {false, false},
		`{"private":true,"visibility":"internal"}`:  {false, false},
		`{"private":false,"visibility":"internal"}`: {false, false},
		`{"private":false}`:                         {true, false},
		`{}`:                                        {false, true},
		`<html>`:                                    {false, true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/api/v3/repos/octo-example/hello" {
				w.WriteHeader(http.StatusNotFound)
			}
			w.Write([]byte(answer))
		}))
		t.Cleanup(server.Close)
		public, err := github.Service("").Public(t.Context(), server.Client(), server.URL+"/api/v3/", "octo-example/hello")
		if public != want.public || (err != nil) != want.fails {
			t.Errorf("%s: %t, %v", answer, public, err)
		}
		if _, err := github.Service("").Public(t.Context(), server.Client(), server.URL+"/api/v3/", "octo-example/other"); err == nil {
			t.Error("what isn't found is told of")
		}
	}
}

// TestPlaces: a repository in a path is one only as GitHub writes it.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"repos/octo-example/hello":                    "octo-example/hello",
		"repos/octo-example/hello.go/issues/1":        "octo-example/hello.go",
		"repos/octo-example/hello/contents/repos/a/b": "octo-example/hello",
		"repos/octo-example":                          "",
		"repos/octo-example%2Fhello/issues":           "",
		"repos/octo-example/%2e%2e/gists":             "",
		"repos/octo-example/../gists":                 "",
		"gists/1":                                     "",
		"search/issues":                               "",
	} {
		r, err := http.NewRequest(http.MethodGet, "https://api.github.example/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := github.Service("").Place(r); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestWhereRequestsGo: by the beginning of a path. A folder of a public repository may be
// called like a private one.
func TestWhereRequestsGo(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://api.github.com/repos/octo-example/hello/issues":                        "octo-example/hello",
		"https://api.github.com/repos/octo-example/hello":                               "octo-example/hello",
		"https://ghes.example/api/v3/repos/octo-example/hello/contents/repos/me/secret": "octo-example/hello",
		"https://api.github.com/repositories/5/contents/repos/me/secret":                "",
		"https://ghes.example/api/v3/repositories/5/contents/repos/me/secret":           "",
		"https://api.github.com/orgs/octo-example/repos/x/y":                            "",
		"https://api.github.com/user/repos":                                             "",
		"https://ghes.example/api/graphql":                                              "",
		"https://api.github.com/repos/octo-example":                                     "",
	} {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := github.Service("").Place(r); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
