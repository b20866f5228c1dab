package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	collected "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// expectNoPart looks for halves of what the practice GitHub was sent, and for codes.
func (p practice) expectNoPart(t *testing.T, said string) {
	t.Helper()
	p.expectNoSecret(t, said)
	for _, r := range p.Requests() {
		for _, field := range []string{"device_code", "refresh_token", "access_token"} {
			if secret := r.Form.Get(field); len(secret) > 16 && (strings.Contains(said, secret[:len(secret)/2]) || strings.Contains(said, secret[len(secret)/2:])) {
				t.Errorf("half of a %s was shown", field)
			}
		}
	}
	if userCode.MatchString(said) {
		t.Error("a user code was shown")
	}
}

// TestLogLevel: what is said depends on VALET_LOG, whatever the command, and a wrong
// value is an error that names the right ones, of every call too.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "VALET_NO_SUCH=1")
	env := with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
	for _, command := range [][]string{{"call", "github_whoami"}, {"status"}, {"doctor"}, {"logout", "github"}, {"login", "github"}} {
		if got := run(t, with(env, "VALET_LOG=DEBUG"), "", command...); !strings.Contains(got.stderr, "level=DEBUG") {
			t.Errorf("%v: it says %q", command, got.stderr)
		}
		for _, usual := range []string{"VALET_LOG=", "VALET_LOG=info", "VALET_LOG=${user_config.log}"} {
			if got := run(t, with(env, usual), "", command...); strings.Contains(got.stderr, "level=DEBUG") {
				t.Errorf("%v, %s: it says %q", command, usual, got.stderr)
			}
		}
		if got := run(t, with(env, "VALET_LOG=loud"), "", command...); got.code == 0 || !strings.Contains(got.stdout+got.stderr, "one of debug, info, warn, error") {
			t.Errorf("%v: %+v", command, got)
		}
	}
	for level, warns := range map[string]bool{"info": true, "warn": true, "error": false} {
		s := serve(t, with(env, "VALET_LOG="+level))
		s.initialize()
		s.end()
		if said := s.stderr.String(); strings.Contains(said, "VALET_NO_SUCH") != warns {
			t.Errorf("%s: it says %q", level, said)
		}
	}
	s := serve(t, with(env, "VALET_LOG=loud"))
	s.initialize()
	if text, isError := s.call("github_whoami", "{}"); !isError || !strings.Contains(text, `VALET_LOG="loud" is not one of debug, info, warn, error`) {
		t.Errorf("%q", text)
	}
	s.end()
}

