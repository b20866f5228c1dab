package trace

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	otel "go.opentelemetry.io/otel/trace"
)

// Transport shows the requests that go through it: the method, the address without a
// query, and how it was answered. Nothing of headers and bodies is shown.
type Transport struct {
	Next http.RoundTripper
	// Log gets a line for each at the level debug.
	Log *slog.Logger
	// Foreign: they go to hosts that a service leads to, where the path may be all the
	// permission there is, so it isn't shown.
	Foreign bool
	// Mask takes out of a path what must not be seen, once the request was made; nil:
	// nothing.
	Mask func(string) string
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := start(r.Context(), r.Method, otel.SpanKindClient)
	logs := t.Log.Enabled(ctx, slog.LevelDebug)
	if span == nil && !logs {
		return t.Next.RoundTrip(r)
	}
	defer span.End()
	began := time.Now()
	answer, err := t.Next.RoundTrip(r)
	shown := url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: "/…"}
	if !t.Foreign {
		shown.Path, shown.RawPath = t.masked(r.URL)
	}
	describe(span, r, shown, answer, err)
	if logs {
		t.log(ctx, r.Method, shown, answer, err, time.Since(began))
	}
	return answer, err
}

// masked is the path of an address without what must not be seen.
func (t *Transport) masked(address *url.URL) (path, raw string) {
	if t.Mask != nil {
		if path = t.Mask(address.Path); path != address.Path {
			return path, strings.ReplaceAll((&url.URL{Path: path}).EscapedPath(), "%2A", "*")
		}
	}
	return address.Path, address.RawPath
}

// CloseIdleConnections is for [http.Client.CloseIdleConnections].
func (t *Transport) CloseIdleConnections() {
	(&http.Client{Transport: t.Next}).CloseIdleConnections()
}

// describe names things as the conventions do.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
func describe(span *Span, r *http.Request, shown url.URL, answer *http.Response, err error) {
	if span == nil {
		return
	}
	span.Set("http.request.method", r.Method)
	span.Set("url.full", shown.String())
	span.Set("server.address", shown.Hostname())
	if port, err := strconv.Atoi(shown.Port()); err == nil {
		span.Set("server.port", port)
	}
	switch {
	case err != nil:
		span.Fail(kindOf(err))
	default:
		span.Set("http.response.status_code", answer.StatusCode)
		if answer.StatusCode >= http.StatusBadRequest {
			span.Fail(strconv.Itoa(answer.StatusCode))
		}
	}
}

func (t *Transport) log(ctx context.Context, method string, shown url.URL, answer *http.Response, err error, took time.Duration) {
	attributes := []slog.Attr{
		slog.String("method", method), slog.String("host", shown.Host), slog.String("path", shown.EscapedPath()),
		slog.Duration("took", took.Round(time.Microsecond)),
	}
	if t.Foreign {
		attributes[2] = slog.String("path", "(not shown)")
	}
	if err != nil {
		attributes = append(attributes, slog.String("failed", kindOf(err)))
	} else {
		attributes = append(attributes, slog.Int("status", answer.StatusCode))
	}
	t.Log.LogAttrs(ctx, slog.LevelDebug, "request", attributes...)
}

// kindOf words the kind of an error, whose own words may quote what was sent.
func kindOf(err error) string {
	var unresolved *net.DNSError
	var failed *net.OpError
	var slow net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	case errors.As(err, &unresolved):
		return "name_not_resolved"
	case errors.As(err, &failed):
		return "connection_" + failed.Op
	}
	return "_OTHER"
}
