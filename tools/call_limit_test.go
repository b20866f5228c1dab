package tools_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/stdio"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// The least that hosts wait for an answer is 60 s, and the least after which one
// gives up a request that it hears nothing of is longer than 5 s.
const (
	mostWait    = 45 * time.Second
	mostSilence = 5 * time.Second
)

// longWait is a way in which a call may last.
type longWait struct {
	elicitation map[string]any
	modern      bool
	// action is what the person makes of the question, after so long; "": nothing.
	action string
	after  time.Duration
	// approved is when the person approves, after the code was asked for; 0: never.
	approved time.Duration
	// before is how many calls come first.
	before int
	// key: there is one in the environment.
	key bool
	// tool is the one that is called; "": github_whoami.
	tool string
	// comments: it is github_issue_write, which the person is asked about.
	comments bool
	// issuer, api and store are what answers late, if it does.
	issuer, api func(*http.Request) (*http.Response, error)
	store       credentials.Store
	want        string
	// not is what the answer must not say; "": anything may be.
	not string
}

func longWaits() map[string]longWait {
	form, page := map[string]any{"form": map[string]any{}}, map[string]any{"url": map[string]any{}}
	const (
		words  = "Enter the code WDJB-MJHT"
		silent = "took too long"
		user   = "@mona-example"
		done   = "commented on octo/hello#1"
		open   = "which may have been made all the same"
		again  = "try again"
	)
	return map[string]longWait{
		"words, never approved":                   {before: 1, want: words},
		"words, approved late":                    {before: 1, approved: 18 * time.Second, want: user},
		"url, no answer":                          {elicitation: page, want: words},
		"url, accepted late, never approved":      {elicitation: page, action: "accept", after: 19 * time.Second, want: words},
		"form, no answer":                         {elicitation: form, want: words},
		"form, accepted late, never approved":     {elicitation: form, action: "accept", after: 19 * time.Second, want: words},
		"form, accepted and approved late":        {elicitation: form, action: "accept", after: 19 * time.Second, approved: 36 * time.Second, want: user},
		"form, all late, then the API hangs":      {elicitation: form, action: "accept", after: 19 * time.Second, approved: 30 * time.Second, api: hangs, want: silent},
		"form, a slow issuer, then all late":      {elicitation: form, action: "accept", after: 19 * time.Second, issuer: late(9 * time.Second), want: words},
		"2026, form, accepted, never approved":    {modern: true, elicitation: form, action: "accept", want: words},
		"2026, words, never approved":             {modern: true, before: 1, want: words},
		"the issuer hangs":                        {issuer: hangs, want: "gave no answer within 10s"},
		"the API hangs":                           {key: true, api: hangs, want: silent},
		"the API hangs after its headers":         {key: true, api: halfAnAnswer, want: silent},
		"the API recovers again and again, later": {key: true, api: tired, want: "github: "},
		"the API hangs after a rate limit":        {key: true, api: limitedThenHangs(), want: silent},
		"one slow answer after the other":         {key: true, api: late(20 * time.Second), tool: "practice_many", want: silent},
		"a tool without end":                      {tool: "practice_endless", want: silent},
		"a store that hangs":                      {store: hangingStore{&credentials.Memory{}}, want: silent},

		"a yes or no, no answer":                           {comments: true, key: true, elicitation: form, want: "nobody agreed"},
		"a late yes, answered as late as can be":           {comments: true, key: true, elicitation: form, action: "accept", after: 27 * time.Second, api: commented(14 * time.Second), want: done, not: open},
		"a late yes, then the API hangs":                   {comments: true, key: true, elicitation: form, action: "accept", after: 27 * time.Second, api: hangs, want: open, not: again},
		"a late yes, then the API hangs after its headers": {comments: true, key: true, elicitation: form, action: "accept", after: 27 * time.Second, api: halfAnAnswer, want: open, not: again},
		"a late yes, then the API breaks off":              {comments: true, key: true, elicitation: form, action: "accept", after: 27 * time.Second, api: brokenOff, want: open, not: again},
		"a yes that is too late for it":                    {comments: true, key: true, elicitation: form, action: "accept", after: 29 * time.Second, api: commented(time.Second), want: "nobody agreed"},
		"a late yes, then a sign-in":                       {comments: true, elicitation: form, action: "accept", after: 27 * time.Second, want: words},
		"2026, a yes, then the API hangs":                  {comments: true, key: true, modern: true, elicitation: form, action: "accept", api: hangs, want: open, not: again},
	}
}

