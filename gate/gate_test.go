package gate_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

const base = "https://api.example.com/v1/"

// arrived is a request that has come through the gate.
type arrived struct {
	method, url, body string
	length            int64
	again             string // what GetBody gives
}

// behind is what lies behind the gate. It is safe for concurrent use.
type behind struct {
	mu   sync.Mutex
	got  []arrived
	fail error // after the request has left, unless it is unsent
}

var errUnsent = errors.New("sign in first")

func (b *behind) RoundTrip(r *http.Request) (*http.Response, error) {
	a := arrived{method: r.Method, url: r.URL.String(), length: r.ContentLength}
	if r.GetBody != nil {
		again, _ := r.GetBody()
		content, _ := io.ReadAll(again)
		a.again = string(content)
	}
	if r.Body != nil {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		a.body = string(content)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, a)
	if b.fail != nil {
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && !errors.Is(b.fail, errUnsent) {
			trace.GotConn(httptrace.GotConnInfo{})
		}
		return nil, b.fail
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Request-Id": {"abc"}}, Body: http.NoBody, Request: r}, nil
}

func (b *behind) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got)
}

func send(t *testing.T, g *gate.Gate, call *gate.Call, method, path, body string, header ...string) error {
	t.Helper()
	ctx := t.Context()
	if call != nil {
		ctx = gate.With(ctx, call)
	}
	if !strings.Contains(path, "://") {
		path = base + path
	}
	r, err := http.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	_, err = g.RoundTrip(r)
	return err
}

// outcome names what became of a request.
func outcome(err error) string {
	var planned *gate.Planned
	var asks *gate.Unconfirmed
	var refusal *gate.Refused
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &planned):
		return "planned"
	case errors.As(err, &asks):
		return "asks"
	case errors.As(err, &refusal):
		return string(refusal.By)
	}
	return err.Error()
}

// TestCallsAndRequests: what becomes of each kind of request in each kind of call.
// Without a call there is nothing but reading.
func TestCallsAndRequests(t *testing.T) {
	t.Parallel()
	stopped := gate.StopFile{t.TempDir()}
	rules := map[string]*gate.Rules{
		"": {Confirm: gate.Never}, "none": nil, "stop": {Confirm: gate.Never, Stop: stopped},
		"losses": {Confirm: gate.Losses}, "writes": {Confirm: gate.Writes}, "usual": {Confirm: gate.AfterStranger, Untrusted: &gate.Untrusted{}},
	}
	requests := []struct{ method, path, override string }{
		{"GET", "things", ""}, {"HEAD", "things", ""}, {"POST", "query", ""},
		{"POST", "things", ""}, {"PUT", "things", ""}, {"PATCH", "things", ""}, {"DELETE", "things", ""}, {"OPTIONS", "things", ""},
		{"GET", "things", "X-HTTP-Method-Override"}, {"GET", "things", "X-Http-Method"}, {"HEAD", "things", "x-method-override"},
		{"POST", "query", "X-HTTP-Method-Override"}, {"POST", "https://elsewhere.example.com/v1/query", ""},
	}
	for _, row := range []struct {
		call         *gate.Call
		rules        string
		reads, other string
	}{
		{nil, "", "sent", "reading"},
		{nil, "none", "sent", "reading"},
		{&gate.Call{Access: policy.Read}, "", "sent", "reading"},
		{&gate.Call{Access: policy.Read, DryRun: true}, "", "sent", "reading"},
		{&gate.Call{Access: policy.Write}, "", "sent", "sent"},
		{&gate.Call{Access: policy.Write}, "none", "sent", "sent"},
		{&gate.Call{Access: policy.Write}, "usual", "sent", "sent"},
		{&gate.Call{Access: policy.Write, DryRun: true}, "", "sent", "planned"},
		{&gate.Call{Access: policy.Admin, DryRun: true}, "stop", "sent", "planned"},
		{&gate.Call{Access: policy.Write}, "stop", "sent", "stop"},
		{&gate.Call{Access: policy.Write}, "losses", "sent", "sent"},
		{&gate.Call{Access: policy.Destructive}, "losses", "sent", "asks"},
		{&gate.Call{Access: policy.Admin}, "losses", "sent", "asks"},
		{&gate.Call{Access: policy.Write}, "writes", "sent", "asks"},
	} {
		for i, r := range requests {
			service := &behind{}
			g := &gate.Gate{Next: service, Service: "acme", Base: base, Rules: rules[row.rules], Reads: func(r *http.Request) bool { return r.URL.Path == "/v1/query" }}
			want := row.other
			if i < 3 {
				want = row.reads
			}
			call, header := row.call, []string(nil)
			if call != nil {
				call = &gate.Call{Tool: "acme_tool", Access: call.Access, DryRun: call.DryRun}
			}
			if r.override != "" {
				header = []string{r.override, "DELETE"}
			}
			err := send(t, g, call, r.method, r.path, "", header...)
			if got := outcome(err); got != want || (service.count() == 1) != (want == "sent") {
				t.Errorf("%+v under %q: %+v: %s and %d sent, want %s", row.call, row.rules, r, got, service.count(), want)
			}
			if call == nil {
				continue
			}
			if seen := call.Requests(); want == "sent" && (len(seen) != 1 || seen[0].Changes != (i >= 3) || seen[0].ID != "abc" || seen[0].Method != r.method) || want != "sent" && len(seen) != 0 {
				t.Errorf("%+v: %+v was seen as %+v", row.call, r, seen)
			}
			if keeps := call.Refusal() != nil; keeps != (want != "sent" && want != "planned") || gate.IsHeld(err) != (want != "sent") {
				t.Errorf("%+v: %+v: refusal %v", row.call, r, call.Refusal())
			}
		}
	}
}

