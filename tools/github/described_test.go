package github_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/jq"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// sent are the requests that tools made in these tests.
var sent ledger

// TestMain holds what the tools sent, and what they were answered, against
// GitHub's own descriptions of its API, if VALET_TEST_REAL=1 says that they are
// installed. It also plays the process that runs a jq filter.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == jq.Command {
		os.Exit(jq.Serve(os.Stdin, os.Stdout))
	}
	// The race detector makes every process wait a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	code := m.Run()
	switch {
	case len(sent.requests) == 0:
	case os.Getenv("VALET_TEST_REAL") != "1":
		fmt.Println("requests not held against GitHub's descriptions; .ci/run installs them and sets VALET_TEST_REAL=1")
	default:
		if err := errors.Join(sent.check(), sent.replay()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// sentRequest is a line for testdata/real/github.mjs, which adds the rest.
type sentRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query"`
	Body   string `json:"body"`
	By     string `json:"by,omitempty"` // a tool and its arguments

	Status int    `json:"status,omitempty"`
	Answer string `json:"answer,omitempty"` // JSON

	led bool // here by a redirect

	OperationID string   `json:"operationId,omitempty"`
	Faults      []string `json:"faults,omitempty"`
	Deprecated  []string `json:"deprecated,omitempty"`
}

func (r sentRequest) String() string {
	return fmt.Sprintf("%s\n  %s %s?%s %s", r.By, r.Method, r.Path, r.Query, r.Body)
}

// ledger keeps requests, each once. It may be used concurrently.
type ledger struct {
	mu       sync.Mutex
	requests map[string]sentRequest
}

// add leaves out what isn't the tools' own: addresses of the model that calls
// github_api, and those GitHub redirects to.
func (l *ledger) add(r sentRequest) {
	if strings.HasPrefix(r.By, "github_api") || r.led {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.requests == nil {
		l.requests = map[string]sentRequest{}
	}
	l.requests[r.Method+" "+r.Path+"?"+r.Query+" "+r.Body+r.Answer] = r
}

type callKey struct{}

// recorded are tools whose requests are kept.
func recorded(setup tools.Setup) tools.Offer {
	client := *setup.API
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		asked, err := read(r)
		if err != nil {
			return nil, err
		}
		response, err := next.RoundTrip(r)
		if err != nil {
			sent.add(asked)
			return nil, err
		}
		heard := &bytes.Buffer{}
		response.Body = listener{io.TeeReader(response.Body, heard), response.Body, func() {
			if response.Header.Get(unlikely) == "" && response.StatusCode < http.StatusMultipleChoices && json.Valid(heard.Bytes()) {
				asked.Status, asked.Answer = response.StatusCode, heard.String()
			}
			sent.add(asked)
		}}
		return response, nil
	})
	setup.API = &client
	offer := github.Offer(setup)
	for i, tool := range offer.Tools {
		offer.Tools[i].Call = func(ctx context.Context, arguments json.RawMessage) (string, error) {
			return tool.Call(context.WithValue(ctx, callKey{}, tool.Name+" "+string(arguments)), arguments)
		}
	}
	return offer
}

// unlikely is a header of answers that GitHub wouldn't give, with the reason.
const unlikely = "X-Unlikely"

// listener is a body that says when it is closed.
type listener struct {
	io.Reader
	body   io.Closer
	closed func()
}

func (l listener) Close() error {
	l.closed()
	return l.body.Close()
}

func read(r *http.Request) (sentRequest, error) {
	by, _ := r.Context().Value(callKey{}).(string)
	asked := sentRequest{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, By: by, led: r.Response != nil}
	if r.Body == nil {
		return asked, nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	asked.Body = string(body)
	return asked, err
}

// exceptions are the faults that are none, with the reason.
func exceptions() map[string]string {
	const twice = "an answer to two questions, one of which asks for more"
	return map[string]string{
		"graphql repository: answer.repository.issue is not asked for":                           twice,
		"graphql repository: answer.repository.pullRequest.reviewThreads.nodes is not asked for": twice,
		"search/users: answer is array, not object":                                              "something in between answers",
		"security-advisories/list-global-advisories: answer.0.id is not described":               "the example in GitHub's documentation has it",
		"users/get-by-username: answer.suspended_at is not described":                            "a GitHub Enterprise Server gives it",
	}
}

// check answers every fault GitHub's descriptions find.
func (l *ledger) check() error {
	var lines bytes.Buffer
	for _, r := range l.requests {
		if err := json.NewEncoder(&lines).Encode(r); err != nil {
			return err
		}
	}
	command := exec.Command(node(), filepath.Join(realParts, "github.mjs"), "check")
	command.Stdin, command.Stderr = &lines, os.Stderr
	output, err := command.Output()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || len(output) == 0) {
		return fmt.Errorf("%v; it needs Node.js and: npm ci --prefix testdata/real", err)
	}
	var faults []error
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var r sentRequest
		if err := decoder.Decode(&r); err != nil {
			return err
		}
		for _, fault := range append(r.Faults, r.Deprecated...) {
			fault = cmp.Or(r.OperationID, "no operation") + ": " + fault
			if exceptions()[fault] == "" {
				faults = append(faults, fmt.Errorf("%v\n  %s", r, fault))
			}
		}
	}
	return errors.Join(faults...)
}

