package microsoft_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/microsoft"
)

// practice is the tools over the practice Graph, and what they asked it.
type practice struct {
	t     *testing.T
	tools []tools.Tool
	// client asks what no tool does.
	client *http.Client
	box    *sandbox.Sandbox

	mu sync.Mutex
	// instead answers in place of the practice Graph; nil: it does.
	instead func(r *http.Request) *http.Response
	asked   []sentRequest
	lost    int // see loses
}

func practise(t *testing.T) *practice {
	t.Helper()
	return practiseWith(t, "User.Read", "Calendars.Read", "Calendars.ReadWrite", "Mail.Read")
}

// practiseWith signs the tools in with a token of these scopes. It is 23 October
// 2026 there.
func practiseWith(t *testing.T, scopes ...string) *practice {
	t.Helper()
	box, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	p := &practice{t: t, box: box, lost: -1}
	token := box.IssueToken(scopes...)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+token)
		return p.roundTrip(r, transport)
	})}
	p.client = client
	p.tools = microsoft.Offer(tools.Setup{
		API: client, At: credentials.Service{Name: "microsoft", Title: "Microsoft 365", HostVariable: "MICROSOFT_API_URL", APIURL: box.URL() + "/v1.0/"},
		Now: func() time.Time { return time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC) },
	}).Tools
	return p
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// roundTrip notes a request and its answer, which is Microsoft's affair if the
// practice Graph gave it.
func (p *practice) roundTrip(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	asked := sentRequest{Method: r.Method, Path: strings.TrimPrefix(r.URL.EscapedPath(), "/v1.0"), Query: r.URL.RawQuery, header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		asked.Body = string(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, asked)
	if p.instead != nil {
		if answer := p.instead(r); answer != nil {
			sent.add(asked)
			return answer, nil
		}
	}
	response, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if asked.Status = response.StatusCode; len(body) > 0 {
		asked.Answer = string(body)
	}
	sent.add(asked)
	switch {
	case p.lost == 0:
		return nil, io.ErrUnexpectedEOF
	case p.lost > 0:
		response.StatusCode, body = p.lost, nil
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, err
}

// answers lets a path be answered otherwise.
func (p *practice) answers(method, path string, status int, body string, header ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = func(r *http.Request) *http.Response {
		if r.Method != method || !strings.HasPrefix(r.URL.Path, "/v1.0/"+path) {
			return nil
		}
		response := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r, ContentLength: -1}
		for i := 0; i+1 < len(header); i += 2 {
			response.Header.Set(header[i], header[i+1])
		}
		return response
	}
}

// answersPages lets a path be answered otherwise, each time by the next page.
func (p *practice) answersPages(path string, pages ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = func(r *http.Request) *http.Response {
		if r.URL.Path != "/v1.0/"+path || len(pages) == 0 {
			return nil
		}
		body := pages[0]
		pages = pages[1:]
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r, ContentLength: -1}
	}
}

// answersAll lets paths be answered otherwise.
func (p *practice) answersAll(bodies map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = func(r *http.Request) *http.Response {
		body, has := bodies[strings.TrimPrefix(r.URL.Path, "/v1.0/")]
		if !has {
			return nil
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r, ContentLength: -1}
	}
}

func (p *practice) call(name, arguments string) (string, error) {
	p.t.Helper()
	i := slices.IndexFunc(p.tools, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		p.t.Fatalf("no tool %s", name)
	}
	return p.tools[i].Call(p.t.Context(), json.RawMessage(arguments))
}

// says calls a tool and checks that the answer has all these parts, in order.
func (p *practice) says(name, arguments string, parts ...string) string {
	p.t.Helper()
	answer, err := p.call(name, arguments)
	if err != nil {
		p.t.Fatalf("%s %s: %v", name, arguments, err)
	}
	p.holds(name+" "+arguments, answer, parts)
	return answer
}

func (p *practice) holds(what, answer string, parts []string) {
	p.t.Helper()
	rest := answer
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			p.t.Errorf("%s: no %q, or not in order, in\n%s", what, part, answer)
			return
		}
		rest = after
	}
}

// refuses calls a tool and checks what the error says.
func (p *practice) refuses(name, arguments string, parts ...string) {
	p.t.Helper()
	answer, err := p.call(name, arguments)
	if err == nil {
		p.t.Errorf("%s %s isn't refused: %s", name, arguments, answer)
		return
	}
	p.holds(name+" "+arguments, err.Error(), parts)
}

// last is the last request.
func (p *practice) last() sentRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[len(p.asked)-1]
}

func (p *practice) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// query reads that of a request.
func (r sentRequest) query(t *testing.T) url.Values {
	t.Helper()
	query, err := url.ParseQuery(r.Query)
	if err != nil {
		t.Fatal(err)
	}
	return query
}

// idOf is the id in the line of an answer that holds a text.
func idOf(t *testing.T, answer, text string) string {
	t.Helper()
	for line := range strings.Lines(answer) {
		if _, id, found := strings.Cut(strings.TrimSpace(line), "id "); found && strings.Contains(line, text) {
			return id
		}
	}
	t.Fatalf("no id beside %q in\n%s", text, answer)
	return ""
}

// loses lets the practice Graph make what it is asked for and its answer not
// arrive: 0, or be another with a status; -1: no longer.
func (p *practice) loses(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = status
}
