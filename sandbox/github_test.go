package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// apiAnswer is an answer of the practice API.
type apiAnswer struct {
	status int
	header http.Header
	body   string
}

func askAPI(t *testing.T, box *sandbox.Sandbox, token, method, path, body string) apiAnswer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, box.URL()+"/api/v3"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apiAnswer{response.StatusCode, response.Header, string(text)}
}

func startAPI(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	return box
}

const harbour = "/repos/tidepool-example/harbour"

// TestAPIRefusals holds the API to GitHub's way of saying no
// (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api).
func TestAPIRefusals(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	all, public, none := box.IssueToken("repo"), box.IssueToken("public_repo"), box.IssueToken()
	for name, c := range map[string]struct {
		token, method, path, body string
		status                    int
		said                      string
	}{
		"no token":               {"", "GET", "/user", "", 401, "Bad credentials"},
		"unknown token":          {"nobody-example", "GET", "/user", "", 401, "Bad credentials"},
		"unknown path":           {all, "GET", "/nothing", "", 501, "this practice GitHub doesn't do that"},
		"a part of an issue":     {all, "GET", harbour + "/issues/4/timeline", "", 501, "this practice GitHub doesn't do that"},
		"a part of a pull":       {all, "GET", harbour + "/pulls/32/requested_reviewers", "", 501, "this practice GitHub doesn't do that"},
		"another method":         {all, "PUT", harbour + "/issues/4/lock", "", 501, "this practice GitHub doesn't do that"},
		"commits of a file":      {all, "GET", harbour + "/commits?path=main.go", "", 501, "this practice GitHub doesn't do that"},
		"either word":            {all, "GET", "/search/issues?q=tide+OR+height", "", 501, "this practice GitHub doesn't do that"},
		"unknown repository":     {all, "GET", "/repos/a/b", "", 404, "Not Found"},
		"unknown issue":          {all, "GET", harbour + "/issues/999", "", 404, "Not Found"},
		"issue is no pull":       {all, "GET", harbour + "/pulls/1", "", 404, "Not Found"},
		"number isn't one":       {all, "GET", harbour + "/issues/x", "", 404, "Not Found"},
		"unknown file":           {all, "GET", harbour + "/contents/nothing", "", 404, "Not Found"},
		"unknown ref":            {all, "GET", harbour + "/contents/README.md?ref=nothing", "", 404, "No commit found"},
		"private without scope":  {public, "GET", "/repos/mona-example/dotfiles", "", 404, "Not Found"},
		"write without scope":    {none, "POST", harbour + "/issues", `{"title":"x"}`, 403, "Resource not accessible"},
		"issue without a title":  {all, "POST", harbour + "/issues", `{}`, 422, `"missing_field"`},
		"not JSON":               {all, "POST", harbour + "/issues", `{`, 400, "Problems parsing JSON"},
		"state that isn't one":   {all, "PATCH", harbour + "/issues/4", `{"state":"half"}`, 422, `"invalid"`},
		"assignee nobody knows":  {all, "PATCH", harbour + "/issues/4", `{"assignees":["nobody"]}`, 422, `"assignees"`},
		"comment without a body": {all, "POST", harbour + "/issues/4/comments", `{}`, 422, `"missing_field"`},
		"label that isn't there": {all, "DELETE", harbour + "/issues/4/labels/nothing", "", 404, "Label does not exist"},
		"search for nothing":     {all, "GET", "/search/issues", "", 422, `"q"`},
		"checks of no commit":    {all, "GET", harbour + "/commits/nothing/check-runs", "", 422, "No commit found"},
	} {
		t.Run(name, func(t *testing.T) {
			got := askAPI(t, box, c.token, c.method, c.path, c.body)
			if got.status != c.status || !strings.Contains(got.body, c.said) {
				t.Errorf("want %d and %q, got %d: %s", c.status, c.said, got.status, got.body)
			}
			if c.status == 403 && got.header.Get("X-Accepted-OAuth-Scopes") == "" {
				t.Error("the scopes that would do are not named")
			}
		})
	}
}

// TestAPIPages holds lists to GitHub's pagination
// (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
func TestAPIPages(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	token := box.IssueToken("repo")
	seen := map[float64]bool{}
	for page, want := range []int{10, 10, 10, 10, 2, 0} {
		got := askAPI(t, box, token, "GET", harbour+"/issues?state=all&per_page=10&page="+string(rune('1'+page)), "")
		var issues []map[string]any
		if err := json.Unmarshal([]byte(got.body), &issues); err != nil || len(issues) != want {
			t.Fatalf("page %d has %d issues, want %d (%v)", page+1, len(issues), want, err)
		}
		for _, issue := range issues {
			seen[issue["number"].(float64)] = true
		}
		link := got.header.Get("Link")
		if strings.Contains(link, `rel="next"`) != (page < 4) || strings.Contains(link, `rel="prev"`) != (page > 0) {
			t.Errorf("page %d has the links %q", page+1, link)
		}
	}
	if len(seen) != 42 {
		t.Errorf("%d different issues, want 42", len(seen))
	}
}

// TestAPIHeaders: every answer tells the scopes and what is left of the limit.
func TestAPIHeaders(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	token := box.IssueToken("repo", "gist")
	first := askAPI(t, box, token, "GET", "/user", "")
	second := askAPI(t, box, token, "GET", "/user", "")
	if first.header.Get("X-OAuth-Scopes") != "repo, gist" && first.header.Get("X-OAuth-Scopes") != "gist, repo" {
		t.Errorf("X-OAuth-Scopes: %q", first.header.Get("X-OAuth-Scopes"))
	}
	if first.header.Get("X-RateLimit-Remaining") != "4999" || second.header.Get("X-RateLimit-Remaining") != "4998" {
		t.Errorf("X-RateLimit-Remaining: %q, then %q", first.header.Get("X-RateLimit-Remaining"), second.header.Get("X-RateLimit-Remaining"))
	}
}

// TestAPIForms: a file comes as JSON or raw, a pull request as JSON or as a
// diff, by the Accept header.
func TestAPIForms(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	token := box.IssueToken("repo")
	for _, c := range []struct{ path, accept, want string }{
		{harbour + "/contents/main.go", "application/vnd.github.raw+json", "// Command harbour prints"},
		{harbour + "/contents/main.go?ref=change-42", "application/vnd.github.raw+json", "// Command harbour prints"},
		{harbour + "/contents/tide", "application/json", `"tide/tide.go"`},
		{harbour + "/pulls/32", "application/vnd.github.v3.diff", "diff --git a/"},
		{harbour + "/commits/main", "application/vnd.github.v3.sha", ""},
		{harbour + "/git/trees/main?recursive=1", "application/json", `".github/workflows/test.yml"`},
		{harbour + "/commits/change-32/check-runs", "application/json", `"failure"`},
	} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", box.URL()+"/api/v3"+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Accept", c.accept)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || !strings.Contains(string(body), c.want) {
			t.Errorf("%s as %s: %d %.200s %v", c.path, c.accept, response.StatusCode, body, err)
		}
		if c.want == "" && len(body) != 40 {
			t.Errorf("%s as %s is no hash: %q", c.path, c.accept, body)
		}
	}
}
