package tools

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/audit"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// SecretShape is a pattern of tokens, by how providers begin theirs so that scanners
// find them: GitHub, GitLab, Hugging Face, Sentry, Slack, and Google, whose
// documentation has examples but doesn't say so. Its refresh tokens begin like a
// division, so they are told by their length, also where an address escapes them. What
// begins as JSON does in base64 and has a dot is a token of RFC 7519, as most of
// Microsoft's are; the others look like any word.
// https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code
// https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens
const SecretShape = `(?:(?:gh[a-z]_|github_pat_|gl[a-z]{2,5}-|hf_|sntry[a-z]_|xox[a-z]-|GOCSPX-)[A-Za-z0-9_-]{16,}` +
	`|ya29\.[A-Za-z0-9._-]{16,}|1(?://|%2[Ff]%2[Ff])[A-Za-z0-9_-]{32,}|eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9._-]{16,})`

// MaskShapes is a function that takes out of a text what looks like a token where a
// word begins, also as part of an address or of JSON.
func MaskShapes() func(string) string {
	return maskShapes(`\b|%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4}`)
}

// maskShapes is that for a pattern of what may stand before a token.
func maskShapes(before string) func(string) string {
	shapes := regexp.MustCompile(`(` + before + `)` + SecretShape)
	return func(text string) string { return shapes.ReplaceAllString(text, "$1***") }
}

const (
	// maxField is how long what others have chosen may be in a record, in characters,
	// maxArgument an argument, and maxNamed how many arguments there are.
	maxField    = 200
	maxArgument = 500
	maxNamed    = 50
)

// clean is a text in which nothing must be seen that shouldn't be.
func (a *Audit) clean(text string, most int) string {
	seen, shapes := visible(text), a.shapes
	if seen != text {
		// A word may have begun at what is no longer there.
		shapes = a.glued
	}
	return oneLine(shapes(a.Mask(seen)), most)
}

func (a *Audit) short(text string) string { return a.clean(text, maxField) }

// arguments are those of a call by name: SHA-256 of each as JSON whose names are
// sorted and that has no blanks, or themselves.
func (a *Audit) arguments(raw json.RawMessage, plain bool) map[string]string {
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &given) != nil {
		return map[string]string{"": a.argument(raw, plain)}
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if len(values) == maxNamed {
			break
		}
		values[a.short(name)] = a.argument(given[name], plain)
	}
	return values
}

func (a *Audit) argument(raw json.RawMessage, plain bool) string {
	canonical := canonicalOf(raw)
	if !plain {
		sum := sha256.Sum256(canonical)
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	if text, isText := stringIn(raw); isText {
		return a.clean(text, maxArgument)
	}
	return a.clean(string(canonical), maxArgument)
}

// canonicalOf is JSON as it is, however it was written; what is none stays.
func canonicalOf(raw json.RawMessage) []byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return raw
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return raw
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// judge fills in what was decided about the call, and what came of it.
func (e *entry) judge(isError bool) {
	r := &e.record
	r.Outcome = outcomeOf(e.err, isError, e.ran || r.Decision != "")
	if e.ran {
		r.Service, r.Account = e.Whose(e.of)
	}
	if e.ran && e.Misconfigured(e.of) {
		r.Decision = cmp.Or(r.Decision, audit.Misconfigured)
	}
	if e.call == nil {
		r.Decision = cmp.Or(r.Decision, audit.Allowed)
		return
	}
	r.Class = string(e.call.Access)
	r.Decision = cmp.Or(r.Decision, decisionOf(e.call, e.err))
	seen := targetOf(e.call, e.err)
	r.Target, r.ServiceRequest = e.clean(seen.Method+" "+seen.Target, 2*maxField), e.short(seen.ID)
	switch {
	case seen == (gate.Seen{}):
		r.Target = ""
	case seen.Unsent:
		r.Target += " (not sent)"
	}
}

// deniedBy is what leaves a tool or an action out, or Denied where there is no such thing.
func deniedBy(err error) string {
	var denied *policy.Denied
	switch {
	case !errors.As(err, &denied):
		return audit.Denied
	case denied.Layer.Role == "":
		return audit.ByGrant
	}
	return audit.ByRole
}

func decisionOf(call *gate.Call, err error) string {
	var denied *policy.Denied
	switch {
	case errors.As(err, &denied):
		return deniedBy(err)
	case errors.Is(err, ErrRepositories):
		return audit.ByRepos
	}
	return string(gate.DecisionOf(call, err))
}

// outcomeOf is what came of a call; one that wasn't tried waits for a sign-in.
func outcomeOf(err error, isError, tried bool) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case required(err) != nil, !tried && !isError:
		return "sign_in"
	case unconfirmed(err) != nil && !isError:
		return "asked"
	case err != nil, isError:
		return "error"
	}
	return "ok"
}

// targetOf is what a call changed or would have, or else what it read first.
func targetOf(call *gate.Call, err error) gate.Seen {
	seen := call.Requests()
	for _, request := range seen {
		if request.Changes && !request.Unsent {
			return request
		}
	}
	if missing := unconfirmed(err); missing != nil {
		return seenOf(missing.Request)
	}
	if held := call.Held(); len(held) > 0 {
		return seenOf(held[0])
	}
	if len(seen) > 0 {
		return seen[max(0, slices.IndexFunc(seen, func(s gate.Seen) bool { return s.Changes }))]
	}
	return gate.Seen{}
}

// seenOf is a request that was kept back, without its query.
func seenOf(r gate.Request) gate.Seen {
	address, err := url.Parse(r.URL)
	if err != nil {
		return gate.Seen{Method: r.Method, Unsent: true}
	}
	return gate.Seen{Method: r.Method, Target: address.Host + address.EscapedPath(), Unsent: true}
}

func lengthOf(content []mcp.Content) int {
	n := 0
	for _, each := range content {
		if text, is := each.(mcp.TextContent); is {
			n += len(text.Text)
		}
	}
	return n
}

func lengthOfAll(contents []mcp.ResourceContents) int {
	n := 0
	for _, each := range contents {
		switch c := each.(type) {
		case mcp.TextResourceContents:
			n += len(c.Text)
		case mcp.BlobResourceContents:
			n += len(c.Blob)
		}
	}
	return n
}
