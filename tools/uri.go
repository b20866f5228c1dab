package tools

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// template is a URI template, taken apart.
type template struct {
	raw    string
	scheme string   // with ://
	parts  []string // of the path; {name} and {+name} are variables
	query  string   // the variable that is one; "": none
}

func parseTemplate(raw string) template {
	t := template{raw: raw}
	address, query, _ := strings.Cut(raw, "{?")
	t.query = strings.TrimSuffix(query, "}")
	scheme, path, _ := strings.Cut(address, "://")
	t.scheme, t.parts = scheme+"://", strings.Split(path, "/")
	return t
}

// variable is the name of a part that is one; isRest: it is all that follows.
func variable(part string) (name string, isRest bool) {
	name, braced := strings.CutPrefix(part, "{")
	if !braced {
		return "", false
	}
	return strings.CutPrefix(strings.TrimSuffix(name, "}"), "+")
}

// names are the variables in their order.
func (t template) names() []string {
	var names []string
	for _, part := range t.parts {
		if name, _ := variable(part); name != "" {
			names = append(names, name)
		}
	}
	if t.query != "" {
		names = append(names, t.query)
	}
	return names
}

// match answers what stands for the variables in an address. It decodes every
// part by itself and takes none that would lead elsewhere, such as .. or one
// with an encoded slash.
func (t template) match(uri string) (map[string]string, error) {
	fault := func(what string) error {
		return UserError("%q: %s; the address is like %s", shorten(uri), what, t.raw)
	}
	address, query, _ := strings.Cut(uri, "?")
	path, isOurs := strings.CutPrefix(address, t.scheme)
	switch {
	case strings.Contains(uri, "#"):
		return nil, fault("a # is written %23")
	case !isOurs:
		return nil, fault("it is not a " + t.scheme + " address")
	}
	values, err := t.matchPath(strings.Split(path, "/"))
	if err == nil {
		err = t.matchQuery(query, values)
	}
	if err != nil {
		return nil, fault(err.Error())
	}
	return values, nil
}

// withSlash is an address with the slash that the template has before all the
// rest, which people leave out where there is none.
func (t template) withSlash(uri string) string {
	address, query, hasQuery := strings.Cut(uri, "?")
	path, _ := strings.CutPrefix(address, t.scheme)
	_, err := t.match(uri)
	if err != nil || strings.Count(path, "/") != len(t.parts)-2 {
		return uri
	}
	if hasQuery {
		return address + "/?" + query
	}
	return address + "/"
}

func (t template) matchPath(parts []string) (map[string]string, error) {
	values := map[string]string{}
	for i, part := range t.parts {
		name, isRest := variable(part)
		switch {
		case isRest && i == len(parts):
			values[name] = ""
			return values, nil
		case i >= len(parts) || name == "" && part != parts[i]:
			return nil, fmt.Errorf("%q is missing", part)
		case isRest:
			rest, err := decodeParts(trimLast(parts[i:]))
			values[name] = rest
			return values, err
		case name != "":
			value, err := decodeParts(parts[i : i+1])
			if err != nil {
				return nil, err
			}
			values[name] = value
		}
	}
	if len(parts) > len(t.parts) {
		return nil, fmt.Errorf("%q is too much", shorten(strings.Join(parts[len(t.parts):], "/")))
	}
	return values, nil
}

// trimLast leaves out what is behind a slash at the end.
func trimLast(parts []string) []string {
	if parts[len(parts)-1] == "" {
		return parts[:len(parts)-1]
	}
	return parts
}

// decodeParts decodes parts of a path and puts them together.
func decodeParts(parts []string) (string, error) {
	decoded := slices.Clone(parts)
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		switch {
		case err != nil || !utf8.ValidString(plain):
			return "", fmt.Errorf("%q is not percent-encoded UTF-8", shorten(part))
		case plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, `/\`) || strings.ContainsFunc(plain, unicode.IsControl):
			return "", fmt.Errorf("%q can't be part of a path", shorten(part))
		}
		decoded[i] = plain
	}
	return strings.Join(decoded, "/"), nil
}

func (t template) matchQuery(query string, values map[string]string) error {
	given, err := url.ParseQuery(query)
	if err != nil || !utf8.ValidString(query) {
		return fmt.Errorf("the query %q is none", shorten(query))
	}
	for name, value := range given {
		if name != t.query || len(value) != 1 {
			return fmt.Errorf("the query can't hold %q", shorten(name))
		}
		values[name] = value[0]
	}
	return nil
}
