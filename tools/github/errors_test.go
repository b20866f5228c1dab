package github_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const searchPath = "GET /search/users"

// refusal is an answer and what a search says about it.
type refusal struct {
	answer answer
	want   string
}

func checkRefusals(t *testing.T, refusals map[string]refusal) {
	t.Helper()
	for name, test := range refusals {
		_, err := start(t, map[string]answer{searchPath: test.answer}).call("github_search", `{"kind":"users","query":"x"}`)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s\n got %v\nwant %s", name, err, test.want)
		}
	}
}

// message is how GitHub words a refusal.
func message(status int, text string) answer {
	return answer{status: status, body: fmt.Sprintf(`{"message":%q,"documentation_url":"https://docs.github.com/rest"}`, text)}
}

// https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
func TestRefusals(t *testing.T) {
	t.Parallel()
	checkRefusals(t, map[string]refusal{
		"401": {message(401, "Bad credentials"), "github: the credential was refused (401 Bad credentials); run: valetkey status"},
		"403 scope": {message(403, "Must have admin rights").with("X-OAuth-Scopes", "gist, read:user").with("X-Accepted-OAuth-Scopes", "repo, public_repo"),
			"github: this search: no permission (403 Must have admin rights); it needs the scope repo or public_repo; the credential has: gist, read:user; sign in again with that scope added to GITHUB_SCOPES"},
		"403 no scopes at all": {message(403, "No").with("X-OAuth-Scopes", "").with("X-Accepted-OAuth-Scopes", "repo"),
			"github: this search: no permission (403 No); it needs the scope repo; the credential has: none; sign in again with that scope added to GITHUB_SCOPES"},
		"403 scope is there": {message(403, "Must have admin rights").with("X-OAuth-Scopes", "repo").with("X-Accepted-OAuth-Scopes", "repo"),
			"github: this search: no permission (403 Must have admin rights)"},
		"403 fine-grained": {message(403, "Resource not accessible by personal access token").with("X-Accepted-GitHub-Permissions", "issues=write"),
			"github: this search: no permission (403 Resource not accessible by personal access token); the token needs the permission issues=write"},
		"403 token without scopes": {message(403, "Resource not accessible by integration").with("X-Accepted-OAuth-Scopes", "repo"),
			"github: this search: no permission (403 Resource not accessible by integration)"},
		"403 single sign-on": {message(403, "Resource protected by organization SAML enforcement.").with("X-GitHub-SSO", "required; url=https://github.com/orgs/octo/sso?authorization_request=example"),
			"github: this search: no permission (403 Resource protected by organization SAML enforcement.); the organisation wants a single sign-on session: open https://github.com/orgs/octo/sso, then sign in again"},
		"404": {message(404, "Not Found").with("X-OAuth-Scopes", "public_repo"),
			"github: this search: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the credential the scope repo (it has: public_repo)"},
		"404 gist": {message(404, "Not Found").with("X-OAuth-Scopes", "repo").with("X-Accepted-OAuth-Scopes", "gist"),
			"github: this search: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the credential the scope gist (it has: repo)"},
		"404 with repo": {message(404, "Not Found").with("X-OAuth-Scopes", "repo"),
			"github: this search: not found (404); check the spelling with github_search; if it is private, the account needs access to it"},
		"410": {message(410, "Issues has been disabled in this repository."), "github: this search: refused (410 Issues has been disabled in this repository.)"},
		"422 recorded": {answer{status: 422, body: `{"message":"Validation Failed","errors":[{"resource":"Label","code":"invalid","field":"color"}],"documentation_url":"https://docs.github.com/rest/reference/issues#create-a-label"}`},
			"github: this search: not accepted (422): Validation Failed; color is not valid"},
		"422 messages": {answer{status: 422, body: `{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"},{"resource":"Search","field":"q","code":"custom","message":"None of the\nqualifiers apply"},"plain words"]}`},
			"github: this search: not accepted (422): Validation Failed; title is missing; q: None of the qualifiers apply; plain words"},
		"500": {answer{status: 500, body: "<html>"}, "github: this search: GitHub has trouble (500); try again in a minute"},
		"503": {message(503, "Service unavailable"), "github: this search: GitHub has trouble (503 Service unavailable); try again in a minute"},
	})
}

// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
func TestLimits(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(12 * time.Minute).Truncate(time.Second)
	primary := func(status int, reset string) answer {
		return message(status, "API rate limit exceeded for user ID 1.").with("X-RateLimit-Limit", "5000").with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", reset)
	}
	secondary := answer{status: 403, body: `{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`}
	until := "; it lasts until " + end.UTC().Format("15:04") + " UTC, in 12 minutes"
	const (
		used    = "github: the rate limit of 5,000 requests is used up"
		tooMany = "github: too many requests in a short time (secondary rate limit)"
		some    = "; wait a minute or more before the next call"
	)
	checkRefusals(t, map[string]refusal{
		"primary limit":                {primary(403, fmt.Sprint(end.Unix())), used + until},
		"primary limit by 429":         {primary(429, fmt.Sprint(end.Unix())), used + until},
		"one that is over":             {primary(403, "1372700873"), used + some},
		"a distant one":                {primary(403, "9999999999"), used + some},
		"a very distant one":           {primary(429, "1000000000000000000"), used + some},
		"one that isn't a time":        {primary(403, "soon"), used + some},
		"secondary limit":              {secondary.with("Retry-After", "60"), tooMany + "; try again in 60 s"},
		"secondary limit, long":        {secondary.with("Retry-After", "86401"), tooMany + some},
		"secondary limit, for ever":    {secondary.with("Retry-After", "9000000000"), tooMany + some},
		"secondary limit, overflowing": {secondary.with("Retry-After", "18446744074"), tooMany + some},
		"secondary limit by 429":       {message(429, "secondary").with("Retry-After", "21"), tooMany + "; try again in 21 s"},
		"429 alone":                    {message(429, "slow down"), tooMany + some},
	})
}

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	checkRefusals(t, map[string]refusal{
		"not JSON":   {answer{body: "<html>Welcome to the hotel's Wi-Fi"}, "github: the answer is not what GitHub's API gives; check GITHUB_HOST and whether a proxy or sign-in page is in between"},
		"other JSON": {answer{body: `["a"]`}, "github: the answer is not what GitHub's API gives; check GITHUB_HOST and whether a proxy or sign-in page is in between"},
		"broken off": {answer{body: `{"total_count":1,`}, "github: the answer broke off: unexpected EOF; try again"},
	})
}

