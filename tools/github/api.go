package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

type apiArguments struct {
	Path      string          `json:"path,omitempty" doc:"below the API's address, e.g. repos/OWNER/NAME/topics"`
	Query     json.RawMessage `json:"query,omitempty" doc:"query parameters"`
	Page      int             `json:"page,omitempty" minimum:"1"`
	Accept    string          `json:"accept,omitempty" doc:"media type, for raw text or a diff, e.g. application/vnd.github.diff"`
	GraphQL   string          `json:"graphql,omitempty" doc:"a query, instead of path"`
	Variables json.RawMessage `json:"variables,omitempty" doc:"of graphql"`
	JQ        string          `json:"jq,omitempty" doc:"filter on the answer, e.g. .[]|{number,title}"`
}

type apiWriteArguments struct {
	Method    string          `json:"method,omitempty" enum:"POST,PATCH,PUT,DELETE"`
	Path      string          `json:"path,omitempty" doc:"below the API's address, e.g. repos/OWNER/NAME/topics"`
	Query     json.RawMessage `json:"query,omitempty" doc:"query parameters"`
	Body      json.RawMessage `json:"body,omitempty"`
	GraphQL   string          `json:"graphql,omitempty" doc:"a mutation, instead of method and path"`
	Variables json.RawMessage `json:"variables,omitempty" doc:"of graphql"`
	JQ        string          `json:"jq,omitempty" doc:"filter on the answer, e.g. {id,html_url}"`
}

func (a *api) apiTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_api",
		Title:       "GitHub's API, reading",
		Description: "Read anything that GitHub's REST or GraphQL API gives and no other tool does: a GET request to a path, or a GraphQL query. Long answers are cut, so pick fields with jq.",
		Access:      tools.Read,
		Strangers:   true,
		ByPath:      true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.readAPI)
}

func (a *api) apiWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_api_write",
		Title:       "GitHub's API, writing",
		Description: "Change or delete anything by GitHub's REST API or a GraphQL mutation, where no other tool does it.",
		Access:      tools.Admin,
		Strangers:   true,
		Outward:     tools.Anywhere,
		ByPath:      true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.writeAPI)
}

// Check ties the arguments to the kind of request that takes them.
func (in apiArguments) Check() []string {
	c := in.call()
	faults := c.faults("query", "github_api_write")
	if c.GraphQL != "" {
		faults = append(faults, restOnly(map[string]bool{"page": in.Page > 0, "accept": in.Accept != ""})...)
	}
	if in.Page > 0 && c.address.Query.Has("page") {
		faults = append(faults, "'page' is given twice")
	}
	if in.Accept != "" && !mediaTypes().MatchString(in.Accept) {
		faults = append(faults, fmt.Sprintf("'accept' must be a media type, like application/vnd.github.diff; got %q", oneLine(in.Accept, 60)))
	}
	return faults
}

// Check ties the arguments to the kind of request that takes them.
func (in apiWriteArguments) Check() []string {
	c := in.call()
	faults := c.faults("mutation", "github_api")
	switch {
	case c.GraphQL != "":
		faults = append(faults, restOnly(map[string]bool{"method": in.Method != "", "body": in.Body != nil})...)
	case in.Method == "":
		faults = append(faults, "'path' needs 'method'; to read use github_api")
	}
	return faults
}

func mediaTypes() *regexp.Regexp {
	return regexp.MustCompile(`^(application|text)/[A-Za-z0-9.+-]{1,100}$`)
}

// restOnly is about arguments that make no sense beside a GraphQL document.
func restOnly(given map[string]bool) []string {
	var faults []string
	for _, name := range slices.Sorted(slices.Values([]string{"accept", "body", "method", "page"})) {
		if given[name] {
			faults = append(faults, fmt.Sprintf("'%s' can't be used with 'graphql'", name))
		}
	}
	return faults
}

// apiCall is what both tools send and how they show the answer.
type apiCall struct {
	Method, Path, Accept string
	Body                 json.RawMessage
	GraphQL              string
	Variables            json.RawMessage
	JQ                   string

	query      json.RawMessage
	address    rest.Path
	addressErr error
}

func (in apiArguments) call() apiCall {
	c := apiCall{Method: http.MethodGet, Path: in.Path, Accept: in.Accept, GraphQL: in.GraphQL, Variables: in.Variables, JQ: in.JQ, query: in.Query}
	c.address, c.addressErr = parsePath(in.Path, in.Query)
	return c
}

func (in apiWriteArguments) call() apiCall {
	c := apiCall{Method: in.Method, Path: in.Path, Body: in.Body, GraphQL: in.GraphQL, Variables: in.Variables, JQ: in.JQ, query: in.Query}
	c.address, c.addressErr = parsePath(in.Path, in.Query)
	return c
}

// faults are those that both tools share. A document must be of the wanted
// kind; elsewhere is the tool for the other.
func (c apiCall) faults(wanted, elsewhere string) []string {
	var faults []string
	switch {
	case c.GraphQL == "" && c.Path == "":
		faults = append(faults, "give either 'path' or 'graphql'")
	case c.GraphQL != "" && (c.Path != "" || c.query != nil):
		faults = append(faults, "'graphql' takes the place of 'path' and 'query'")
	case c.GraphQL == "" && c.Variables != nil:
		faults = append(faults, "'variables' needs 'graphql'")
	}
	if c.Path != "" && c.addressErr != nil {
		faults = append(faults, c.addressErr.Error())
	}
	if c.GraphQL != "" {
		if fault := documentFault(c.GraphQL, wanted, elsewhere); fault != "" {
			faults = append(faults, fault)
		}
	}
	return append(faults, rest.CheckFilter(c.JQ)...)
}

func (a *api) readAPI(ctx context.Context, in apiArguments) (string, error) {
	c := in.call()
	if in.Page > 0 {
		c.address.Query.Set("page", fmt.Sprint(in.Page))
	}
	return a.callAPI(ctx, c)
}

func (a *api) writeAPI(ctx context.Context, in apiWriteArguments) (string, error) {
	return a.callAPI(ctx, in.call())
}

// parsePath is [rest.ParsePath] for GitHub, where what is sent to /graphql has
// an argument of its own.
func parsePath(path string, query json.RawMessage) (rest.Path, error) {
	address, err := rest.ParsePath(path, query, rest.Manners{Example: "repos/octocat/Hello-World"})
	if err == nil && strings.HasPrefix(strings.ToLower(address.Escaped), "graphql") {
		err = errors.New("'path' can't be graphql; put the document into the argument 'graphql'")
	}
	return address, err
}

// String names the request in headings and errors.
func (c apiCall) String() string {
	if c.GraphQL != "" {
		return "this GraphQL document"
	}
	return c.Method + " " + oneLine(strings.Trim(c.Path, "/"), 200)
}

// callAPI sends the request and shows the answer.
func (a *api) callAPI(ctx context.Context, c apiCall) (string, error) {
	if c.JQ != "" {
		// Whoever waits for a turn holds no answer meanwhile.
		if err := a.filters.TakeTurn(ctx); err != nil {
			return "", err
		}
	}
	send := a.sendREST
	if c.GraphQL != "" {
		send = a.sendDocument
	}
	answer, err := send(ctx, c)
	if err != nil {
		return "", err
	}
	return a.filters.Show(ctx, c.String(), c.JQ, answer)
}
