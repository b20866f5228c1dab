package trace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// collector delivers spans by OTLP over HTTP, in the encoding that all collectors
// take. A batch that can't be delivered is lost: who waits for it isn't the one who
// works.
//
// The exporter of OpenTelemetry itself would bring in gRPC, 10 MB and 2 ms at the start
// of every process.
type collector struct {
	config  Config
	options Options
	header  http.Header
	// sending ends what is under way.
	sending context.Context
	told    atomic.Bool
}

func newCollector(sending context.Context, c Config, o Options) *collector {
	header, err := parseHeader(c.Header.Reveal())
	if err != nil {
		o.Log.Warn("spans go without the fields of OTEL_EXPORTER_OTLP_HEADERS", "because", err)
		header = http.Header{}
	}
	header.Set("Content-Type", "application/x-protobuf")
	header.Set("User-Agent", "valetkey/"+o.Version)
	return &collector{config: c, options: o, header: header, sending: sending}
}

// ExportSpans implements [sdk.SpanExporter]. It answers no error, which the SDK would
// print: the log is told once.
func (c *collector) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithTimeout(c.sending, c.config.Timeout)
	defer cancel()
	if why := c.post(ctx, encode(spans)); why != "" {
		level := slog.LevelWarn
		if c.told.Swap(true) {
			level = slog.LevelDebug
		}
		c.options.Log.Log(ctx, level, "traces can't be delivered, which changes nothing for calls; check OTEL_EXPORTER_OTLP_ENDPOINT", "because", why)
	}
	return nil
}

// post answers why the collector hasn't got it; "": it has. An error of net/http may
// hold the address, and with it a password.
func (c *collector) post(ctx context.Context, body []byte) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.Endpoint, bytes.NewReader(body))
	if err != nil {
		return "the address can't be used"
	}
	request.Header = c.header.Clone()
	answer, err := c.options.Client.Do(request)
	if err != nil {
		return kindOf(err)
	}
	defer answer.Body.Close()
	// What it says is of no use.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Sprintf("it answered %d", answer.StatusCode)
	}
	return ""
}

// Shutdown implements [sdk.SpanExporter].
func (c *collector) Shutdown(context.Context) error {
	c.options.Client.CloseIdleConnections()
	return nil
}

// console writes a line for each span.
type console struct{ io.Writer }

// ExportSpans implements [sdk.SpanExporter].
func (c console) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	for _, s := range spans {
		var line bytes.Buffer
		fmt.Fprintf(&line, "span trace=%s id=%s parent=%s took=%s %q", s.SpanContext().TraceID(), s.SpanContext().SpanID(), s.Parent().SpanID(), s.EndTime().Sub(s.StartTime()), s.Name())
		for _, a := range s.Attributes() {
			fmt.Fprintf(&line, " %s=%q", a.Key, a.Value.String())
		}
		line.WriteByte('\n')
		// Of an error there is nobody to be told.
		_, _ = c.Write(line.Bytes())
	}
	return nil
}

// Shutdown implements [sdk.SpanExporter].
func (console) Shutdown(context.Context) error { return nil }
