package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// Path is a path below an API's address, escaped anew, and its query.
type Path struct {
	Escaped string // without a slash in front
	Query   url.Values
}

// Manners say how an API writes its paths.
type Manners struct {
	// Example is a path there, for errors.
	Example string
	// Slashes says that a slash at the end counts, and that a name may hold an
	// escaped one.
	Slashes bool
}

// maxPath is how long a path may be, in bytes: RFC 9110 §4.1 asks servers to take no more,
// and each of its segments is looked at many times.
const maxPath = 8_000

// ParsePath reads a path as a model writes it, with or without a slash in front
// and a query behind, and further parameters from an object. It admits nothing
// that a server might take for another path than the one that can be read here.
func ParsePath(path string, parameters json.RawMessage, m Manners) (Path, error) {
	address := Path{Query: url.Values{}}
	if len(path) > maxPath {
		return address, fmt.Errorf("'path' is longer than %d bytes; put parameters into 'query'", maxPath)
	}
	if strings.Contains(path, "://") || strings.HasPrefix(path, "//") {
		return address, fmt.Errorf("'path' must be a path below the API's address, without a host, like %s", m.Example)
	}
	given, err := url.Parse("/" + strings.Trim(path, "/"))
	if err != nil || given.Fragment != "" || given.Host != "" || strings.ContainsAny(path, "\\#") {
		return address, fmt.Errorf("'path' is not a plain path, like %s", m.Example)
	}
	escaped := given.EscapedPath()
	if m.Slashes {
		escaped = strings.TrimSuffix(escaped, "/")
	}
	if address.Escaped, err = m.plain(escaped); err != nil {
		return address, err
	}
	if only, _, _ := strings.Cut(path, "?"); m.Slashes && strings.HasSuffix(only, "/") {
		address.Escaped += "/"
	}
	query, err := url.ParseQuery(given.RawQuery)
	if err != nil {
		return address, errors.New("the query in 'path' can't be read; use 'query' instead")
	}
	address.Query = query
	if err := address.add(parameters); err != nil {
		return address, err
	}
	return address, address.checkSecrets()
}

// CheckName says what keeps an argument from being one part of a path; "" is for
// none.
func CheckName(argument, name string) []string {
	if name == "" || !leadsAway(name) && !hides(name) && !strings.Contains(name, "/") && Clean(name) == name {
		return nil
	}
	return []string{fmt.Sprintf("'%s' must be a plain name, without slashes and the like; got %q", argument, OneLine(name, 60))}
}

// hides tells a name that a server might unescape into another path.
func hides(name string) bool {
	return strings.ContainsAny(name, "\\\n\t") || regexp.MustCompile(`(?i)%(2e|2f|5c|25)`).MatchString(name)
}

// plain escapes each segment anew, and refuses those that would lead elsewhere
// once a server unescapes them.
func (m Manners) plain(escaped string) (string, error) {
	var plain []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(escaped, "/"), "/") {
		name, err := url.PathUnescape(segment)
		switch {
		case err != nil, leadsAway(name), Clean(name) != name:
			return "", errors.New("'path' must be a plain path, without '..' and empty parts")
		case hides(name), strings.Contains(name, "/") && !m.Slashes:
			return "", errors.New("'path' must not hold escaped slashes or the like; for such a name use another tool")
		}
		plain = append(plain, url.PathEscape(name))
	}
	return strings.Join(plain, "/"), nil
}

// leadsAway looks into a name as a server would that takes its escaped slashes
// for those between names, and leaves out spaces and parameters (RFC 3986 §3.3).
func leadsAway(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		bare, _, _ := strings.Cut(part, ";")
		switch strings.TrimSpace(bare) {
		case "", ".", "..":
			return true
		}
	}
	return false
}

// add takes query parameters from an object of texts, numbers and booleans.
func (p Path) add(parameters json.RawMessage) error {
	given, err := fields("query", parameters)
	if err != nil {
		return err
	}
	for name, value := range given {
		if p.Query.Has(name) {
			return fmt.Errorf("query parameter %q is given twice", OneLine(name, 60))
		}
		p.Query[name] = value
	}
	return nil
}

// fields reads an argument that is an object of texts, numbers and booleans.
func fields(argument string, object json.RawMessage) (url.Values, error) {
	if object == nil {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var given map[string]any
	if err := decoder.Decode(&given); err != nil {
		return nil, fmt.Errorf("'%s' must be an object", argument)
	}
	values := url.Values{}
	for name, value := range given {
		switch value.(type) {
		case string, bool, json.Number:
			values.Set(name, fmt.Sprint(value))
		default:
			return nil, fmt.Errorf("%s parameter %q must be a text, a number, true or false", argument, OneLine(name, 60))
		}
	}
	return values, nil
}

// checkSecrets keeps credentials out of addresses, which end up in logs.
func (p Path) checkSecrets() error {
	err := errors.New("a token or secret has no place in an address; the request is signed in already")
	all := []string{p.Escaped}
	for name, values := range p.Query {
		switch strings.ToLower(name) {
		case "access_token", "token", "client_secret", "refresh_token", "password", "private_token", "job_token", "api_key", "apikey":
			return err
		}
		all = append(all, values...)
	}
	if looksSecret(strings.Join(all, " ")) {
		return err
	}
	return nil
}

// looksSecret tells a text that holds a token.
func looksSecret(text string) bool {
	return regexp.MustCompile(`\b` + tools.SecretShape).MatchString(text)
}

// String is the address for a request.
func (p Path) String() string {
	if len(p.Query) == 0 {
		return p.Escaped
	}
	return p.Escaped + "?" + p.Query.Encode()
}
