package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// graphError is one of the errors in an answer of the GraphQL API, which comes
// with status 200 all the same.
// https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
type graphError struct {
	Type    string
	Message string
}

// graphErrors is the first of them: no more is told.
type graphErrors []graphError

// UnmarshalJSON implements [json.Unmarshaler].
func (e *graphErrors) UnmarshalJSON(list []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(list))
	if opened, err := decoder.Token(); err != nil || opened != json.Delim('[') || !decoder.More() {
		return err
	}
	*e = graphErrors{{}}
	return decoder.Decode(&(*e)[0])
}

// graph asks the GraphQL API and puts the answer's data into a pointer to a
// struct of the shape of the query. what names the thing asked about in errors.
func (a *api) graph(ctx context.Context, query document, variables map[string]any, data any, what string) error {
	body := map[string]any{"query": query, "variables": variables}
	request, err := a.client.NewRequest(http.MethodPost, a.graphAddress(), body)
	if err != nil {
		return err
	}
	if features := query.features(); features != "" {
		request.Header.Set("GraphQL-Features", features)
	}
	var answer struct {
		Data   json.RawMessage
		Errors graphErrors
	}
	r, err := a.client.Do(asOwn(ctx), request, &answer)
	if err != nil {
		return explain(err, what)
	}
	if err := graphFault(r.Header, answer.Errors, what); err != nil {
		return err
	}
	isMutation := strings.HasPrefix(string(query), "mutation")
	said := map[string]json.RawMessage{}
	err = json.Unmarshal(answer.Data, &said)
	maps.DeleteFunc(said, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	switch {
	case isMutation && len(said) == 0:
		return unconfirmed(what, "what came of it", a.web, false)
	case err != nil || said == nil:
		return errNotGitHub
	}
	return explain(json.Unmarshal(answer.Data, data), what)
}

// features are what GitHub's schema has only for those who name it: fields of
// issues, as its own clients ask for them.
func (d document) features() string {
	if strings.Contains(string(d), "ssueField") {
		return "issue_fields, repo_issue_fields"
	}
	return ""
}

func (a *api) graphAddress() string {
	address := *a.client.BaseURL
	address.Path = graphPath(a.client.BaseURL)
	return address.String()
}

// graphFault words the errors of an answer; nil for none.
func graphFault(header http.Header, faults graphErrors, what string) error {
	if len(faults) == 0 {
		return nil
	}
	message := oneLine(faults[0].Message, 300)
	switch faults[0].Type {
	case "NOT_FOUND":
		return tools.UserError("github: %s: not found (%s); check the spelling with github_search; if it is private, the account needs access to it", what, message)
	case "FORBIDDEN", "INSUFFICIENT_SCOPES":
		return tools.UserError("github: %s: no permission (%s); github_whoami shows the account and its scopes", what, message)
	case "RATE_LIMITED":
		return tools.UserError("github: the rate limit of the GraphQL API is used up%s", endText(header))
	}
	return tools.UserError("%s", fmt.Sprintf("github: %s: refused: %s", what, message))
}
