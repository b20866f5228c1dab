package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// restPath is a path below the API's address, escaped anew, and its query.
type restPath struct {
	path  string // without a slash in front
	query url.Values
}

// parseRESTPath reads a path as a model writes it, with or without a slash
// in front and a query behind. It admits nothing that a server might take for
// another path than the one that can be read here.
func parseRESTPath(path string, parameters json.RawMessage) (restPath, error) {
	address := restPath{query: url.Values{}}
	if strings.Contains(path, "://") || strings.HasPrefix(path, "//") {
		return address, errors.New("'path' must be a path below the API's address, without a host, like repos/octocat/Hello-World")
	}
	given, err := url.Parse("/" + strings.Trim(path, "/"))
	if err != nil || given.Fragment != "" || given.Host != "" || strings.ContainsAny(path, "\\#") {
		return address, errors.New("'path' is not a plain path, like repos/octocat/Hello-World")
	}
	if address.path, err = plainRESTPath(given.EscapedPath()); err != nil {
		return address, err
	}
	query, err := url.ParseQuery(given.RawQuery)
	if err != nil {
		return address, errors.New("the query in 'path' can't be read; use 'query' instead")
	}
	address.query = query
	if err := address.add(parameters); err != nil {
		return address, err
	}
	return address, address.checkSecrets()
}

// plainRESTPath escapes each segment anew, and refuses those that would lead
// elsewhere once a server unescapes them.
func plainRESTPath(escaped string) (string, error) {
	hidden := regexp.MustCompile(`(?i)%(2e|2f|5c|25)`)
	var plain []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(escaped, "/"), "/") {
		name, err := url.PathUnescape(segment)
		switch {
		case err != nil, name == "", name == ".", name == "..", clean(name) != name:
			return "", errors.New("'path' must be a plain path, without '..' and empty parts")
		case strings.ContainsAny(name, "/\\\n\t"), hidden.MatchString(name):
			return "", errors.New("'path' must not hold escaped slashes or the like; for such a name use another tool")
		}
		plain = append(plain, url.PathEscape(name))
	}
	if strings.HasPrefix(strings.ToLower(plain[0]), "graphql") {
		return "", errors.New("'path' can't be graphql; put the document into the argument 'graphql'")
	}
	return strings.Join(plain, "/"), nil
}

// add takes query parameters from an object of texts, numbers and booleans.
func (a restPath) add(parameters json.RawMessage) error {
	if parameters == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(parameters))
	decoder.UseNumber()
	var given map[string]any
	if err := decoder.Decode(&given); err != nil {
		return errors.New("'query' must be an object")
	}
	for name, value := range given {
		if a.query.Has(name) {
			return fmt.Errorf("query parameter %q is given twice", oneLine(name, 60))
		}
		switch value.(type) {
		case string, bool, json.Number:
			a.query.Set(name, fmt.Sprint(value))
		default:
			return fmt.Errorf("query parameter %q must be a text, a number, true or false", oneLine(name, 60))
		}
	}
	return nil
}

// checkSecrets keeps credentials out of addresses, which end up in logs.
func (a restPath) checkSecrets() error {
	err := errors.New("a token or secret has no place in an address; the request is signed in already")
	token := regexp.MustCompile(`\b(gh[a-z]_|github_pat_)[A-Za-z0-9_]{16}`)
	if token.MatchString(a.path) {
		return err
	}
	for name, values := range a.query {
		switch strings.ToLower(name) {
		case "access_token", "token", "client_secret", "refresh_token", "password":
			return err
		}
		if token.MatchString(strings.Join(values, " ")) {
			return err
		}
	}
	return nil
}

// String is the address for a request.
func (a restPath) String() string {
	if len(a.query) == 0 {
		return a.path
	}
	return a.path + "?" + a.query.Encode()
}
