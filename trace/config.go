package trace

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Config says where spans go. Its zero value is nowhere.
type Config struct {
	// Endpoint is the address they are posted to, "" for none.
	Endpoint string
	// Header are the fields that go with them, as [HeaderVariables] give them; none goes
	// where it can't be read.
	Header oauth.Secret
	// Timeout is how long that may take.
	Timeout time.Duration
	// Roots is a file of certificate authorities, "" for the system's.
	Roots string
	// Console: they are written to the log.
	Console bool
}

// HeaderVariables may hold a secret, so that no child process should see them.
func HeaderVariables() []string {
	return []string{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"}
}

const (
	// usualEndpoint is that of a collector on this machine.
	usualEndpoint = "http://localhost:4318"
	usualTimeout  = 10 * time.Second
)

// IsOn reports whether spans go anywhere.
func (c Config) IsOn() bool { return c.Endpoint != "" || c.Console }

// Read reads the standard variables through get, which answers "" for one that isn't
// set. Without an endpoint and without the name of an exporter nothing is exported. The
// error names the variable and is no reason not to work: it comes with a Config that
// exports nothing.
//
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func Read(get func(variable string) string) (Config, error) {
	either := func(suffix string) (value, variable string) {
		for _, prefix := range []string{"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"} {
			if value := get(prefix + suffix); value != "" {
				return value, prefix + suffix
			}
		}
		return "", ""
	}
	exporters := strings.FieldsFunc(strings.ToLower(get("OTEL_TRACES_EXPORTER")), func(r rune) bool { return r == ',' || r == ' ' })
	endpoint, variable := either("ENDPOINT")
	if len(exporters) == 0 && endpoint != "" {
		exporters = []string{"otlp"}
	}
	if strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") || len(exporters) == 0 || slices.Contains(exporters, "none") {
		return Config{}, nil
	}
	var c Config
	for _, exporter := range exporters {
		switch exporter {
		case "console":
			c.Console = true
		case "otlp":
			c.Endpoint = endpoint
		default:
			return Config{}, fmt.Errorf("OTEL_TRACES_EXPORTER=%.60q is none of otlp, console and none", exporter)
		}
	}
	if !slices.Contains(exporters, "otlp") {
		return c, nil
	}
	return c.withCollector(either, variable)
}

// withCollector fills in how the collector is reached.
func (c Config) withCollector(either func(suffix string) (value, variable string), endpointVariable string) (Config, error) {
	if protocol, variable := either("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return Config{}, fmt.Errorf("%s=%.60q isn't spoken here; set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf, and the endpoint to that of HTTP", variable, protocol)
	}
	if c.Endpoint == "" {
		c.Endpoint = usualEndpoint
	}
	address, err := url.Parse(c.Endpoint)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return Config{}, fmt.Errorf("%s is not an address; write it like %s", endpointVariable, usualEndpoint)
	}
	if endpointVariable != "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" {
		c.Endpoint = address.JoinPath("v1", "traces").String()
	}
	header, variable := either("HEADERS")
	if _, err := parseHeader(header); err != nil {
		return Config{}, fmt.Errorf("%s: %w", variable, err)
	}
	c.Header = oauth.NewSecret(header)
	c.Roots, _ = either("CERTIFICATE")
	c.Timeout = usualTimeout
	if text, variable := either("TIMEOUT"); text != "" {
		milliseconds, err := strconv.Atoi(text)
		if err != nil || milliseconds < 1 {
			return Config{}, fmt.Errorf("%s=%.60q is not a number of milliseconds", variable, text)
		}
		c.Timeout = time.Duration(milliseconds) * time.Millisecond
	}
	return c, nil
}

// parseHeader reads name=value,name=value with values as in an address. The error
// doesn't hold them.
func parseHeader(text string) (http.Header, error) {
	header := http.Header{}
	for field := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(field) == "" {
			continue
		}
		name, value, found := strings.Cut(field, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		name = strings.TrimSpace(name)
		if !found || err != nil || name == "" || strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n\x00") {
			return nil, errors.New("it is not a list like name=value,name=value")
		}
		header.Add(name, value)
	}
	return header, nil
}
