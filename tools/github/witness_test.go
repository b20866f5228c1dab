package github_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// fields are the structured content a program gets for a call.
func (f *fake) fields(name, arguments string) string {
	f.t.Helper()
	s := tools.NewServer(tools.Options{Version: "test", Offer: tools.Offer{Tools: f.tools}})
	message := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, name, arguments)
	raw, err := json.Marshal(s.HandleMessage(f.t.Context(), json.RawMessage(message)))
	if err != nil {
		f.t.Fatal(err)
	}
	var answer struct {
		Result struct{ StructuredContent map[string]json.RawMessage }
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		f.t.Fatal(err)
	}
	delete(answer.Result.StructuredContent, "text")
	fields, err := json.Marshal(answer.Result.StructuredContent)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(fields)
}

// Whoever made something is told what it is called, in fields.
func TestFieldsOfChanges(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"POST /repos/o/r/issues":          {status: http.StatusCreated, body: `{"id":9007199254740993,"number":5,"html_url":"https://github.com/o/r/issues/5","state":"open","title":"a","body":"b"}`},
		"GET /repos/o/r":                  {body: `{"default_branch":"main"}`},
		"GET /repos/o/r/git/ref/heads/b":  message(404, "Not Found"),
		"GET /repos/o/r/commits/main":     {body: "c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"},
		"POST /repos/o/r/git/refs":        {status: http.StatusCreated, body: `{"ref":"refs/heads/b","object":{"type":"commit","sha":"c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"}}`},
		"POST /repos/o/r/issues/5/labels": {body: `[{"id":1,"name":"bug"}]`},
		"GET /user":                       {body: `{"login":"octocat","html_url":"https://github.com/octocat"}`},
		"PATCH /repos/o/r/issues/6":       answer{body: `{"number":6,"html_url":"https://github.com/o/r/issues/6","state":"closed\n","id":null,"sha":{"deep":1}}`}.with(unlikely, "fields of a kind that no answer has"),
	})
	for _, test := range []struct{ tool, arguments, want string }{
		{"github_issue_write", `{"repo":"o/r","action":"create","title":"a"}`,
			`{"html_url":"https://github.com/o/r/issues/5","id":9007199254740993,"number":5,"state":"open"}`},
		{"github_repository_write", `{"repo":"o/r","action":"create_branch","name":"b","from":"main"}`, `{"sha":"c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"}`},
		{"github_issue_write", `{"repo":"o/r","action":"add_labels","number":5,"labels":["bug"]}`, `null`},
		{"github_issue_write", `{"repo":"o/r","action":"close","number":6}`, `{"html_url":"https://github.com/o/r/issues/6","number":6,"state":"closed"}`},
		{"github_repository", `{"repo":"o/r"}`, `null`},
		{"github_whoami", `{}`, `{"login":"octocat","url":"https://github.com/octocat"}`},
	} {
		if got := f.fields(test.tool, test.arguments); got != test.want {
			t.Errorf("%s %s: %s; want %s", test.tool, test.arguments, got, test.want)
		}
	}
}

// What a GraphQL question chooses is no description of what was made, wherever
// the API is.
func TestFieldsOfGraphQL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"data":{"viewer":{"login":"octocat"}},"id":5,"number":6}`)
	}))
	t.Cleanup(server.Close)
	f := &fake{t: t, tools: github.Offer(tools.Setup{API: server.Client(), At: credentials.Service{APIURL: server.URL}}).Tools}
	if got := f.fields("github_api", `{"graphql":"{viewer{login}}"}`); got != "null" {
		t.Error(got)
	}
}
