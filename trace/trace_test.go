package trace_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collected "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/trace"
)

func read(variables map[string]string) (trace.Config, error) {
	return trace.Read(func(name string) string { return variables[name] })
}

// TestRead: the variables mean what their specification says.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func TestRead(t *testing.T) {
	t.Parallel()
	const general, own, exporter = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"
	for name, c := range map[string]struct {
		set      map[string]string
		endpoint string
		console  bool
		wrong    string
	}{
		"nothing":                 {},
		"a name alone":            {set: map[string]string{"OTEL_SERVICE_NAME": "x"}},
		"the general endpoint":    {set: map[string]string{general: "http://127.0.0.1:4318"}, endpoint: "http://127.0.0.1:4318/v1/traces"},
		"with a path":             {set: map[string]string{general: "https://otel.example/in/"}, endpoint: "https://otel.example/in/v1/traces"},
		"the endpoint for traces": {set: map[string]string{general: "http://127.0.0.1:1", own: "http://127.0.0.1:2/x"}, endpoint: "http://127.0.0.1:2/x"},
		"otlp":                    {set: map[string]string{exporter: "otlp"}, endpoint: "http://localhost:4318/v1/traces"},
		"console":                 {set: map[string]string{exporter: "console", general: "http://127.0.0.1:1"}, console: true},
		"both":                    {set: map[string]string{exporter: "otlp,console"}, endpoint: "http://localhost:4318/v1/traces", console: true},
		"none":                    {set: map[string]string{exporter: "none", general: "http://127.0.0.1:1"}},
		"disabled":                {set: map[string]string{"OTEL_SDK_DISABLED": "TRUE", general: "http://127.0.0.1:1"}},
		"its protocol":            {set: map[string]string{exporter: "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, endpoint: "http://localhost:4318/v1/traces"},
		"another exporter":        {set: map[string]string{exporter: "zipkin"}, wrong: "OTEL_TRACES_EXPORTER"},
		"another protocol":        {set: map[string]string{exporter: "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, wrong: "OTEL_EXPORTER_OTLP_PROTOCOL"},
		"its own protocol":        {set: map[string]string{exporter: "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, endpoint: "http://localhost:4318/v1/traces"},
		"no address":              {set: map[string]string{own: "localhost:4318"}, wrong: own},
		"no header":               {set: map[string]string{exporter: "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "secret-example"}, wrong: "OTEL_EXPORTER_OTLP_HEADERS"},
		"no time":                 {set: map[string]string{exporter: "otlp", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, wrong: "OTEL_EXPORTER_OTLP_TIMEOUT"},
	} {
		got, err := read(c.set)
		if got.Endpoint != c.endpoint || got.Console != c.console || (err != nil) != (c.wrong != "") || got.IsOn() != (c.endpoint != "" || c.console) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err != nil && (!strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "secret-example")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// receiver is a collector that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	got     []*collected.ExportTraceServiceRequest
	headers []http.Header
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, asked *http.Request) {
		body, err := io.ReadAll(asked.Body)
		m := &collected.ExportTraceServiceRequest{}
		if err := errors.Join(err, proto.Unmarshal(body, m)); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.headers = append(r.got, m), append(r.headers, asked.Header)
	}))
	t.Cleanup(r.Close)
	return r
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func tracer(t *testing.T, c trace.Config, said *journal) *trace.Tracer {
	t.Helper()
	return trace.New(c, trace.Options{Version: "1.2.3", Client: oauth.Network{}.CollectorClient(), Log: slog.New(slog.NewTextHandler(said, nil)), Console: said})
}

const (
	outerTrace = "0af7651916cd43dd8448eb211c80319c"
	outerSpan  = "b7ad6b7169203331"
)

// TestSpans: what a collector gets is what OTLP says, by its own definition of it.
func TestSpans(t *testing.T) {
	t.Parallel()
	to := receive(t)
	c, err := read(map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": to.URL, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20example,x-team=a"})
	if err != nil {
		t.Fatal(err)
	}
	said := &journal{}
	traces := tracer(t, c, said)
	began := time.Now()
	ctx, above := traces.Begin(t.Context(), "tools/call x", "00-"+outerTrace+"-"+outerSpan+"-01", "vendor=1")
	above.Set("mcp.method.name", "tools/call")
	_, below := trace.Start(trace.Within(context.Background(), ctx), "find credential")
	below.Set("count", 3)
	below.Fail("store_locked")
	below.End()
	above.End()
	traces.Close()
	if len(to.got) != 1 || said.String() != "" {
		t.Fatalf("%d batches; it says %q", len(to.got), said.String())
	}
	if h := to.headers[0]; h.Get("Authorization") != "Bearer example" || h.Get("X-Team") != "a" || h.Get("Content-Type") != "application/x-protobuf" || h.Get("Traceparent") != "" {
		t.Errorf("%v", h)
	}
	all := to.got[0].ResourceSpans[0]
	var described []string
	for _, a := range all.Resource.Attributes {
		described = append(described, a.Key+"="+a.Value.GetStringValue())
	}
	for _, want := range []string{"service.name=valetkey", "service.version=1.2.3", "telemetry.sdk.language=go"} {
		if !slices.Contains(described, want) {
			t.Errorf("the resource lacks %s: %v", want, described)
		}
	}
	spans := all.ScopeSpans[0].Spans
	if len(spans) != 2 {
		t.Fatalf("%d spans", len(spans))
	}
	inner, outer := spans[0], spans[1]
	if outer.Name != "tools/call x" || outer.Kind != otlp.Span_SPAN_KIND_SERVER || hex.EncodeToString(outer.TraceId) != outerTrace || hex.EncodeToString(outer.ParentSpanId) != outerSpan ||
		outer.TraceState != "vendor=1" || outer.Status != nil || outer.Attributes[0].Key != "mcp.method.name" || outer.Attributes[0].Value.GetStringValue() != "tools/call" {
		t.Errorf("%v", outer)
	}
	if inner.Name != "find credential" || inner.Kind != otlp.Span_SPAN_KIND_INTERNAL || !bytes.Equal(inner.ParentSpanId, outer.SpanId) || !bytes.Equal(inner.TraceId, outer.TraceId) ||
		inner.Status.GetCode() != otlp.Status_STATUS_CODE_ERROR || inner.Attributes[0].Value.GetIntValue() != 3 || inner.Attributes[1].Value.GetStringValue() != "store_locked" {
		t.Errorf("%v", inner)
	}
	for _, s := range spans {
		if s.StartTimeUnixNano < uint64(began.UnixNano()) || s.EndTimeUnixNano < s.StartTimeUnixNano || s.EndTimeUnixNano > uint64(time.Now().UnixNano()) {
			t.Errorf("from %d to %d", s.StartTimeUnixNano, s.EndTimeUnixNano)
		}
	}
}

// TestConsole: spans are lines where they are asked for as such.
func TestConsole(t *testing.T) {
	t.Parallel()
	said := &journal{}
	traces := tracer(t, trace.Config{Console: true}, said)
	_, span := traces.Begin(t.Context(), "tools/call x", "", "")
	span.Set("mcp.method.name", "tools/call")
	span.End()
	traces.Close()
	if text := said.String(); !strings.HasPrefix(text, "span trace=") || !strings.HasSuffix(text, " \"tools/call x\" mcp.method.name=\"tools/call\"\n") {
		t.Errorf("%q", text)
	}
}

// TestCollectorThatFails: it is said once, without the address and the header, and
// the end doesn't wait for it.
func TestCollectorThatFails(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	for name, answer := range map[string]http.HandlerFunc{
		"it answered 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"it answered 307": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"cancelled":       func(http.ResponseWriter, *http.Request) { <-over },
		"connection_dial": nil,
		"because=":        func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		to := httptest.NewServer(answer)
		said := &journal{}
		endpoint := strings.Replace(to.URL, "http://", "http://user:secret-example@", 1)
		if answer == nil {
			// Nobody is ever given this port.
			endpoint = "http://user:secret-example@127.0.0.1:1"
		}
		traces := tracer(t, trace.Config{Endpoint: endpoint, Header: oauth.NewSecret("authorization=secret-example"), Timeout: time.Minute}, said)
		_, span := traces.Begin(t.Context(), "x", "", "")
		span.End()
		traces.Close()
		if text := said.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "can't be delivered") || !strings.Contains(text, name) || strings.Contains(text, "secret") {
			t.Errorf("%s: it says %q", name, text)
		}
		if name == "cancelled" {
			close(over)
		}
		to.Close()
	}
}

// TestHeaderThatCantBeRead: spans go without the header of a Config that nobody has
// checked, which is said without it.
func TestHeaderThatCantBeRead(t *testing.T) {
	t.Parallel()
	to := receive(t)
	said := &journal{}
	traces := tracer(t, trace.Config{Endpoint: to.URL, Header: oauth.NewSecret("secret-example"), Timeout: time.Minute}, said)
	_, span := traces.Begin(t.Context(), "x", "", "")
	span.End()
	traces.Close()
	if len(to.got) != 1 || to.headers[0].Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("%d batches, %v", len(to.got), to.headers)
	}
	if text := said.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "name=value") || strings.Contains(text, "secret") {
		t.Errorf("it says %q", text)
	}
}

// TestNoTracer: where nobody asks for traces there is nothing.
func TestNoTracer(t *testing.T) {
	none := trace.New(trace.Config{}, trace.Options{})
	answer := &http.Response{StatusCode: http.StatusOK}
	way := &trace.Transport{Next: roundTrip(func(*http.Request) (*http.Response, error) { return answer, nil }), Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:1/x", nil)
	nothing := testing.AllocsPerRun(100, func() {
		ctx, span := none.Begin(context.Background(), "x", "00-"+outerTrace+"-"+outerSpan+"-01", "")
		_, below := trace.Start(trace.Within(ctx, ctx), "y")
		below.Set("a", "b")
		below.Fail("c")
		below.End()
		span.End()
	})
	if none != nil || nothing != 0 {
		t.Errorf("%v, %v allocations", none, nothing)
	}
	if wrapped := testing.AllocsPerRun(100, func() { _, _ = way.RoundTrip(request) }); wrapped != 0 {
		t.Errorf("%v allocations for a request", wrapped)
	}
	none.Close()
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTransport: a request is shown by its method, host and path, and by no more.
func TestTransport(t *testing.T) {
	t.Parallel()
	to := receive(t)
	said := &journal{}
	traces := tracer(t, trace.Config{Endpoint: to.URL, Timeout: time.Minute}, said)
	ctx, above := traces.Begin(t.Context(), "tools/call x", "", "")
	log := slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, foreign := range []bool{false, true} {
		way := &trace.Transport{Log: log, Foreign: foreign, Next: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/broken" {
				return nil, errors.New("broken: secret-example")
			}
			return &http.Response{StatusCode: http.StatusNotFound, Request: r}, nil
		})}
		for _, path := range []string{"a%2Fb", "broken"} {
			r, err := http.NewRequestWithContext(ctx, http.MethodPatch, "https://user:secret-example@api.example:8443/"+path+"?q=secret-example#secret-example", strings.NewReader("secret-example"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "secret-example")
			_, _ = way.RoundTrip(r)
		}
	}
	above.End()
	traces.Close()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	for n, want := range [][]string{
		{"method=PATCH", "host=api.example:8443", "path=/a%2Fb", "status=404", "took="}, {"path=/broken", "failed=_OTHER"}, {"path=\"(not shown)\"", "status=404"}, {"path=\"(not shown)\"", "failed=_OTHER"},
	} {
		for _, part := range want {
			if len(lines) != 4 || !strings.Contains(lines[n], part) {
				t.Fatalf("%q isn't in line %d of %q", part, n, lines)
			}
		}
	}
	text := to.got[0].String()
	for _, want := range []string{"PATCH", "https://api.example:8443/a%2Fb", "8443", "404", "https://api.example:8443/%E2%80%A6"} {
		if !strings.Contains(text, want) {
			t.Errorf("the spans lack %s: %s", want, text)
		}
	}
	if strings.Contains(text+said.String(), "secret") {
		t.Error("more than that is shown")
	}
}
