package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/trace"
)

// watching shows the requests of a credential in the log and in traces.
func watching(log *slog.Logger) func(http.RoundTripper, bool, func(string) string) http.RoundTripper {
	shapes := tools.MaskShapes()
	return func(way http.RoundTripper, foreign bool, mask func(string) string) http.RoundTripper {
		return &trace.Transport{Next: way, Log: log, Foreign: foreign, Mask: func(text string) string { return shapes(mask(text)) }}
	}
}

// told is a gate whose decisions are in the log.
type told struct {
	log  *slog.Logger
	gate http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t told) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.gate.RoundTrip(r)
	if ctx := r.Context(); t.log.Enabled(ctx, slog.LevelDebug) {
		var unconfirmed *gate.Unconfirmed
		why := ""
		if errors.As(err, &unconfirmed) {
			why = unconfirmed.Why.String()
		}
		t.log.LogAttrs(ctx, slog.LevelDebug, "gate", slog.String("method", r.Method), slog.String("host", r.URL.Host),
			slog.String("decision", string(gate.DecisionOf(nil, err))), slog.String("because", why))
	}
	return answer, err
}

// readTelemetry reads the variables of OpenTelemetry, and takes those that may hold a
// secret out of the environment. What is wrong with them stops nobody's work, so it is
// said and not answered.
func readTelemetry() (c trace.Config, wrong, err error) {
	c, wrong = trace.Read(func(variable string) string { return credentials.Given(os.Getenv(variable)) })
	return c, wrong, credentials.TakeOut(trace.HeaderVariables()...)
}

// tracer begins the spans of this process; nil where nobody has asked for them.
func (s settings) tracer(log *slog.Logger, console io.Writer) *trace.Tracer {
	wrong := s.telemetryFault
	if !s.telemetry.IsOn() && wrong == nil {
		return nil
	}
	way, err := s.network()
	if wrong = cmp.Or(wrong, err); wrong == nil && s.telemetry.Roots != "" {
		if way.Roots, err = oauth.ReadRoots(s.telemetry.Roots); err != nil {
			wrong = fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE can't be used: %w", err)
		}
	}
	if wrong != nil {
		log.Warn("no traces are made", "error", wrong)
		return nil
	}
	return trace.New(s.telemetry, trace.Options{Version: version(), Client: way.CollectorClient(), Log: log, Console: console})
}
