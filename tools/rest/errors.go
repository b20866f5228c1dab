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
		return tools.Explain(err, fmt.Sprintf("%s: the answer broke off: %v; try again", service, plain(err)))
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

// refusal words an answer that says no, by its status; nil if it doesn't.
func (a *api) refusal(response *http.Response, what string) error {
	status := response.StatusCode
	if status < http.StatusBadRequest {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	said := Join(" ", strconv.Itoa(status), reason(body))
	after := PauseText(response.Header)
	var text string
	switch {
	case status == http.StatusUnauthorized:
		text = fmt.Sprintf("the credential was refused (%s); run: valetkey status", said)
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && after != "":
		text = fmt.Sprintf("%s: too many requests (%s); %s", what, said, cmp.Or(after, "wait a minute or more before the next call"))
	case status == http.StatusForbidden:
		text = fmt.Sprintf("%s: no permission (%s); the account, or the scopes of its token, don't allow it", what, said)
	case status == http.StatusNotFound:
		text = fmt.Sprintf("%s: not found (%s); check the path; it may also be something the account may not see", what, said)
	case status == http.StatusMethodNotAllowed:
		text = fmt.Sprintf("%s: not there by this method (%s); allowed: %s", what, said, cmp.Or(OneLine(response.Header.Get("Allow"), 60), "not said"))
	case status == http.StatusPreconditionFailed:
		text = fmt.Sprintf("%s: it has changed meanwhile (%s); read it again first", what, said)
	case status < http.StatusInternalServerError:
		text = fmt.Sprintf("%s: not accepted (%s)", what, said)
	default:
		text = fmt.Sprintf("%s: %s has trouble (%s); %s", what, a.at.Title, said, cmp.Or(after, "try again in a minute"))
	}
	return tools.UserError("%s: %s", a.at.Name, text)
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
// a date (RFC 9110 §10.2.3); "" if it doesn't say.
func PauseText(header http.Header) string {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return fmt.Sprintf("try again in %d seconds", seconds)
	}
	if date, err := http.ParseTime(value); err == nil {
		return "try again after " + date.UTC().Format(time.RFC3339)
	}
	return ""
}
