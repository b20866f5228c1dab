package rest

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/valetkey/valetkey/tools"
)

// Refusal is an answer that says no.
type Refusal struct {
	Status int
	Header http.Header
	Body   []byte
	// Message is what the service says of it, in a line; "" for nothing.
	Message string
	// IsLimit: there were too many requests.
	IsLimit bool
	// Happened and Advice say what happened and what to do about it; where the first
	// is "", both are the usual ones of the status.
	Happened, Advice string
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused: %d %s", r.Status, r.Message) }

// refusal words an answer that says no.
func (a *API) refusal(response *http.Response, what string) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	pause := PauseText(response)
	r := &Refusal{Status: response.StatusCode, Header: response.Header, Body: body, Message: reason(body)}
	r.IsLimit = r.Status == http.StatusTooManyRequests || r.Status == http.StatusForbidden && pause != ""
	a.word(r)
	if r.Happened == "" {
		r.Happened, r.Advice = r.usual(a.at.Title, pause)
	}
	if r.Status == http.StatusUnauthorized {
		// It is of any request.
		what = ""
	}
	text := fmt.Sprintf("%s (%s)", Join(": ", a.at.Name, what, r.Happened), Join(" ", strconv.Itoa(r.Status), r.Message))
	return tools.Explain(r, Join("; ", text, r.Advice))
}

// usual is what happened, and what to do about it, by the status.
func (r *Refusal) usual(service, pause string) (happened, advice string) {
	if r.IsLimit {
		return "too many requests", cmp.Or(pause, "wait a minute or more before the next call")
	}
	if r.Status >= http.StatusInternalServerError {
		return service + " has trouble", cmp.Or(pause, "try again in a minute")
	}
	switch r.Status {
	case http.StatusUnauthorized:
		return "the credential was refused", "run: valetkey status"
	case http.StatusForbidden:
		return "no permission", "the account, or the scopes of its token, don't allow it"
	case http.StatusNotFound:
		return "not found", "check the path; it may also be something the account may not see"
	case http.StatusMethodNotAllowed:
		return "not there by this method", "allowed: " + cmp.Or(OneLine(r.Header.Get("Allow"), 60), "not said")
	case http.StatusPreconditionFailed:
		return "it has changed meanwhile", "read it again first"
	}
	return "not accepted", ""
}