// TestStopInTheMiddle: a call of many requests is stopped between two of them.
func TestStopInTheMiddle(t *testing.T) {
	t.Parallel()
	folder, service := t.TempDir(), &behind{}
	file := filepath.Join(folder, "stopped")
	g := &gate.Gate{Next: service, Base: base, Rules: &gate.Rules{Confirm: gate.Never, Stop: gate.StopFile{file}}}
	call := &gate.Call{Access: policy.Write}
	if err := send(t, g, call, "POST", "first", "{}"); err != nil {
		t.Fatal(err)
	}
	write(t, file, "look first")
	if err := send(t, g, call, "POST", "second", "{}"); outcome(err) != "stop" || service.count() != 1 || !call.Passed() || call.Refusal() == nil {
		t.Errorf("%v, and %d requests", err, service.count())
	}
}

// TestPathsOfAModel: paths are held against what a model chooses, and not against
// what a tool does, nor where the service leads those who read.
func TestPathsOfAModel(t *testing.T) {
	t.Parallel()
	service := &behind{}
	g := &gate.Gate{Next: service, Service: "acme", Base: base, Paths: make(policy.Paths, 1), Rules: &gate.Rules{Confirm: gate.Never}}
	for _, path := range []string{"things/1", "https://elsewhere.example.com/things/1", "https://api.example.com/other"} {
		for _, method := range []string{"GET", "POST"} {
			if err := send(t, g, &gate.Call{ByPath: true, Access: policy.Write}, method, path, ""); outcome(err) != "path" || !strings.Contains(err.Error(), "ACME_PATHS doesn't allow "+method) || !strings.Contains(err.Error(), "the person can add that in their host's settings") {
				t.Errorf("%s %s: %v", method, path, err)
			}
			if err := send(t, g, &gate.Call{Access: policy.Write}, method, path, ""); err != nil {
				t.Errorf("%s %s of a tool: %v", method, path, err)
			}
		}
	}
	for method, want := range map[string]string{"GET": "sent", "POST": "path"} {
		r, err := http.NewRequestWithContext(gate.With(t.Context(), &gate.Call{ByPath: true, Access: policy.Write}), method, "https://elsewhere.example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Response = &http.Response{StatusCode: http.StatusTemporaryRedirect}
		if _, err := g.RoundTrip(r); outcome(err) != want {
			t.Errorf("led to another host, %s: %v", method, err)
		}
	}
}

// TestRedirects: a change that is sent on is judged anew, and stays at its host,
// whatever the client would follow; reading may go where the service leads.
func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere, reached := "", 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	t.Cleanup(other.Close)
	elsewhere = other.URL
	bodies := []string{}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Method+" "+r.URL.Path+" "+string(content))
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		case "/query", "/moved":
			http.Redirect(w, r, "/things", http.StatusPermanentRedirect)
		}
	}))
	t.Cleanup(api.Close)
	for _, c := range []struct {
		method, path string
		access       policy.Access
		want         string
		reaches      int
	}{
		{"GET", "/away", policy.Read, "sent", 1},
		{"POST", "/away", policy.Write, "path", 0},
		{"POST", "/moved", policy.Write, "sent", 0},
		{"POST", "/query", policy.Read, "reading", 0},
	} {
		reached, bodies = 0, nil
		g := &gate.Gate{Next: api.Client().Transport, Base: api.URL, Rules: &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{PerSession: 1}},
			Reads: func(r *http.Request) bool { return r.URL.Path == "/query" }}
		r, err := http.NewRequestWithContext(gate.With(t.Context(), &gate.Call{Access: c.access}), c.method, api.URL+c.path, strings.NewReader("content"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := (&http.Client{Transport: g}).Do(r)
		if err == nil {
			answer.Body.Close()
		}
		if outcome(err) != c.want || reached != c.reaches {
			t.Errorf("%s %s: %v, %d elsewhere", c.method, c.path, err, reached)
		}
		if c.path == "/moved" && strings.Join(bodies, ", ") != "POST /moved content, POST /things content" {
			t.Error(bodies)
		}
	}
}

