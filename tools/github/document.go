package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// operationOf answers what kind of operation a GraphQL document holds: query,
// mutation or subscription. The document must hold one operation, and any
// number of fragments. It is read as far as that takes: strings, comments and
// brackets. https://spec.graphql.org/October2021/#sec-Document
func operationOf(document string) (string, error) {
	tokens, err := tokensOf(document)
	if err != nil {
		return "", err
	}
	var operations []string
	for len(tokens) > 0 {
		kind := tokens[0]
		switch kind {
		case "{":
			kind = "query"
		case "query", "mutation", "subscription", "fragment":
		default:
			return "", fmt.Errorf("a query or mutation was expected, not %q", oneLine(kind, 40))
		}
		if tokens, err = afterDefinition(tokens); err != nil {
			return "", err
		}
		if kind != "fragment" {
			operations = append(operations, kind)
		}
	}
	switch {
	case len(operations) == 0:
		return "", errors.New("it holds no operation")
	case len(operations) > 1:
		return "", fmt.Errorf("it holds %d operations (%s); send one a call", len(operations), strings.Join(operations, ", "))
	}
	return operations[0], nil
}

// afterDefinition skips a definition to the end of its selection set. Braces
// within arguments belong to values.
func afterDefinition(tokens []string) ([]string, error) {
	var open []string
	closing := map[string]string{")": "(", "]": "[", "}": "{"}
	for i, token := range tokens {
		switch token {
		case "(", "[", "{":
			open = append(open, token)
		case ")", "]", "}":
			if len(open) == 0 || open[len(open)-1] != closing[token] {
				return nil, fmt.Errorf("a %q closes nothing", token)
			}
			open = open[:len(open)-1]
			if len(open) == 0 && token == "}" {
				return tokens[i+1:], nil
			}
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("a %q is not closed", open[len(open)-1])
	}
	return nil, errors.New("a selection in { } is missing")
}

// nameCharacters are what GraphQL's names and numbers are made of.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// tokensOf splits a document into names and punctuation, and leaves out what
// means nothing outside of them: comments, strings, spaces and commas.
func tokensOf(document string) ([]string, error) {
	rest := strings.ReplaceAll(document, "\r\n", "\n")
	// Parsers don't agree on where a comment ends beside a line feed.
	if strings.ContainsFunc(rest, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return nil, errors.New("it holds control characters")
	}
	var tokens []string
	for rest != "" {
		var err error
		switch {
		case strings.HasPrefix(rest, "#"):
			_, rest, _ = strings.Cut(rest, "\n")
		case strings.HasPrefix(rest, `"`):
			if rest, err = afterString(rest); err != nil {
				return nil, err
			}
		case strings.HasPrefix(rest, " "), strings.HasPrefix(rest, "\t"), strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, ","):
			rest = rest[1:]
		default:
			name := rest[:len(rest)-len(strings.TrimLeft(rest, nameCharacters))]
			token := rest[:max(len(name), 1)]
			tokens, rest = append(tokens, token), rest[len(token):]
		}
	}
	return tokens, nil
}

var errOpenString = errors.New("a string is not closed")

// afterString skips a string. Parsers don't agree on where a block string ends,
// so that one may hide an operation from us and not from GitHub.
func afterString(rest string) (string, error) {
	if strings.HasPrefix(rest, `"""`) {
		return "", errors.New("it holds a block string; put the text into 'variables'")
	}
	for i := 1; i < len(rest) && rest[i] != '\n'; i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return rest[i+1:], nil
		}
	}
	return "", errOpenString
}

// documentFault says what is wrong with a document for a tool that takes only
// one kind of operation; "" for nothing.
func documentFault(document, wanted, elsewhere string) string {
	kind, err := operationOf(document)
	switch {
	case err != nil:
		return "'graphql': " + err.Error()
	case strings.Contains(document, "tempCloneToken"):
		return "'graphql': tempCloneToken is a credential, which no answer shows"
	case kind == wanted:
		return ""
	case slices.Contains([]string{"query", "mutation"}, kind):
		return fmt.Sprintf("'graphql' must be a %s here; use %s for a %s", wanted, elsewhere, kind)
	}
	return fmt.Sprintf("'graphql' must be a %s; a %s can't be sent", wanted, kind)
}
