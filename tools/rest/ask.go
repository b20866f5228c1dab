package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// API is a service's API that speaks JSON. It is safe for concurrent use.
type API struct {
	client  *http.Client
	at      credentials.Service
	version string
	large   Turns
	word    func(*Refusal)
}

// NewAPI answers the API of a service. word is told of every refusal, and may
// read it and word it better than its status alone allows; nil: nothing does.
func NewAPI(s tools.Setup, word func(*Refusal)) *API {
	if word == nil {
		word = func(*Refusal) {}
	}
	return &API{client: Client(s), at: s.At, version: s.Version, large: LargeAnswers(), word: word}
}

// Request is one of an [API].
type Request struct {
	Method string
	// Path is below the API's address, escaped.
	Path   string
	Query  url.Values
	Header http.Header
	// Body is sent as JSON; nil: none.
	Body any
	// What names the thing asked for in errors.
	What string
}

// errForeign is the error of an answer that isn't the API's.
var errForeign = errors.New("not the API's answer")

// Ask sends a request, in a call of a tool that [Define] made, and reads the
// answer into what a pointer points to; nil: it isn't wanted. An answer that says
// no is an error that wraps a [*Refusal].
func (a *API) Ask(ctx context.Context, r Request, into any) error {
	request, err := r.of(ctx, a.at.APIURL)
	if err != nil {
		return err
	}
	response, err := a.do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode >= http.StatusMultipleChoices:
		return a.refusal(response, r.What)
	case into == nil:
		return nil
	}
	body, err := ReadBody(ctx, a.large, response.Body, response.ContentLength)
	if err != nil {
		return a.unanswered(err)
	}
	if json.Unmarshal(body, into) != nil {
		return tools.Explain(errForeign, fmt.Sprintf("%s: %s: the answer is not what the API of %s gives; check %s and whether a proxy or sign-in page is in between",
			a.at.Name, r.What, a.at.Title, a.at.HostVariable))
	}
	return nil
}

func (r Request) of(ctx context.Context, apiURL string) (*http.Request, error) {
	var body io.Reader
	header := http.Header{"Accept": {"application/json"}}
	if r.Body != nil {
		content, err := json.Marshal(r.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(content)
		header.Set("Content-Type", "application/json")
	}
	for name, values := range r.Header {
		header[name] = values
	}
	address := apiURL + r.Path
	if len(r.Query) > 0 {
		// A space as + is one in forms alone, not in OData.
		// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_URLParsing
		address += "?" + strings.ReplaceAll(r.Query.Encode(), "+", "%20")
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err == nil {
		request.Header = header
	}
	return request, err
}

// do sends a request and words what keeps an answer from coming.
func (a *API) do(request *http.Request) (*http.Response, error) {
	request.Header.Set("User-Agent", UserAgent(a.version))
	response, err := a.client.Do(request)
	if err != nil {
		return nil, a.unanswered(err)
	}
	return response, nil
}

func (a *API) unanswered(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tools.UserError("%s: the answer is larger than %s; ask for less", a.at.Name, Size(int(large.Limit)))
	}
	return Unanswered(err, a.at.Name, a.at.HostVariable)
}

// Define is [tools.Define] for a tool that asks an [API]: an answer is as long as
// it may be and, if it is large, waits for its turn.
func Define[In any](t tools.Tool, call func(context.Context, In) (string, error)) tools.Tool {
	t.OpenWorld = true
	return tools.Define(t, func(ctx context.Context, in In) (string, error) {
		ctx, end := WithTurns(ctx)
		defer end()
		return call(ctx, in)
	})
}

// Room is how many bytes of an answer people's words may take.
func Room(s tools.Setup) int {
	if s.MaxAnswer > 0 {
		return s.MaxAnswer * 3 / 4
	}
	return MaxText
}