// TestNoDoubtfulLimitIsRemembered: unless an answer says what is limited and
// until when, the next call asks again.
func TestNoDoubtfulLimitIsRemembered(t *testing.T) {
	t.Parallel()
	exceeded := `{"message":"exceeded","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	hour := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	for name, limited := range map[string]answer{
		"none left":             answer{body: `{"total_count":0,"items":[]}`}.with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", hour),
		"not a number":          answer{body: `{"total_count":0,"items":[]}`}.with("X-RateLimit-Remaining", "abc").with("X-RateLimit-Reset", "9999999999"),
		"primary, on what?":     answer{status: 403, body: exceeded}.with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", hour),
		"primary, nonsense":     answer{status: 403, body: exceeded}.with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", "1000000000000000000"),
		"secondary, nonsense":   answer{status: 403, body: exceeded}.with("Retry-After", "9000000000"),
		"secondary, no seconds": answer{status: 403, body: exceeded}.with("X-RateLimit-Reset", "9999999999"),
	} {
		f := start(t, map[string]answer{searchPath: limited})
		_, first := f.call("github_search", `{"kind":"users","query":"x"}`)
		f.answers = map[string]answer{searchPath: file("search_users")}
		if text, err := f.call("github_search", `{"kind":"users","query":"x"}`); err != nil || !strings.Contains(text, "mojombo") || len(f.sent()) != 2 {
			t.Errorf("%s: first %v; then %q, %v; %d requests", name, first, text, err, len(f.sent()))
		}
	}
}

// needed stands for what an authorised transport answers when a person has to
// sign in first.
type needed struct{ code string }

func (n *needed) Error() string { return "sign in with code " + n.code }

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// callAll calls every tool over a transport that fails.
func callAll(t *testing.T, ctx context.Context, transport roundTripper, check func(tool string, err error)) {
	t.Helper()
	const query = `{"kind":"users","query":"private words"}`
	arguments := map[string]string{
		"github_whoami":              `{}`,
		"github_search":              query,
		"github_contents":            `{"repo":"o/r"}`,
		"github_repository":          `{"repo":"o/r"}`,
		"github_commits":             `{"repo":"o/r"}`,
		"github_commit_files_write":  `{"repo":"o/r","branch":"b","message":"m","files":[{"path":"p","content":"c"}]}`,
		"github_repository_write":    `{"repo":"o/r","action":"star"}`,
		"github_issues":              `{"repo":"o/r"}`,
		"github_issue":               `{"repo":"o/r","number":1}`,
		"github_issue_write":         `{"repo":"o/r","action":"create","title":"t"}`,
		"github_pull_requests":       `{"repo":"o/r"}`,
		"github_pull_request":        `{"repo":"o/r","number":1}`,
		"github_discussions":         `{"repo":"o/r"}`,
		"github_discussion_write":    `{"repo":"o/r","action":"close","number":1}`,
		"github_actions":             `{"repo":"o/r","part":"run","run":1}`,
		"github_actions_write":       `{"repo":"o/r","action":"cancel","run":1}`,
		"github_notifications":       `{}`,
		"github_notifications_write": `{"action":"mark_read","thread":1}`,
		"github_security":            `{"kind":"dependabot","repo":"o/r"}`,
		"github_pull_request_write":  `{"repo":"o/r","action":"ready","number":1}`,
		"github_merge_write":         `{"repo":"o/r","action":"merge","number":1}`,
		"github_people":              `{}`,
		"github_gists":               `{}`,
		"github_gist_write":          `{"action":"star","gist":"a1"}`,
		"github_projects":            `{"owner":"o"}`,
		"github_project_write":       `{"owner":"o","project":1,"action":"add_draft","title":"t"}`,
		"github_api":                 `{"path":"user"}`,
		"github_api_write":           `{"graphql":"mutation{a}"}`,
	}
	for _, tool := range toolsAt(&http.Client{Transport: transport}, "https://api.github.com/") {
		_, err := tool.Call(ctx, json.RawMessage(arguments[tool.Name]))
		check(tool.Name, err)
	}
}

func TestTransportErrorsComeThrough(t *testing.T) {
	t.Parallel()
	callAll(t, t.Context(), func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("github: %w", &needed{code: "ABCD-1234"})
	}, func(tool string, err error) {
		var n *needed
		if !errors.As(err, &n) || n.code != "ABCD-1234" || err.Error() != "github: sign in with code ABCD-1234" {
			t.Errorf("%s: %v", tool, err)
		}
	})
}

// The same for requests a tool makes after others have succeeded.
func TestTransportErrorsComeThroughLater(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(unlikely, "one answer has to do for all")
		switch {
		case strings.HasSuffix(r.URL.Path, "/reviews"), strings.HasSuffix(r.URL.Path, "/sub_issues"):
			w.Write([]byte(`[]`))
			return
		case strings.HasSuffix(r.URL.Path, "/issues/1"):
			w.Write([]byte(`{"number":1,"node_id":"I","comments":3}`))
			return
		}
		if strings.Contains(r.Header.Get("Accept"), "sha") {
			io.WriteString(w, strings.Repeat("c", 40))
			return
		}
		w.Write([]byte(`{"number":1,"node_id":"N","html_url":"https://github.com/o/r","state":"open","comments":3,"type":"file","size":5,"content":"","head":{"sha":"cccccccccccccccccccccccccccccccccccccccc"},"object":{"sha":"cccccccccccccccccccccccccccccccccccccccc"},"truncated":true,"tree":[],
			"check_runs":[{"id":4,"name":"build","status":"completed","conclusion":"failure","app":{"slug":"github-actions"}}]}`))
	}))
	t.Cleanup(server.Close)
	for _, test := range []struct{ tool, arguments, fails string }{
		{"github_issue", `{"repo":"o/r","number":1}`, "/comments"},
		{"github_issue", `{"repo":"o/r","number":1,"part":"sub_issues"}`, "/parent"},
		{"github_issue_write", `{"repo":"o/r","action":"pin","number":1}`, "/graphql"},
		{"github_issue_write", `{"repo":"o/r","action":"transfer","number":1,"target":"o/s"}`, "/repos/o/s"},
		{"github_pull_request", `{"repo":"o/r","number":1}`, "/check-runs"},
		{"github_pull_request", `{"repo":"o/r","number":1}`, "/status"},
		{"github_pull_request", `{"repo":"o/r","number":1}`, "/reviews"},
		{"github_pull_request", `{"repo":"o/r","number":1,"part":"checks"}`, "/status"},
		{"github_pull_request", `{"repo":"o/r","number":1,"part":"checks"}`, "/jobs/4/logs"},
		{"github_pull_request_write", `{"repo":"o/r","number":1,"action":"draft"}`, "/graphql"},
		{"github_pull_request_write", `{"repo":"o/r","action":"create","title":"t","head":"h"}`, "/pulls"},
		{"github_merge_write", `{"repo":"o/r","number":1,"action":"merge"}`, "/merge"},
		{"github_merge_write", `{"repo":"o/r","number":1,"action":"auto_merge"}`, "/graphql"},
		{"github_contents", `{"repo":"o/r","path":"p","recursive":true}`, "/contents/"},
		{"github_contents", `{"repo":"o/r","recursive":true,"ref":"a/b"}`, "/commits/"},
		{"github_repository", `{"repo":"o/r"}`, "/languages"},
		{"github_commits", `{"repo":"o/r","part":"blame","path":"p"}`, "/graphql"},
		{"github_commit_files_write", `{"repo":"o/r","branch":"b","message":"m","files":[{"path":"p","content":"c"}]}`, "/git/commits/"},
		{"github_repository_write", `{"repo":"o/r","action":"create_branch","name":"b"}`, "/git/refs"},
		{"github_repository_write", `{"repo":"o/r","action":"create"}`, "/orgs/"},
	} {
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, test.fails) {
				return nil, &needed{code: "ABCD-1234"}
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		for _, tool := range toolsAt(&http.Client{Transport: transport}, server.URL) {
			if tool.Name != test.tool {
				continue
			}
			_, err := tool.Call(t.Context(), json.RawMessage(test.arguments))
			var n *needed
			if !errors.As(err, &n) {
				t.Errorf("%s %s: %v", test.tool, test.fails, err)
			}
		}
	}
}

// No connection: the host is named, and nothing that was asked for.
func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{
		&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")},
		&net.DNSError{Err: "no such host", Name: "api.github.com", IsNotFound: true},
	} {
		callAll(t, t.Context(), func(*http.Request) (*http.Response, error) { return nil, cause }, func(tool string, err error) {
			want := "github: no answer from api.github.com: " + cause.Error() + "; check the network, the proxy and GITHUB_HOST"
			if err == nil || err.Error() != want || !errors.Is(err, cause) {
				t.Errorf("%s\n got %v\nwant %s", tool, err, want)
			}
		})
	}
}

// A server that keeps silent: the client gives up, and says so without the
// address of the request.
func TestTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	client := &http.Client{Timeout: 50 * time.Millisecond}
	_, err := toolsAt(client, server.URL)[0].Call(t.Context(), nil)
	want := "github: no answer from " + strings.TrimPrefix(server.URL, "http://") + ": it took too long; check the network"
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "/user") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	_, err := toolsAt(client, server.URL)[0].Call(t.Context(), nil)
	var unknown x509.UnknownAuthorityError
	if err == nil || !strings.HasPrefix(err.Error(), "github: no answer from 127.0.0.1:") || !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	callAll(t, ctx, func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	}, func(tool string, err error) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", tool, err)
		}
	})
}