// TestConfirmedRequest: the person's word is for one request. Those after it in the
// same call come with it, and any other one needs its own.
func TestConfirmedRequest(t *testing.T) {
	t.Parallel()
	service := &behind{}
	g := &gate.Gate{Next: service, Base: base, Rules: &gate.Rules{Confirm: gate.Writes, Budget: &gate.Budget{PerSession: 1}}}
	first := &gate.Call{Access: policy.Write}
	var asks *gate.Unconfirmed
	if err := send(t, g, first, "POST", "things", `{"a":1}`); !errors.As(err, &asks) || service.count() != 0 || first.Passed() {
		t.Fatal(err)
	}
	for _, other := range []struct{ method, path, body, match string }{
		{"POST", "things", `{"a":2}`, ""}, {"PUT", "things", `{"a":1}`, ""}, {"POST", "other", `{"a":1}`, ""}, {"POST", "things?x=1", `{"a":1}`, ""}, {"POST", "things", `{"a":1}`, `"tag"`},
	} {
		if err := send(t, g, &gate.Call{Access: policy.Write, Confirmed: asks.Request.Fingerprint()}, other.method, other.path, other.body, "If-Match", other.match); outcome(err) != "asks" {
			t.Errorf("%+v: %v", other, err)
		}
	}
	again := &gate.Call{Access: policy.Write, Confirmed: asks.Request.Fingerprint()}
	for _, body := range []string{`{"a":1}`, `{"b":1}`} {
		if err := send(t, g, again, "POST", "things", body); err != nil {
			t.Error(err)
		}
	}
}

// TestOneCallAtOnce: the requests of a call may be sent at the same time.
func TestOneCallAtOnce(t *testing.T) {
	t.Parallel()
	service := &behind{}
	g := &gate.Gate{Next: service, Base: base, Rules: &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{PerSession: 1}}}
	call := &gate.Call{Access: policy.Write}
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if err := send(t, g, call, "POST", "things", "{}"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if service.count() != 30 || len(call.Requests()) != 30 {
		t.Errorf("%d sent, %d seen", service.count(), len(call.Requests()))
	}
}

// TestEndOfMemory: what a call remembers has an end.
func TestEndOfMemory(t *testing.T) {
	t.Parallel()
	g := &gate.Gate{Next: &behind{}, Base: base}
	reads, dry := &gate.Call{Access: policy.Read}, &gate.Call{Access: policy.Write, DryRun: true}
	for range 150 {
		_ = send(t, g, reads, "GET", "things", "")
		_ = send(t, g, dry, "POST", "things", "")
	}
	if len(reads.Requests()) != 100 || len(dry.Held()) != 20 {
		t.Errorf("%d requests and %d held", len(reads.Requests()), len(dry.Held()))
	}
}

// TestChangeBehindReads: however much a call reads, its first change isn't forgotten, and
// one that never left isn't remembered in place of one that did.
func TestChangeBehindReads(t *testing.T) {
	t.Parallel()
	rules := &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{}}
	gone := &gate.Gate{Next: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, io.EOF }}, Base: base, Rules: rules}
	there := &gate.Gate{Next: &behind{}, Base: base, Rules: rules}
	call := &gate.Call{Access: policy.Write}
	for range 150 {
		_ = send(t, there, call, "GET", "things", "")
	}
	for range 5 {
		_ = send(t, gone, call, "POST", "things", "{}")
	}
	for range 5 {
		_ = send(t, there, call, "POST", "others", "{}")
	}
	seen := call.Requests()
	if len(seen) != 102 || !seen[100].Unsent || !seen[100].Changes || seen[101].Unsent || !seen[101].Changes || !strings.HasSuffix(seen[101].Target, "/others") {
		t.Errorf("%d: %+v", len(seen), seen[min(100, len(seen)):])
	}
}

// TestNoCall: a context without a call has none.
func TestNoCall(t *testing.T) {
	t.Parallel()
	if gate.From(context.Background()) != nil || gate.IsHeld(nil) || gate.IsHeld(io.EOF) {
		t.Error("there is one")
	}
}
