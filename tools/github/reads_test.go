package github_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools/github"
)

// TestWhatIsAQuery: a request that only reads is one that can't be read otherwise:
// neither by GitHub's parsers nor by anything in between.
func TestWhatIsAQuery(t *testing.T) {
	t.Parallel()
	const mutation = `mutation{addStar(input:{starrableId:\"R_example\"}){clientMutationId}}`
	for body, isQuery := range map[string]bool{
		`{"query":"{viewer{login}}"}`: true,
		`{"query":"query Q($n:Int){viewer{login}}","variables":{"n":1},"operationName":"Q"}`: true,
		` {"variables":{"query":"mutation{a}"},"query":"{viewer{login}}"} ` + "\n":           true,
		`{"query":"{mutation:viewer{login}}"}`:                                               true,
		`{"query":"# mutation{a}\n{viewer{login}}"}`:                                         true,
		`{"query":"{search(query:\"mutation{a}\"){x}}"}`:                                     true,
		`{"query":"query A{a} fragment F on User{login}"}`:                                   true,

		`{"query":"` + mutation + `"}`: false,
		`{"query":"` + strings.ReplaceAll(mutation, "mutation", `mut\u0061tion`) + `"}`:        false,
		`{"query":"query A{a} ` + mutation + `"}`:                                              false,
		`{"query":"query A{a} ` + mutation + `","operationName":"A"}`:                          false,
		`{"query":"query A{a} query B{b}"}`:                                                    false,
		`{"query":"# comment\n` + mutation + `"}`:                                              false,
		`{"query":"# comment\r` + mutation + `\n{a}"}`:                                         false,
		`{"query":"{a(b:\"\"\" \\\"\"\" \"\"\")} ` + mutation + `"}`:                           false,
		`{"query":"\ufeff{viewer{login}}"}`:                                                    false,
		`{"query":"\ufeff` + mutation + `"}`:                                                   false,
		`{"query":"subscription{a}"}`:                                                          false,
		`{"query":"fragment F on User{login}"}`:                                                false,
		`{"query":""}`:                                                                         false,
		`{"query":null}`:                                                                       false,
		`{"query":["{a}"]}`:                                                                    false,
		`{"query":"` + mutation + `","query":"{a}"}`:                                           false,
		`{"query":"{a}","query":"` + mutation + `"}`:                                           false,
		`{"query":"` + mutation + `","Query":"{a}"}`:                                           false,
		`{"Query":"{a}"}`:                                                                      false,
		`{"QUERY":"{a}","query":"` + mutation + `"}`:                                           false,
		`{"query":"{a}","variables":{},"variables":{"x":1}}`:                                   false,
		`{"query":"{a}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"example"}}}`: false,
		`{"query":"{a}","id":"x"}`:                                                             false,
		`{"query":"{a}"}{"query":"` + mutation + `"}`:                                          false,
		`{"query":"{a}"} x`:                                                                    false,
		`[{"query":"{a}"}]`:                                                                    false,
		"\ufeff" + `{"query":"{a}"}`:                                                           false,
		`{"query":"{a}"`:                                                                       false,
		``:                                                                                     false,
		`query={a}`:                                                                            false,
		`{"\u0071uery":"{a}","query":"` + mutation + `"}`:                                      false,
		`{"query":"{a}","variables":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`: false,
	} {
		if got := outcomeOf(t, "https://api.github.com/graphql", body); got != isQuery {
			t.Errorf("%.200s: sent is %v", body, got)
		}
	}
}

// TestWhereQueriesGo: nothing but a plain POST of JSON to the one address is a query.
func TestWhereQueriesGo(t *testing.T) {
	t.Parallel()
	const query = `{"query":"{viewer{login}}"}`
	for address, isQuery := range map[string]bool{
		"https://api.github.com/graphql":                       true,
		"https://api.github.com/api/graphql":                   true,
		"https://api.github.com/graphql?query=mutation{a}":     false,
		"https://api.github.com/graphql/":                      false,
		"https://api.github.com/repos/o/r/graphql":             false,
		"https://api.github.com/repos/o/graphql":               false,
		"https://api.github.com/user/repos":                    false,
		"https://elsewhere.example.com/graphql":                false,
		"http://api.github.com/graphql":                        false,
		"https://api.github.com:8443/graphql":                  false,
		"https://api.github.com/repos/o/r/labels/..%2Fgraphql": false,
	} {
		if got := outcomeOf(t, address, query); got != isQuery {
			t.Errorf("%s: sent is %v", address, got)
		}
	}
	for _, header := range [][2]string{
		{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "text/plain"}, {"Content-Type", ""}, {"Content-Type", "application/graphql"},
		{"Content-Encoding", "gzip"}, {"Content-Encoding", "identity"}, {"X-HTTP-Method-Override", "DELETE"}, {"X-Http-Method", "PUT"}, {"X-Method-Override", "PATCH"},
	} {
		if outcomeOf(t, "https://api.github.com/graphql", query, header) {
			t.Errorf("%v is sent", header)
		}
	}
	if !outcomeOf(t, "https://api.github.com/graphql", query, [2]string{"Content-Type", "application/json; charset=utf-8"}) {
		t.Error("a charset makes no change of it")
	}
}

// outcomeOf tells whether a call that only reads may send a request. What it does send
// is the body that was judged.
func outcomeOf(t *testing.T, address, body string, header ...[2]string) bool {
	t.Helper()
	isSent := false
	g := &gate.Gate{Service: "github", Base: "https://api.github.com/", Reads: github.Service("").Reads, Next: roundTripper(func(r *http.Request) (*http.Response, error) {
		isSent = true
		if content, err := io.ReadAll(r.Body); err != nil || string(content) != body {
			t.Errorf("%v: what was sent is %q", err, content)
		}
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})}
	r, err := http.NewRequestWithContext(gate.With(t.Context(), &gate.Call{Tool: "github_api", Access: policy.Read}), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// Whoever asks twice gets another answer.
	r.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(`{"query":"{viewer{login}}"}`)), nil
	}
	r.Header.Set("Content-Type", "application/json")
	for _, h := range header {
		r.Header.Set(h[0], h[1])
	}
	_, err = g.RoundTrip(r)
	var refusal *gate.Refused
	if isSent == errors.As(err, &refusal) {
		t.Errorf("%s: %v", address, err)
	}
	return isSent
}
