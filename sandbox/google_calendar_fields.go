package sandbox

import (
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"strings"
)

// checksum stands for the parameters of a list, but for those that may change from page to page.
func checksum(query url.Values) string {
	same := url.Values{}
	for name, values := range query {
		if name != "pageToken" && name != "maxResults" && name != "fields" {
			same[name] = values
		}
	}
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(same.Encode())))
}

// selector is the fields that an answer is cut down to; empty: all of it.
type selector map[string]selector

// partial leaves what the parameter fields names (https://developers.google.com/workspace/calendar/api/guides/performance#partial-response).
func partial(value any, fields string) (any, error) {
	chosen, rest, err := parseSelector(fields)
	if err == nil && rest != "" {
		err = errors.New(fields)
	}
	return chosen.of(value), err
}

// parseSelector reads a list such as a,b(c,d/e) until its end or a closing bracket.
func parseSelector(text string) (chosen selector, rest string, err error) {
	chosen = selector{}
	for {
		end := strings.IndexAny(text, ",()/")
		name := text
		if end >= 0 {
			name = text[:end]
		}
		if name == "" {
			return nil, text, errors.New(text)
		}
		text = text[len(name):]
		below := chosen.at(name)
		for strings.HasPrefix(text, "/") {
			end := strings.IndexAny(text[1:], ",()/")
			if end < 0 {
				end = len(text) - 1
			}
			below, text = below.at(text[1:1+end]), text[1+end:]
		}
		if strings.HasPrefix(text, "(") {
			inner, after, err := parseSelector(text[1:])
			if err != nil || !strings.HasPrefix(after, ")") {
				return nil, after, errors.New(after)
			}
			for name, s := range inner {
				below[name] = s
			}
			text = after[1:]
		}
		if !strings.HasPrefix(text, ",") {
			return chosen, text, nil
		}
		text = text[1:]
	}
}

func (s selector) at(name string) selector {
	if s[name] == nil {
		s[name] = selector{}
	}
	return s[name]
}

func (s selector) of(value any) any {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, element := range value {
			all[i] = s.of(element)
		}
		return all
	case object:
		if len(s) == 0 {
			return value
		}
		kept := object{}
		for name, below := range s {
			if field, has := value[name]; has {
				kept[name] = below.of(field)
			}
		}
		return kept
	}
	return value
}