const realParts = "../../testdata/real"

// node answers the Node.js that npm has installed with the real parts, where it
// has one for the system.
func node() string {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return filepath.Join(realParts, "node_modules", ".bin", "node")
	}
	return "node"
}

// TestGuardAsks: the list of allowed repositories has a question of its own,
// which has to be one that GitHub describes as well.
func TestGuardAsks(t *testing.T) {
	t.Parallel()
	thread := threadOf("true", "octocat/Hello-World")
	f := start(t, map[string]answer{thread.request: thread.answer,
		graphPath + " query($ids:[ID!]!){nodes(ids:$ids)": {body: `{"data":{"nodes":[{"repository":{"nameWithOwner":"octocat/Hello-World"}}]}}`}})
	f.tools = recorded(tools.Setup{API: http.DefaultClient, At: credentials.Service{APIURL: f.url + apiPath}, Repositories: []string{"octocat/*"}}).Tools
	f.gives("github_pull_request_write", `{"repo":"octocat/Hello-World","action":"resolve","number":1347,"thread":"PRRT_1"}`,
		"nothing to do: resolved already: the review thread on a.go:3 of octocat/Hello-World#1347\n"+f.url+"/octocat/Hello-World/pull/1347")
	f.wasAsked(graphPath, graphPath)
}

// TestDescriptionsFindFaults: what is wrong is found, so that silence means
// something.
func TestDescriptionsFindFaults(t *testing.T) {
	t.Parallel()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("it needs GitHub's descriptions; .ci/run installs them and sets VALET_TEST_REAL=1")
	}
	const issues, graph = "/api/v3/repos/o/r/issues", "/api/graphql"
	cases := map[string]sentRequest{
		"":                                  {Method: "GET", Path: issues, Query: "state=open&per_page=5", Status: 200, Answer: `[{"number":1,"pull_request":null}]`},
		"GitHub describes no GET":           {Method: "GET", Path: "/api/v3/repos/o/r/isues"},
		"additional properties: pge":        {Method: "GET", Path: issues, Query: "pge=1"},
		"allowed values: open, closed, all": {Method: "GET", Path: issues, Query: "state=opened"},
		"query.per_page must be integer":    {Method: "GET", Path: issues, Query: "per_page=many"},
		"must have required property 'q'":   {Method: "GET", Path: "/api/v3/search/issues"},
		"path.issue_number must be integer": {Method: "GET", Path: issues + "/one"},
		"required property 'title'":         {Method: "POST", Path: issues, Body: `{}`},
		"unevaluated properties: titel":     {Method: "POST", Path: issues, Body: `{"title":"t","titel":"t"}`},
		"body.assignees must be array":      {Method: "POST", Path: issues, Body: `{"title":"t","assignees":"octocat"}`},
		"body is no JSON":                   {Method: "POST", Path: issues, Body: `{`},
		"the operation has none":            {Method: "GET", Path: issues, Body: `{}`},
		"answer.0.nubmer is not described":  {Method: "GET", Path: issues, Status: 200, Answer: `[{"nubmer":1}]`},
		"answer.0.number is string":         {Method: "GET", Path: issues, Status: 200, Answer: `[{"number":"1"}]`},
		`"logn" on type "User"`:             {Method: "POST", Path: graph, Body: `{"query":"{viewer{logn}}"}`},
		`"$n" got invalid value "x"`:        {Method: "POST", Path: graph, Body: `{"query":"query($n:Int){viewer{repositories(first:$n){totalCount}}}","variables":{"n":"x"}}`},
		"variable m is not declared":        {Method: "POST", Path: graph, Body: `{"query":"{viewer{login}}","variables":{"m":1}}`},
		"Repository.projects is deprecated": {Method: "POST", Path: graph, Body: `{"query":"{repository(owner:\"o\",name:\"r\"){projects{totalCount}}}"}`},
		"answer.viewer.name is not asked":   {Method: "POST", Path: graph, Body: `{"query":"{viewer{login}}"}`, Status: 200, Answer: `{"data":{"viewer":{"name":"x"}}}`},
		"answer.viewer.login is 1, not":     {Method: "POST", Path: graph, Body: `{"query":"{viewer{login}}"}`, Status: 200, Answer: `{"data":{"viewer":{"login":1}}}`},
		"GET /teams/{team_id}":              {Method: "GET", Path: "/api/v3/teams/1"},
		"answer.state is ajar, not":         {Method: "GET", Path: "/api/v3/repos/o/r/milestones/1", Status: 200, Answer: `{"state":"ajar"}`},
	}
	var l ledger
	for want, r := range cases {
		r.By = want
		l.add(r)
	}
	err := l.check()
	faults, _ := err.(interface{ Unwrap() []error })
	if faults == nil {
		t.Fatalf("got %v", err)
	}
	for _, fault := range faults.Unwrap() {
		want, text, _ := strings.Cut(fault.Error(), "\n")
		if want == "" {
			t.Errorf("a request without faults: %s", text)
		}
		if strings.Contains(text, want) {
			delete(cases, want)
		}
	}
	for want, r := range cases {
		if want != "" {
			t.Errorf("%q was not found in%s", want, r)
		}
	}
}