// receiver is a collector that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*otlp.Span
	text  string
	asked []http.Header
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, asked *http.Request) {
		body, err := io.ReadAll(asked.Body)
		var m collected.ExportTraceServiceRequest
		if err != nil || asked.URL.Path != "/v1/traces" || proto.Unmarshal(body, &m) != nil {
			t.Errorf("%s %v", asked.URL, err)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked, r.text = append(r.asked, asked.Header), r.text+string(body)
		for _, scoped := range m.ResourceSpans[0].ScopeSpans {
			r.spans = append(r.spans, scoped.Spans...)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// named is the last span of a name, and its attributes as text.
func (r *receiver) named(t *testing.T, name string) (*otlp.Span, map[string]string) {
	t.Helper()
	return r.last(t, name, func(s *otlp.Span, _ map[string]string) bool { return s.Name == name })
}

// asking is the last span of a request to an address.
func (r *receiver) asking(t *testing.T, address string) (*otlp.Span, map[string]string) {
	t.Helper()
	return r.last(t, address, func(_ *otlp.Span, attributes map[string]string) bool { return attributes["url.full"] == address })
}

func (r *receiver) last(t *testing.T, what string, is func(*otlp.Span, map[string]string) bool) (*otlp.Span, map[string]string) {
	t.Helper()
	for _, s := range slices.Backward(r.spans) {
		attributes := map[string]string{}
		for _, a := range s.Attributes {
			attributes[a.Key] = a.Value.GetStringValue()
			if n := a.Value.GetIntValue(); n != 0 {
				attributes[a.Key] = strconv.FormatInt(n, 10)
			}
		}
		if is(s, attributes) {
			return s, attributes
		}
	}
	t.Fatalf("there is no span of %s among %d", what, len(r.spans))
	return nil, nil
}

// TestTraces: a collector gets a span for each call, below the host's own, with one
// for each thing that took time below it.
func TestTraces(t *testing.T) {
	t.Parallel()
	to := receive(t)
	p := startPractice(t, "VALET_STORE=memory", "OTEL_EXPORTER_OTLP_ENDPOINT="+to.URL, "OTEL_EXPORTER_OTLP_HEADERS=x-key=secret-example", "OTEL_SERVICE_NAME=my-valetkey")
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	s.send(`{"jsonrpc":"2.0","id":"seven","method":"tools/call","params":{"name":"github_search","arguments":{"kind":"repositories","query":"argument-example"},"_meta":{"traceparent":"00-` + trace + `-` + span + `-01"}}}`)
	s.receive()
	if text, isError := s.call("github_contents", `{"repo":"argument-example","path":"argument-example"}`); !isError {
		t.Errorf("%q", text)
	}
	s.send(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"argument-example","arguments":{}}}`)
	s.receive()
	s.end()
	call, attributes := to.named(t, "tools/call github_search")
	if hex.EncodeToString(call.TraceId) != trace || hex.EncodeToString(call.ParentSpanId) != span || call.Kind != otlp.Span_SPAN_KIND_SERVER {
		t.Errorf("%v", call)
	}
	for name, want := range map[string]string{
		"mcp.method.name": "tools/call", "gen_ai.tool.name": "github_search", "gen_ai.operation.name": "execute_tool", "jsonrpc.request.id": "seven", "network.transport": "pipe", "error.type": "",
	} {
		if attributes[name] != want {
			t.Errorf("%s is %q, want %q", name, attributes[name], want)
		}
	}
	request, attributes := to.asking(t, p.URL()+"/api/v3/search/repositories")
	if attributes["http.response.status_code"] != "200" || string(request.ParentSpanId) != string(call.SpanId) {
		t.Errorf("%v of %v", attributes, request)
	}
	if failed, attributes := to.named(t, "tools/call github_contents"); attributes["error.type"] != "tool_error" || failed.Status.GetCode() != otlp.Status_STATUS_CODE_ERROR {
		t.Errorf("%v", failed)
	}
	if _, attributes = to.named(t, "tools/call"); attributes["error.type"] != "-32602" {
		t.Errorf("%v", attributes)
	}
	search, attributes := to.named(t, "find credential")
	if attributes["valetkey.service"] != "github" || attributes["error.type"] != "sign_in_required" && attributes["valetkey.credential.source"] != "memory" || len(search.ParentSpanId) == 0 {
		t.Errorf("%v of %v", attributes, search)
	}
	to.asking(t, p.URL()+"/login/device/code")
	if !strings.Contains(to.text, "my-valetkey") || to.asked[0].Get("X-Key") != "secret-example" || strings.Contains(to.text, "secret-example") || strings.Contains(to.text, "argument-example") {
		t.Errorf("%q", to.text)
	}
	p.expectNoPart(t, to.text)
}

// TestArgumentsInPaths: of a call's arguments, what stands in the path of a request is
// in its span and in the log, and nothing that goes in a query or a body.
func TestArgumentsInPaths(t *testing.T) {
	t.Parallel()
	to := receive(t)
	p := startPractice(t, "VALET_STORE=memory", "VALET_CONFIRM=never", "VALET_LOG=debug", "OTEL_EXPORTER_OTLP_ENDPOINT="+to.URL)
	s := serve(t, with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo")))
	s.initialize()
	s.call("github_contents", `{"repo":"tidepool-example/harbour","path":"in-the-path.md","ref":"argument-example"}`)
	s.call("github_search", `{"kind":"repositories","query":"argument-example"}`)
	if text, isError := s.call("github_issue_write", `{"action":"create","repo":"tidepool-example/harbour","title":"argument-example","body":"argument-example"}`); isError {
		t.Errorf("%q", text)
	}
	s.end()
	said := s.stderr.String()
	for _, path := range []string{"/repos/tidepool-example/harbour/contents/in-the-path.md", "/repos/tidepool-example/harbour/issues", "/search/repositories"} {
		to.asking(t, p.URL()+"/api/v3"+path)
		if !strings.Contains(said, "path=/api/v3"+path+" ") {
			t.Errorf("%s isn't in the log: %s", path, said)
		}
	}
	if strings.Contains(to.text+said, "argument-example") {
		t.Errorf("%q, %s", to.text, said)
	}
}

// TestTraceOfCommand: a call from the command line has a span of the same name.
func TestTraceOfCommand(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "OTEL_TRACES_EXPORTER=console")
	if got := run(t, with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo")), "", "call", "github_whoami"); !strings.Contains(got.stderr, `"tools/call github_whoami"`) {
		t.Errorf("%+v", got)
	}
}

// TestTracesThatGoNowhere: whatever the collector does, and whatever is wrong with the
// variables, calls are answered, and the program ends.
func TestTracesThatGoNowhere(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	fails := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	// Nobody is ever given this port.
	const refuses = "http://127.0.0.1:1"
	t.Cleanup(func() {
		close(over)
		hangs.Close()
		fails.Close()
	})
	p := startPractice(t, "VALET_STORE=memory")
	env := with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
	for variable, said := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + hangs.URL: "because=cancelled", "OTEL_EXPORTER_OTLP_ENDPOINT=" + fails.URL: "it answered 500", "OTEL_EXPORTER_OTLP_ENDPOINT=" + refuses: "because=connection_dial",
		"OTEL_TRACES_EXPORTER=zipkin": "none of otlp, console and none", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=4318": "is not an address", "OTEL_TRACES_EXPORTER=console": `"tools/call github_whoami" mcp.method.name="tools/call"`,
	} {
		s := serve(t, with(env, variable))
		s.initialize()
		for range 3 {
			if text, isError := s.call("github_whoami", "{}"); isError {
				t.Errorf("%s: %q", variable, text)
			}
		}
		s.end()
		if text := s.stderr.String(); !strings.Contains(text, said) {
			t.Errorf("%s: it says %q", variable, text)
		}
	}
}

// TestTracesAreSecretFromChildren: a program that valetkey starts has no header of
// them in its environment.
func TestTracesAreSecretFromChildren(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the program that looks is a shell")
	}
	p := startPractice(t, "VALET_STORE=memory", "VALET_LOG=debug")
	key := p.IssueToken("repo")
	// It gives the key only if it finds no header.
	script := "sh -c 'env | grep -q secret-example && exit 9; echo " + key + "'"
	var set []string
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"} {
		set = append(set, name+"=authorization=secret-example")
	}
	got := run(t, with(p.env, append(set, "GITHUB_TOKEN_COMMAND="+script)...), "", "call", "github_whoami")
	if got.code != 0 || strings.Contains(got.stdout+got.stderr, "secret-example") {
		t.Errorf("%+v", got)
	}
}

// TestTokensInAddresses: a token that stands in an address is neither in the log nor in
// a span, and neither is what looks like one.
func TestTokensInAddresses(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "VALET_LOG=debug", "OTEL_TRACES_EXPORTER=console")
	const key, shaped = "s3cretvalue-example-1234567890", "ghp_exampleexampleexampleexample1234"
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, with(p.env, "GITHUB_TOKEN_FILE="+path), "", "call", "github_contents", `{"repo":"a/b","path":"first/`+key+`/`+shaped+` last"}`)
	if strings.Contains(got.stderr, key) || strings.Contains(got.stderr, "exampleexample") || !strings.Contains(got.stderr, "msg=request") ||
		strings.Count(got.stderr, "/first/******************************/***%20last") < 2 {
		t.Error(got.stderr)
	}
}
