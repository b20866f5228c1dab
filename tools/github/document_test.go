package github

import (
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

func TestOperationOf(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{ viewer { login } }`:       "query",
		"query { viewer { login } }": "query",
		`query Q($a: In = {b: [1, {c: 2}]}) @d(e: {f: 1}) { a(b: $a) { c } }`: "query",
		`mutation { a }`: "mutation",
		"# query {a}\nmutation M($i: I!) { a(input: $i) { b } }": "mutation",
		`subscription { a }`:                            "subscription",
		`fragment F on T { a } query { ...F }`:          "query",
		`fragment F on T { a } mutation { ...F }`:       "mutation",
		`query { a(b: "} mutation { c }") }`:            "query",
		`query { a(b: "\"") # } mutation { c }` + "\n}": "query",
		"query { mutation subscription }":               "query",
		"query mutation { a }":                          "query",
		"\n,,\t{a}\r\n":                                 "query",
		`mutation @d { a }`:                             "mutation",
		`query($mutation: Int) { a }`:                   "query",
		`fragment F on T @d(a: {b: "}"}) { a } fragment G on T { a } { ...F ...G }`: "query",
	} {
		if got, err := operationOf(document); err != nil || got != want {
			t.Errorf("%s: %q, %v", document, got, err)
		}
	}
}

func TestOperationOfRefuses(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":                               "it holds no operation",
		"fragment F on T { a }":          "it holds no operation",
		"query A { a } mutation B { b }": "it holds 2 operations (query, mutation); send one a call",
		"{ a } { b }":                    "it holds 2 operations (query, query); send one a call",
		"query { a":                      `a "{" is not closed`,
		"query { a } }":                  `a query or mutation was expected, not "}"`,
		"query (a) ) { a }":              `a ")" closes nothing`,
		"query { a ) }":                  `a ")" closes nothing`,
		"query":                          "a selection in { } is missing",
		"Mutation { a }":                 `a query or mutation was expected, not "Mutation"`,
		"type T { a: Int }":              `a query or mutation was expected, not "type"`,
		`query { a(b: "c) }`:             "a string is not closed",
		"query { a(b: \"c\n\") }":        "a string is not closed",
		`query { a(b: """c""") }`:        "it holds a block string",
		"fragment F on Mutation { a(b:\"\"\"c\"\"\"\") { d } } mutation M { ...F } #\"}) { x } } query Q { y }": "it holds a block string",
		"query { a } #\r\"\"\"\nmutation": "it holds control characters",
		"query { a \x00 }":                "it holds control characters",
		"\ufeffmutation { a }":            "a query or mutation was expected, not",
		"é { a }":                         "a query or mutation was expected, not",
	} {
		if got, err := operationOf(document); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %q, %v", document, got, err)
		}
	}
}

// Where only some repositories may be touched, no document is sent: it may
// name any.
func TestDocumentsAndTheAllowList(t *testing.T) {
	t.Parallel()
	limited, err := newAPI(tools.Setup{
		API: http.DefaultClient, At: credentials.Service{APIURL: "http://127.0.0.1:1/api/v3"}, Repositories: []string{"octocat/*", "cli/cli"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, reading := limited.readAPI(t.Context(), apiArguments{GraphQL: "{viewer{login}}"})
	_, writing := limited.writeAPI(t.Context(), apiWriteArguments{GraphQL: "mutation{a}"})
	for _, err := range []error{reading, writing} {
		if err == nil || !strings.Contains(err.Error(), "free GraphQL can't be judged") {
			t.Errorf("%v", err)
		}
	}
}
