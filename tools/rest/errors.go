package rest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools"
)

// Unanswered words an error of a request that got no answer, or half of one.
// Errors the transport made, such as a sign-in that is needed, come out as they
// went in, without the address net/http puts in front. variable is where the
// service's address comes from.
func Unanswered(err error, service, variable string) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		if isNetwork(sent.Err) {
			return tools.Explain(err, fmt.Sprintf("%s: no answer from %s: %v; check the network, the proxy and %s", service, hostOf(sent.URL), plain(sent.Err), variable))
		}
		return sent.Err
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isNetwork(err):
		return tools.ExplainAgain(err, fmt.Sprintf("%s: the answer broke off: %v", service, plain(err)), "; try again")
	}
	return err
}

// plain words the one network error whose own text is about Go.
func plain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("it took too long")
	}
	return err
}

// isNetwork looks at the error itself and not at what it wraps: an error of
// the transport may hold a network error of its own and says more about it.
func isNetwork(err error) bool {
	switch err.(type) {
	case net.Error, *tls.CertificateVerificationError, tls.RecordHeaderError:
		return true
	}
	return err == io.EOF || err == io.ErrUnexpectedEOF
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the service"
	}
	return u.Host
}

// reason is what the body of a refusal says, in one of the usual fields: those
// of RFC 9457, RFC 6750 and what services call it besides. A page for people
// says nothing.
func reason(body []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		if text := strings.TrimSpace(string(body)); !strings.HasPrefix(text, "<") {
			return OneLine(text, 300)
		}
		return ""
	}
	for _, name := range []string{"error_description", "message", "detail", "error", "errors", "title"} {
		var text string
		switch value := object[name]; {
		case len(value) == 0 || bytes.Equal(value, []byte("null")):
		case json.Unmarshal(value, &text) == nil:
			return OneLine(text, 300)
		default:
			return OneLine(string(value), 300)
		}
	}
	return OneLine(string(body), 300)
}

// PauseText says how long a service wants to be left alone: in seconds or until
// a date (RFC 9110 §10.2.3), or else until its limit starts anew; "" if it doesn't
// say.
func PauseText(response *http.Response) string {
	value := response.Header.Get("Retry-After")
	if date, err := http.ParseTime(value); err == nil {
		return "try again after " + date.UTC().Format(time.RFC3339)
	}
	return cmp.Or(secondsText(value), resetText(response))
}

// resetText reads what services say of their limits besides, for a request that
// went over one: with 429, or where none is left. The names, before -Remaining and
// -Reset, are those of most, of GitLab, Okta and Sentry; Hugging Face says it in one.
//
// https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
// https://developer.okta.com/docs/reference/rl-best-practices/
// https://docs.sentry.io/api/ratelimits/
// https://huggingface.co/docs/hub/rate-limits
func resetText(response *http.Response) string {
	isOver := response.StatusCode == http.StatusTooManyRequests
	for _, name := range []string{"X-RateLimit", "RateLimit", "X-Rate-Limit", "X-Sentry-Rate-Limit"} {
		if text := secondsText(response.Header.Get(name + "-Reset")); text != "" && (isOver || response.Header.Get(name+"-Remaining") == "0") {
			return text
		}
	}
	_, reset, _ := strings.Cut(response.Header.Get("RateLimit"), ";t=")
	reset, _, _ = strings.Cut(reset, ";")
	if isOver {
		return secondsText(reset)
	}
	return ""
}

// secondsText words a number of seconds from now, or since 1970 where it is too
// large for that, also if it is in milliseconds.
func secondsText(value string) string {
	const longest, milliseconds = 1e9, 1e12
	seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	switch {
	case err != nil || seconds < 0:
		return ""
	case seconds >= milliseconds:
		seconds /= 1000
		fallthrough
	case seconds >= longest:
		return "try again after " + time.Unix(seconds, 0).UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("try again in %d s", seconds)
}
