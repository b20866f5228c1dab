package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools/rest"
)

// sendREST asks the REST API.
func (a *api) sendREST(ctx context.Context, c apiCall) (*rest.Answer, error) {
	var body any
	if c.Body != nil {
		body = c.Body
	}
	isAlert := strings.Contains(strings.ToLower(c.address.String()), "secret-scanning")
	if isAlert {
		// Nobody needs the secret itself to deal with an alert.
		c.address.Query.Set("hide_secret", "true")
	}
	request, err := a.client.NewRequest(c.Method, a.client.BaseURL.String()+c.address.String(), body)
	if err != nil {
		return nil, explain(err, c.String())
	}
	if c.Accept != "" {
		request.Header.Set("Accept", c.Accept)
	}
	response, err := a.client.BareDo(asItIs(ctx), request)
	var accepted *github.AcceptedError
	switch {
	case errors.As(err, &accepted):
		answer := &rest.Answer{Status: "202, GitHub is still at work on it", Body: accepted.Raw}
		answer.IsText = wantsText(c.Accept) || !json.Valid(accepted.Raw)
		hideSecrets(answer.Body, isAlert || !answer.IsText)
		return answer, nil
	case err != nil:
		return nil, explain(err, c.String())
	}
	defer response.Body.Close()
	answer := &rest.Answer{Status: fmt.Sprint(response.StatusCode), Next: nextText(rest.NextQuery(response.Header, c.address.Query))}
	if err := answer.Read(ctx, a.large, response.Response, wantsText(c.Accept)); err != nil {
		return nil, explain(err, c.String())
	}
	hideSecrets(answer.Body, isAlert || !answer.IsText)
	return answer, nil
}

// nextText says how to ask for the next page; mostly by an argument for that.
func nextText(parameters map[string]string) string {
	if page := parameters["page"]; page != "" && len(parameters) == 1 {
		return "next: page=" + page
	}
	return rest.NextText(parameters)
}

// wantsText tells whether a media type is one of a text. GitHub labels those as
// JSON now and then.
func wantsText(accept string) bool {
	return strings.Contains(accept, "raw") || strings.Contains(accept, "diff") || strings.Contains(accept, "patch")
}

// sendDocument asks the GraphQL API. Errors beside data are left to the answer
// and named in its heading.
func (a *api) sendDocument(ctx context.Context, c apiCall) (*rest.Answer, error) {
	body := map[string]any{"query": c.GraphQL}
	if c.Variables != nil {
		body["variables"] = c.Variables
	}
	request, err := a.client.NewRequest(http.MethodPost, a.graphAddress(), body)
	if err != nil {
		return nil, err
	}
	response, err := a.client.BareDo(asItIs(ctx), request)
	if err != nil {
		return nil, explain(err, c.String())
	}
	defer response.Body.Close()
	answer := &rest.Answer{Status: "200"}
	if answer.Body, err = rest.ReadBody(ctx, a.large, response.Body, response.ContentLength); err != nil {
		return nil, explain(err, c.String())
	}
	var outcome struct {
		Data   present
		Errors graphErrors
	}
	if err := json.Unmarshal(answer.Body, &outcome); err != nil {
		return nil, explain(err, c.String())
	}
	fault := graphFault(response.Header, outcome.Errors, c.String())
	if fault != nil && bool(outcome.Data) {
		answer.Note = "with errors: " + oneLine(outcome.Errors[0].Message, 300)
		fault = nil
	}
	return answer, fault
}

// present tells an object that has any member but null, without holding it.
type present bool

// UnmarshalJSON implements [json.Unmarshaler].
func (p *present) UnmarshalJSON(object []byte) error {
	members := json.NewDecoder(bytes.NewReader(object))
	if opened, err := members.Token(); err != nil || opened != nil && opened != json.Delim('{') {
		return errNotGitHub
	}
	for members.More() && !bool(*p) {
		if _, err := members.Token(); err != nil {
			return err
		}
		// What a value begins with tells whether it is null.
		begins, err := members.Token()
		if err != nil {
			return err
		}
		*p = begins != nil
	}
	return nil
}
