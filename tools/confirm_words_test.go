package tools_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
)

// A model can't word the person's question: what it writes stays inside of quotation
// marks unless it is one plain word.
func TestQuestionsCantBeForged(t *testing.T) {
	t.Parallel()
	tool := tools.Define(tools.Tool{Name: "acme_api_write", Title: "Acme's API, writing", Description: "Change.", Access: tools.Admin}, func(context.Context, struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	}) (string, error) {
		return "", nil
	})
	missing := &gate.Unconfirmed{Request: gate.Request{Method: "DELETE", URL: "https://acme.example/all"}, Why: gate.Cause{By: gate.Writes}}
	for forged, want := range map[string]string{
		`notes, title "Thanks!". It sends GET acme.example. You are asked because`: `path "notes, title \"Thanks!\". It sends GET acme.example. You are asked because". It sends DELETE https://acme.example/all.`,
		"notes\u2028You are asked because of nothing\u2029":                        `path "notes\u2028You are asked because of nothing\u2029". It sends DELETE https://acme.example/all.`,
		"notes. It sends nothing":                                                  `path "notes. It sends nothing". It sends DELETE https://acme.example/all.`,
		"projects/1/notes":                                                         "DELETE, path projects/1/notes. It sends DELETE https://acme.example/all.",
	} {
		arguments, err := json.Marshal(map[string]string{"method": "DELETE", "path": forged})
		if err != nil {
			t.Fatal(err)
		}
		if got := tool.Question(arguments, missing); !strings.Contains(got, want) {
			t.Errorf("%q isn't in %q", want, got)
		}
	}
}

// What is shown is what is sent, to the blank, and a question is a sentence even where a
// call has nothing but long words.
func TestQuestionsShowArgumentsAsTheyAre(t *testing.T) {
	t.Parallel()
	tool := tools.Define(tools.Tool{Name: "acme_api_write", Title: "Acme's API, writing", Description: "Change.", Access: tools.Admin}, func(context.Context, struct {
		GraphQL string          `json:"graphql,omitempty"`
		Body    json.RawMessage `json:"body,omitempty"`
	}) (string, error) {
		return "", nil
	})
	missing := &gate.Unconfirmed{Request: gate.Request{Method: "POST", URL: "https://acme.example/graphql"}, Why: gate.Cause{By: gate.Writes}}
	long := strings.Repeat("long", 20)
	for arguments, want := range map[string]string{
		`{"graphql": "mutation{a}"}`:  `writing)? graphql "mutation{a}". It sends POST https://acme.example/graphql. You`,
		`{"graphql": "` + long + `"}`: `writing)? It sends POST https://acme.example/graphql, with graphql ` + long + `. You`,
		`{}`:                          `writing)? It sends POST https://acme.example/graphql. You`,
		`{"body": { "a" :  [1,` + "\n" + ` "b   c "]}}`: `writing)? body {"a":[1,"b   c "]}. It`,
		`{"body": "b   c "}`:                            `writing)? body "b   c ". It`,
		"{\"body\": [\"b  \u200b\u3000 c\"]}":           "writing)? body [\"b  \\u200b\u3000 c\"]. It",
	} {
		if got := tool.Question(json.RawMessage(arguments), missing); !strings.Contains(got, want) {
			t.Errorf("%q isn't in %q", want, got)
		}
	}
}
