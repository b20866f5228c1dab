package github

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools/rest"
)

// isQuery tells the requests to the GraphQL API that change nothing: one whose body
// can't be read in two ways.
func isQuery(r *http.Request) bool {
	isGraph := r.URL.Path == "/graphql" || r.URL.Path == "/api/graphql"
	if r.Method != http.MethodPost || !isGraph || r.URL.RawQuery != "" || r.GetBody == nil || r.Header.Get("Content-Encoding") != "" {
		return false
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return false
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	defer body.Close()
	document, isOne := documentIn(body)
	if !isOne {
		return false
	}
	kind, err := operationOf(document)
	return err == nil && kind == "query"
}

// documentIn is the document of a request to the GraphQL API, if that is an object
// with nothing else in it than such requests have, each once: parsers don't agree on
// which of two counts, nor on capitals.
func documentIn(body io.Reader) (document string, isOne bool) {
	decoder := json.NewDecoder(body)
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return "", false
	}
	fields := map[string]json.RawMessage{"query": nil, "variables": nil, "operationName": nil}
	for decoder.More() {
		name, err := decoder.Token()
		known, _ := name.(string)
		if value, isKnown := fields[known]; err != nil || !isKnown || value != nil {
			return "", false
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return "", false
		}
		fields[known] = value
	}
	if _, err := decoder.Token(); err != nil || json.Unmarshal(fields["query"], &document) != nil {
		return "", false
	}
	_, err := decoder.Token()
	return document, err == io.EOF
}

// placeOf is the repository that a request is about by the beginning of its path; "" if
// there is none: further on, it could be the name of a file.
func placeOf(r *http.Request) string {
	below, isRepository := strings.CutPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3"), "/repos/")
	parts := strings.Split(below, "/")
	if !isRepository || len(parts) < 2 || len((repository{parts[0] + "/" + parts[1]}).Check()) > 0 {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// isPublic tells whether anybody may read a repository, and so write an issue there.
// What is internal is an enterprise's own.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
func isPublic(ctx context.Context, api *http.Client, apiURL, place string) (bool, error) {
	var about struct {
		Private    *bool
		Visibility string
	}
	if err := rest.Fetch(ctx, api, apiURL+"repos/"+place, &about); err != nil {
		return false, err
	}
	if about.Private == nil {
		return false, fmt.Errorf("GitHub doesn't say whether %s is private", place)
	}
	return !*about.Private && about.Visibility != "internal", nil
}
