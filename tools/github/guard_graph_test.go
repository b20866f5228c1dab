package github

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// TestGraphVariables: our own documents are judged by their variables, and ids
// by asking GitHub what they stand for.
func TestGraphVariables(t *testing.T) {
	t.Parallel()
	where := func(ids ...string) string { return `{"data":{"nodes":[` + strings.Join(ids, ",") + `]}}` }
	const inside, thread = `{"repository":{"nameWithOwner":"mona/x"}}`, `{"discussion":{"repository":{"nameWithOwner":"Mona/Y"}}}`
	const outsideNode, user = `{"repository":{"nameWithOwner":"evil/x"}}`, `{}`
	const named = "query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id}}"
	for _, c := range []struct {
		query, variables, where string
		want                    bool
	}{
		{named, `{"owner":"mona","name":"x"}`, "", true},
		{named, `{"owner":"Mona","repo":"x"}`, "", true},
		{named, `{"repo":"mona/x"}`, "", true},
		{named, `{"input":{"branch":{"repositoryNameWithOwner":"mona/x"},"clientMutationId":"1"}}`, "", true},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where(inside), true},
		{"mutation", `{"input":{"id":"D_1","labelIds":["L_1"]}}`, where(thread, inside), true},
		{"query($where: [ID!]!)", `{"where":["D_1"]}`, where(thread), true},
		{"mutation($issue:ID!,$repo:ID!)", `{"issue":"I_1","repo":"R_1"}`, where(inside, `{"nameWithOwner":"mona/y"}`), true},
		{"mutation($issue:ID!,$repo:ID!)", `{"issue":"I_1","repo":"R_1"}`, where(inside, `{"nameWithOwner":"evil/y"}`), false},
		{"mutation", `{"input":{"issueId":"I_1","issueFields":[{"fieldId":"IFSS_1","singleSelectOptionId":"IFSSO_1"}]}}`, where(inside), true},
		{"mutation", `{"input":{"issueId":"I_1","issueFields":[{"fieldId":"IFSS_1"}]}}`, where(outsideNode), false},
		{"mutation", `{"input":{"issueFields":[{"fieldId":"IFSS_1"}]}}`, "", false},
		{named, `{"owner":"evil","name":"x"}`, "", false},
		{named, `{"owner":"mona","name":"x","repo":"evil/x"}`, "", false},
		{named, `{"owner":"mona"}`, "", false},
		{named, `{"owner":"mona","name":7}`, "", false},
		{named, `{"repo":"evil/x"}`, "", false},
		{named, `{"input":{"branch":{"repositoryNameWithOwner":"evil/x"}}}`, "", false},
		{named, `{}`, "", false},
		{named, `{"login":"mona"}`, "", false},
		{named, `{"q":"repo:mona/x"}`, "", false},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where(outsideNode), false},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where("null"), false},
		{"mutation", `{"input":{"userId":"U_1"}}`, where(user), false},
		{"mutation", `{"input":{"id":"D_1","labelIds":["L_1","L_2"]}}`, where(inside, inside, outsideNode), false},
		{"mutation", `{"input":{"id":"D_1"}}`, where(inside, inside), false},
		{"mutation", `{"input":{"id":"D_1"}}`, `{"errors":[{"message":"no"}]}`, false},
		{"mutation", `{"owner":"mona","name":"x","threadId":"PRRT_1"}`, where(outsideNode), false},
		{"query($where:[ID!]!,$owner:String!,$name:String!)", `{"owner":"mona","name":"x","where":["D_1"]}`, where(outsideNode), false},
	} {
		g, asked := guarded(t, publicAPI, c.where, "mona/*")
		body, _ := json.Marshal(map[string]any{"query": c.query, "variables": json.RawMessage(c.variables)})
		r := newRequest(t, http.MethodPost, publicAPI+"graphql", "")
		r = r.WithContext(asOwn(t.Context()))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		lookups := 0
		if c.where != "" {
			lookups = 1
		}
		_, err := g.RoundTrip(r)
		if want := len(*asked) == lookups+1; c.want != (err == nil) || c.want != want {
			t.Errorf("%s: %v, asked %v", c.variables, err, *asked)
		}
	}
}

// TestOnlyOwnDocumentsAreJudged: whatever variables a free document has.
func TestOnlyOwnDocumentsAreJudged(t *testing.T) {
	t.Parallel()
	var asked int
	transport := sender(func(*http.Request) (*http.Response, error) {
		asked++
		return answered(200, `{"data":{}}`, "Content-Type", "application/json"), nil
	})
	setup := tools.Setup{API: &http.Client{Transport: transport}, At: credentials.Service{APIURL: publicAPI}, Repositories: []string{"mona/*"}}
	a, err := newAPI(setup)
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]any{"owner": "mona", "name": "x"}
	if err := a.graph(t.Context(), "query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id}}", variables, &struct{}{}, "x"); err != nil || asked != 1 {
		t.Errorf("our own: %v, %d asked", err, asked)
	}
	free, err := a.client.NewRequest(http.MethodPost, a.graphAddress(), map[string]any{"query": "{viewer{login}}", "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.client.Do(context.Background(), free, nil); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") || asked != 1 {
		t.Errorf("a free one: %v, %d asked", err, asked)
	}
}

// TestNoRenamesInGraphQL: a name that has another repository behind it by now
// finds nothing, instead of that one.
func TestNoRenamesInGraphQL(t *testing.T) {
	t.Parallel()
	var sent struct {
		Query     string
		Variables json.RawMessage
	}
	allowed := allowList{"mona/*"}
	base, _ := url.Parse(publicAPI)
	g := &guard{base: base, allowed: allowed, next: sender(func(r *http.Request) (*http.Response, error) {
		content, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(content, &sent) != nil || r.ContentLength != int64(len(content)) {
			t.Errorf("%s: %v", content, err)
		}
		return answered(200, `{}`), nil
	})}
	const query = `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id} two:repository(owner:$owner,name:$name){repository{id}}}`
	body, _ := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(`{"name":"x","number":12345678901234567,"owner":"mona"}`)})
	r := newRequest(t, http.MethodPost, publicAPI+"graphql", string(body))
	if _, err := g.RoundTrip(r.WithContext(asOwn(t.Context()))); err != nil {
		t.Fatal(err)
	}
	const want = `query($owner:String!,$name:String!){repository(followRenames:false,owner:$owner,name:$name){id} two:repository(followRenames:false,owner:$owner,name:$name){repository{id}}}`
	if sent.Query != want || string(sent.Variables) != `{"name":"x","number":12345678901234567,"owner":"mona"}` {
		t.Errorf("sent %s with %s", sent.Query, sent.Variables)
	}
}
