package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// headers are what a model may set: how an answer should look and under which
// condition, never who asks nor where to.
func headers() []string {
	return []string{
		"Accept", "Accept-Language", "If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "Idempotency-Key", "Prefer", "Range",
	}
}

// parseHeaders reads the argument. The version of an API is let in by whatever
// name its header has, such as Notion-Version.
func parseHeaders(object json.RawMessage) (http.Header, error) {
	given, err := fields("headers", object)
	if err != nil {
		return nil, err
	}
	set := http.Header{}
	for name, values := range given {
		canonical, value := http.CanonicalHeaderKey(name), values[0]
		switch {
		case !slices.Contains(headers(), canonical) && !isVersion(canonical):
			return nil, fmt.Errorf("header %q can't be set; allowed: %s, and one that ends in -Version", OneLine(name, 60), strings.Join(headers(), ", "))
		case len(value) > 300, strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
			return nil, fmt.Errorf("header %s must be a line of at most 300 ASCII characters", canonical)
		case looksSecret(value):
			return nil, errors.New("a token or secret has no place in a header; the request is signed in already")
		}
		set.Set(canonical, value)
	}
	return set, nil
}

func isVersion(header string) bool {
	name, found := strings.CutSuffix(header, "-Version")
	return found && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// UserAgent names the program, as RFC 9110 §10.1.5 writes it. A build without a
// version has none to show.
func UserAgent(version string) string {
	if version == "" || strings.Trim(version, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+") != "" {
		return "valetkey"
	}
	return "valetkey/" + version
}