// TestCallsEndInTime: however a call waits, for a person, for a limit or for a
// service, it is answered before any host gives it up. A client that has sent a
// token hears of it all the time, in numbers that rise, and nothing afterwards.
func TestCallsEndInTime(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "p"} {
		// Servers that count what they are asked count for one subtest.
		for name, w := range longWaits() {
			t.Run(name+"/token "+token, func(t *testing.T) {
				t.Parallel()
				// Inside, sleeping moves a clock of its own on and takes no time.
				synctest.Test(t, func(t *testing.T) {
					h := newBubble(t, w)
					for range w.before {
						h.call("")
						// Calls made together are answered together.
						time.Sleep(6 * time.Second)
					}
					text, requests := h.call(token)
					if !strings.Contains(text, w.want) {
						t.Errorf("the answer lacks %q: %s", w.want, text)
					}
					if w.not != "" && strings.Contains(text, w.not) {
						t.Errorf("the answer says %q: %s", w.not, text)
					}
					for _, r := range requests {
						if r.took > mostWait {
							t.Errorf("a request took %s", r.took)
						}
						r.expectProgress(t, token)
					}
					h.quiet()
				})
			})
		}
	}
}

// answered is one request of a client and what it heard before its answer.
type answered struct {
	took  time.Duration
	heard []heard
}

type heard struct {
	at      time.Duration
	token   any
	step    float64
	message string
}

func (r answered) expectProgress(t *testing.T, token string) {
	t.Helper()
	if token == "" {
		if len(r.heard) > 0 {
			t.Errorf("not asked for: %+v", r.heard)
		}
		return
	}
	last := heard{}
	for _, h := range append(r.heard, heard{at: r.took, token: token, step: 1e9, message: "the answer"}) {
		if h.at-last.at > mostSilence || h.step <= last.step || h.token != token || h.message == "" || len(h.message) > 120 || codePattern.MatchString(h.message) {
			t.Errorf("after %+v comes %+v", last, h)
		}
		last = h
	}
}

// hangs is a server that never answers.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// late is one that answers well, after so long.
func late(d time.Duration) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return nil, nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// halfAnAnswer begins one and never ends it.
func halfAnAnswer(r *http.Request) (*http.Response, error) {
	from, to := io.Pipe()
	context.AfterFunc(r.Context(), func() { to.CloseWithError(r.Context().Err()) })
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: from, Request: r}, nil
}

// brokenOff is an answer whose end is missing.
func brokenOff(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)), Request: r}, nil
}

// commented is an API that has taken a comment, after so long.
func commented(d time.Duration) func(*http.Request) (*http.Response, error) {
	wait := late(d)
	return func(r *http.Request) (*http.Response, error) {
		if _, err := wait(r); err != nil {
			return nil, err
		}
		return reply(r, http.StatusCreated, `{"id":1,"html_url":"http://127.0.0.1:1/1"}`), nil
	}
}

// tired asks to come back later, whenever it is asked.
func tired(r *http.Request) (*http.Response, error) {
	answer := reply(r, http.StatusServiceUnavailable, "{}")
	answer.Header.Set("Retry-After", "9")
	return answer, nil
}

// limitedThenHangs is a limit that ends soon, and then nothing.
func limitedThenHangs() func(*http.Request) (*http.Response, error) {
	limited := false
	return func(r *http.Request) (*http.Response, error) {
		if limited {
			return hangs(r)
		}
		limited = true
		answer := reply(r, http.StatusForbidden, `{"message":"You have exceeded a secondary rate limit"}`)
		answer.Header.Set("Retry-After", "19")
		return answer, nil
	}
}

func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// hangingStore is one whose keyring never answers.
type hangingStore struct{ credentials.Store }

