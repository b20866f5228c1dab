package github

import (
	"encoding/json"
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

// TestGraphErrors: one of them is kept, and of the data whether there is any.
func TestGraphErrors(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`null`: "", `[]`: "",
		`[{"type":"FORBIDDEN","message":"first"},{"message":"second"},7]`: "first",
		`[null,{"message":"second"}]`:                                     " ",
	} {
		var errors graphErrors
		if err := json.Unmarshal([]byte(list), &errors); err != nil || len(errors) != min(len(want), 1) || want > " " && errors[0].Message != want {
			t.Errorf("%s: %v, %v", list, errors, err)
		}
	}
	for data, want := range map[string]bool{`null`: false, `{}`: false, `{"a":null,"b":null}`: false, `{"a":null,"b":{}}`: true, `{"a":[1]}`: true} {
		var p present
		if err := json.Unmarshal([]byte(data), &p); err != nil || bool(p) != want {
			t.Errorf("%s: %v, %v", data, p, err)
		}
	}
	for _, data := range []string{`[]`, `7`, `"a"`} {
		var p present
		if err := json.Unmarshal([]byte(data), &p); err == nil {
			t.Errorf("%s is no data", data)
		}
	}
}
