package github

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

func TestGraphAddress(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]string{
		"https://api.github.com/":            "https://api.github.com/graphql",
		"https://api.octo.ghe.com/":          "https://api.octo.ghe.com/graphql",
		"https://github.example.com/api/v3/": "https://github.example.com/api/graphql",
		"http://127.0.0.1:1/api/v3":          "http://127.0.0.1:1/api/graphql",
	} {
		a, _ := newAPI(tools.Setup{At: credentials.Service{APIURL: rest}})
		if got := a.graphAddress(); got != want {
			t.Errorf("%s: %s, want %s", rest, got, want)
		}
	}
}

// The types are those of GitHub's answers.
func TestGraphFault(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"NOT_FOUND":           "not found",
		"FORBIDDEN":           "no permission",
		"INSUFFICIENT_SCOPES": "no permission",
		"RATE_LIMITED":        "used up",
		"":                    "refused: Could not resolve",
	} {
		err := graphFault(nil, []graphError{{kind, "Could not resolve to a Repository with the name 'o/r'."}}, "o/r")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := graphFault(nil, nil, "o/r"); err != nil {
		t.Error(err)
	}
}
