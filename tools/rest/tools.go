package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// Toolset is the one that both tools are in.
const Toolset = "api"

// Longest is how long a service's name may be, so that its tools' names fit.
const Longest = 30

type readArguments struct {
	Path    string          `json:"path" doc:"below the API's address"`
	Query   json.RawMessage `json:"query,omitempty"`
	Headers json.RawMessage `json:"headers,omitempty" doc:"e.g. Accept, If-None-Match"`
	JQ      string          `json:"jq,omitempty" doc:"filter on the answer, e.g. .[]|{id,name}"`
}

type writeArguments struct {
	Method  string          `json:"method" enum:"POST,PATCH,PUT,DELETE"`
	Path    string          `json:"path" doc:"below the API's address"`
	Query   json.RawMessage `json:"query,omitempty"`
	Body    tools.JSON      `json:"body,omitempty" doc:"sent as JSON: an object, a list, any value"`
	Form    json.RawMessage `json:"form,omitempty" doc:"sent as a form, instead of body"`
	Headers json.RawMessage `json:"headers,omitempty" doc:"e.g. If-Match, Idempotency-Key"`
	JQ      string          `json:"jq,omitempty" doc:"filter on the answer"`
}

// api is what both tools work with. It is safe for concurrent use.
type api struct {
	*API
	filters Filters
}

// Offer makes the two tools of a service without tools of its own. read and write
// are the scopes they need.
func Offer(s tools.Setup, read, write []string) tools.Offer {
	a := &api{API: NewAPI(s, nil), filters: NewFilters(s.At.Name, "ask for less at a time", Room(s))}
	return tools.Offer{Tools: []tools.Tool{a.reader(read), a.writer(write)}}
}

// Client makes requests that are authorised. Those that only read follow
// redirects; others don't, since what is sent on might be another request than
// the one that was meant.
func Client(s tools.Setup) *http.Client {
	client := &http.Client{}
	if s.API != nil {
		*client = *s.API
	}
	check := client.CheckRedirect
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if via[0].Method != http.MethodGet {
			return http.ErrUseLastResponse
		}
		if check == nil {
			return nil
		}
		return check(r, via)
	}
	return client
}

func (a *api) reader(scopes []string) tools.Tool {
	return Define(tools.Tool{
		Name:        a.at.Name + "_api",
		Title:       a.at.Title + "'s API, reading",
		Description: fmt.Sprintf("Read from %s's API: a GET request. Long answers are cut, so pick fields with jq; the answer says how to ask for the next page.", a.at.Title),
		Access:      tools.Read,
		Strangers:   true,
		ByPath:      true,
		Toolset:     Toolset,
		Scopes:      scopes,
	}, func(ctx context.Context, in readArguments) (string, error) { return a.call(ctx, in.request()) })
}

func (a *api) writer(scopes []string) tools.Tool {
	return Define(tools.Tool{
		Name:        a.at.Name + "_api_write",
		Title:       a.at.Title + "'s API, writing",
		Description: fmt.Sprintf("Change or delete something by %s's API. It may not be possible to take it back.", a.at.Title),
		Access:      tools.Admin,
		Strangers:   true,
		Outward:     tools.Anywhere,
		ByPath:      true,
		Toolset:     Toolset,
		Scopes:      scopes,
	}, func(ctx context.Context, in writeArguments) (string, error) { return a.call(ctx, in.request()) })
}

// request is what a call wants sent, and what is wrong with it.
type request struct {
	method, path, source string
	address              Path
	header               http.Header
	body                 string
	faults               []string
}

func (in readArguments) request() request {
	return newRequest(http.MethodGet, in.Path, in.Query, in.Headers, in.JQ)
}

func (in writeArguments) request() request {
	r := newRequest(in.Method, in.Path, in.Query, in.Headers, in.JQ)
	form, err := fields("form", in.Form)
	r.fault(err)
	switch {
	case in.Body != nil && in.Form != nil:
		r.faults = append(r.faults, "'form' takes the place of 'body'")
	case in.Body != nil:
		r.body = string(in.Body)
		r.header.Set("Content-Type", "application/json")
	case in.Form != nil:
		r.body = form.Encode()
		r.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func newRequest(method, path string, query, headers json.RawMessage, source string) request {
	r := request{method: method, path: path, source: source, faults: CheckFilter(source)}
	var err error
	r.address, err = ParsePath(path, query, Manners{Example: "users/1", Slashes: true})
	r.fault(err)
	r.header, err = parseHeaders(headers)
	r.fault(err)
	if r.header == nil {
		r.header = http.Header{}
	}
	if r.header.Get("Accept") == "" {
		r.header.Set("Accept", "application/json, */*;q=0.5")
	}
	return r
}

func (r *request) fault(err error) {
	if err != nil {
		r.faults = append(r.faults, err.Error())
	}
}

// Check is for [tools.Define].
func (in readArguments) Check() []string { return in.request().faults }

// Check is for [tools.Define].
func (in writeArguments) Check() []string { return in.request().faults }

// String names the request in headings and errors.
func (r request) String() string {
	return r.method + " " + OneLine(strings.TrimPrefix(r.path, "/"), 200)
}

// call sends the request and shows the answer.
func (a *api) call(ctx context.Context, r request) (string, error) {
	if r.source != "" {
		if err := a.filters.TakeTurn(ctx); err != nil {
			return "", err
		}
	}
	answer, err := a.send(ctx, r)
	if err != nil {
		return "", err
	}
	return a.filters.Show(ctx, r.String(), r.source, answer)
}

func (a *api) send(ctx context.Context, r request) (*Answer, error) {
	var body io.Reader
	if r.header.Get("Content-Type") != "" {
		body = strings.NewReader(r.body)
	}
	request, err := http.NewRequestWithContext(ctx, r.method, a.at.APIURL+r.address.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header = r.header
	response, err := a.do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return nil, a.refusal(response, r.String())
	}
	answer := &Answer{Status: fmt.Sprint(response.StatusCode)}
	if err := answer.Read(ctx, a.large, response, false); err != nil {
		return nil, a.unanswered(err)
	}
	next := NextQuery(response.Header, r.address.Query)
	if len(next) == 0 {
		next = nextToken(answer, r.address.Query)
	}
	answer.Next = NextText(next)
	if to := response.Header.Get("Location"); response.StatusCode/100 == 3 && to != "" {
		answer.Note = "not followed: " + OneLine(to, 200)
	}
	return answer, nil
}
