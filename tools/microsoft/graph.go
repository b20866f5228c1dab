package microsoft

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// question is a request to Graph.
type question struct {
	method, path string
	query        url.Values
	// match is the version that is to be changed; "": whichever there is.
	match string
	// body is sent as JSON; nil: none.
	body any
	// what names it in errors.
	what string
}

// ask sends a request and reads the answer into what into points to, unless that
// is nil.
//
// Times are always asked for in UTC and put into a person's zone here: in a zone
// of theirs the hour after the end of summer time is there twice, and Graph
// gives no offset. Bodies are asked for as text.
// https://learn.microsoft.com/en-us/graph/api/event-get#support-various-time-zones
func (a *api) ask(ctx context.Context, q question, into any) error {
	request, err := a.request(ctx, q)
	if err != nil {
		return err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return rest.Unanswered(err, a.name, a.address)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return a.refusal(response, q.what)
	}
	if into == nil {
		return nil
	}
	body, err := rest.ReadBody(ctx, a.large, response.Body, response.ContentLength)
	if err != nil {
		return rest.Unanswered(err, a.name, a.address)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return tools.Explain(err, fmt.Sprintf("%s: %s: the answer is not what Microsoft Graph gives; check %s and whether a proxy or sign-in page is in between", a.name, q.what, a.address))
	}
	return nil
}

func (a *api) request(ctx context.Context, q question) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		content, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(content)
	}
	request, err := http.NewRequestWithContext(ctx, q.method, a.url+q.path+encoded(q.query), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", rest.UserAgent(a.version))
	request.Header.Set("Prefer", `outlook.timezone="UTC", outlook.body-content-type="text"`)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if q.match != "" {
		request.Header.Set("If-Match", q.match)
	}
	return request, nil
}

// encoded is a query with its question mark; in OData's a space is %20.
// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_URLParsing
func encoded(query url.Values) string {
	if len(query) == 0 {
		return ""
	}
	return "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// isID tells what can be an identifier: those of Exchange are Base64, in either
// alphabet.
func isID(s string) bool {
	return s != "" && len(s) <= 1024 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+/=") == ""
}

// checkID says what keeps an argument from being one; "" is for none.
func checkID(argument, id, from string) []string {
	if id == "" || isID(id) {
		return nil
	}
	return []string{fmt.Sprintf("'%s' must be one that %s gives, such as AAMkAD…=; got %q", argument, from, rest.OneLine(id, 60))}
}