func (hangingStore) Read(ctx context.Context, _ string) (*credentials.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// server is the issuer or the API; what a longWait says comes before what it
// would answer.
type testServer struct {
	before   func(*http.Request) (*http.Response, error)
	approved time.Duration
	asked    time.Time
}

func (s *testServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if s.before != nil {
		if answer, err := s.before(r); answer != nil || err != nil {
			return answer, err
		}
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/device/code"):
		s.asked = time.Now()
		return reply(r, http.StatusOK, `{"device_code":"example-device","user_code":"WDJB-MJHT","verification_uri":"http://127.0.0.1:1/login/device","expires_in":900,"interval":5}`), nil
	case strings.HasSuffix(r.URL.Path, "/access_token") && (s.approved == 0 || time.Since(s.asked) < s.approved):
		return reply(r, http.StatusBadRequest, `{"error":"authorization_pending"}`), nil
	case strings.HasSuffix(r.URL.Path, "/access_token"):
		return reply(r, http.StatusOK, `{"access_token":"example-access","token_type":"bearer","scope":"repo"}`), nil
	}
	return reply(r, http.StatusOK, `{"login":"mona-example","name":"Mona Example"}`), nil
}

// practiceTools are one that asks ten times and one that never ends.
func practiceTools(api *http.Client, address string) []tools.Tool {
	many := toolThat(func(ctx context.Context, _ nothing) (string, error) {
		for range 10 {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return "", err
			}
			answer, err := api.Do(r)
			if err != nil {
				return "", err
			}
			answer.Body.Close()
		}
		return "done", nil
	})
	endless := toolThat(func(ctx context.Context, _ nothing) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	})
	many.Name, endless.Name = "practice_many", "practice_endless"
	return []tools.Tool{many, endless}
}

func (w longWait) credential(t *testing.T) *credentials.Credential {
	t.Helper()
	settings := credentials.Settings{Host: "http://127.0.0.1:1", ClientID: "example-client"}
	if w.key {
		settings.Token, settings.KeyVariable = oauth.NewSecret("example-key"), "GITHUB_TOKEN"
	}
	at, err := github.Service("").At(settings)
	if err != nil {
		t.Fatal(err)
	}
	if w.store == nil {
		w.store = &credentials.Memory{Reason: "a test"}
	}
	return credentials.New(credentials.Options{
		Service: at, Settings: settings, Store: w.store,
		HTTP: &http.Client{Transport: &testServer{before: w.issuer, approved: w.approved}, Timeout: oauth.RequestTimeout}, Transport: &testServer{before: w.api},
	})
}

func (w longWait) offer(c *credentials.Credential) tools.Offer {
	entry := github.Service("")
	api := c.Client()
	api.Transport = &gate.Gate{Next: api.Transport, Service: "github", Base: c.Service.APIURL, Reads: entry.Reads, Rules: &gate.Rules{Confirm: gate.Writes}}
	offer := entry.Offer(tools.Setup{API: api, At: c.Service})
	address := (&url.URL{Scheme: "http", Host: c.Service.Hosts[0], Path: "/user"}).String()
	offer.Tools = append(offer.Tools, practiceTools(c.Client(), address)...)
	return offer
}

// serveIn serves in a bubble until the test ends.
func (w longWait) serveIn(t *testing.T, in io.Reader, out io.WriteCloser) {
	t.Helper()
	credential := w.credential(t)
	server := &stdio.Server{MCP: tools.NewServer(tools.Options{Version: "test", Offer: w.offer(credential)}), In: in, Out: out}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		out.Close()
		credential.Close()
	})
}

func (w longWait) params(id int, token string, more map[string]any) map[string]any {
	meta := map[string]any{}
	if w.modern {
		meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28"
		meta["io.modelcontextprotocol/clientCapabilities"] = map[string]any{"elicitation": w.elicitation}
	}
	if token != "" {
		meta["progressToken"] = token
	}
	tool := w.tool
	if tool == "" {
		tool = "github_whoami"
	}
	arguments := map[string]any{}
	if w.comments {
		tool, arguments = "github_issue_write", map[string]any{"action": "comment", "repo": "octo/hello", "number": 1, "body": "Fine."}
	}
	params := map[string]any{"name": tool, "arguments": arguments, "_meta": meta}
	for name, value := range more {
		params[name] = value
	}
	return map[string]any{"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}
}
