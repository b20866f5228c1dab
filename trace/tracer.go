package trace

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"
)

// flushing is how long the end of the process waits for the last spans.
const flushing = 1500 * time.Millisecond

const scope = "github.com/valetkey/valetkey"

// Tracer begins spans. A nil one begins none. It is safe for concurrent use; Close it
// once nothing begins any more.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   otel.Tracer
	// giveUp ends what is being sent.
	giveUp context.CancelFunc
}

// Options say what a [Tracer] needs besides its [Config].
type Options struct {
	// Version is this program's.
	Version string
	// Client posts the spans.
	Client *http.Client
	// Log is told that they can't be delivered, and Console gets them if they go
	// there.
	Log     *slog.Logger
	Console io.Writer
}

// New makes a tracer, whose goroutine ends with Close; nil where spans go nowhere. The
// sampler, the limits and the batches have the variables of their own that the
// OpenTelemetry SDK reads.
func New(c Config, o Options) *Tracer {
	if !c.IsOn() {
		return nil
	}
	sending, giveUp := context.WithCancel(context.Background())
	described, err := resource.New(sending,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "valetkey"), attribute.String("service.version", o.Version)),
		resource.WithFromEnv(),
	)
	if err != nil {
		o.Log.Warn("OTEL_RESOURCE_ATTRIBUTES is not a list like name=value,name=value; what can be read of it is used")
	}
	options := []sdk.TracerProviderOption{sdk.WithResource(described)}
	if c.Endpoint != "" {
		options = append(options, sdk.WithBatcher(newCollector(sending, c, o)))
	}
	if c.Console {
		options = append(options, sdk.WithBatcher(console{o.Console}))
	}
	provider := sdk.NewTracerProvider(options...)
	return &Tracer{provider, provider.Tracer(scope), giveUp}
}

// Close waits until the spans that have ended are delivered, for a second and a half at
// most.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	defer t.giveUp()
	late := time.AfterFunc(flushing, t.giveUp)
	defer late.Stop()
	// What can't be delivered has been said.
	_ = t.provider.Shutdown(context.Background())
}

// Begin begins the span of a request. What asked for it may be a span somewhere else,
// by its traceparent and tracestate; "" for none (https://www.w3.org/TR/trace-context/).
func (t *Tracer) Begin(ctx context.Context, name, traceparent, tracestate string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent, "tracestate": tracestate})
	ctx, span := t.tracer.Start(ctx, name, otel.WithSpanKind(otel.SpanKindServer))
	return ctx, &Span{span}
}

// Span is something that takes time. A nil one is nothing. End it.
type Span struct{ span otel.Span }

// Start begins a span below that of the context; nil if there is none.
func Start(ctx context.Context, name string) (context.Context, *Span) {
	return start(ctx, name, otel.SpanKindInternal)
}

func start(ctx context.Context, name string, kind otel.SpanKind) (context.Context, *Span) {
	parent := otel.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name, otel.WithSpanKind(kind))
	return ctx, &Span{span}
}

// Within is a context that lasts as long as the first one and belongs to the span of
// the second.
func Within(lasting, ctx context.Context) context.Context {
	if span := otel.SpanFromContext(ctx); span.IsRecording() {
		return otel.ContextWithSpan(lasting, span)
	}
	return lasting
}

// Set adds an attribute: a string or an int.
func (s *Span) Set(key string, value any) {
	if s == nil {
		return
	}
	switch v := value.(type) {
	case string:
		s.span.SetAttributes(attribute.String(key, v))
	case int:
		s.span.SetAttributes(attribute.Int(key, v))
	}
}

// Fail says by what kind of error it failed, in a word.
func (s *Span) Fail(kind string) {
	if s != nil {
		s.Set("error.type", kind)
		s.span.SetStatus(codes.Error, "")
	}
}

// End ends it.
func (s *Span) End() {
	if s != nil {
		s.span.End()
	}
}
