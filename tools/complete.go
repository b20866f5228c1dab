package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/credentials"
)

const (
	// completionTime is how long people are kept waiting for suggestions.
	completionTime = 3 * time.Second
	// maxSuggestions is what the protocol allows.
	// https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/completion
	maxSuggestions = 100
)

// Complete suggests what an argument may be, by what has been typed of it and
// the other arguments so far. It is only ever called quietly
// ([credentials.Quietly]), and whatever goes wrong is no suggestion.
type Complete func(ctx context.Context, typed string, given map[string]string) (Suggestions, error)

// Suggestions are values, the likeliest first.
type Suggestions struct {
	Values []string
	// More: there are others, of which nobody knows how many.
	More bool
}

// completable is what has arguments to be completed: a prompt or a resource.
type completable struct {
	arguments   []string
	completions map[string]Complete
}

// completer answers completion/complete.
type completer struct {
	*desk
	prompts, resources map[string]completable
}

func newCompleter(d *desk) *completer {
	c := &completer{desk: d, prompts: map[string]completable{}, resources: map[string]completable{}}
	for _, p := range d.Offer.Prompts {
		c.prompts[p.Name] = completable{namesIn(p.arguments), p.Completions}
	}
	for _, r := range d.Offer.Resources {
		c.resources[r.Template] = completable{namesIn(r.variables), r.Completions}
	}
	return c
}

// CompletePromptArgument implements mcp-go's PromptCompletionProvider.
func (c *completer) CompletePromptArgument(ctx context.Context, name string, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, "prompt", c.prompts, name, argument, others)
}

// CompleteResourceArgument implements mcp-go's ResourceCompletionProvider.
func (c *completer) CompleteResourceArgument(ctx context.Context, template string, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, "resource", c.resources, template, argument, others)
}

func (c *completer) complete(ctx context.Context, kind string, known map[string]completable, name string, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	of, found := known[name]
	switch {
	case !found:
		return nil, unknownName(kind, name, known)
	case !slices.Contains(of.arguments, argument.Name):
		return nil, &ArgumentError{Tool: name, Faults: []string{fmt.Sprintf("there is no argument %q%s; known: %s",
			shorten(argument.Name), meant(argument.Name, of.arguments), strings.Join(of.arguments, ", "))}}
	case of.completions[argument.Name] == nil:
		return &mcp.Completion{}, nil
	}
	ctx, cancel := context.WithTimeout(credentials.Quietly(ctx), completionTime)
	defer cancel()
	return c.suggest(ctx, of.completions[argument.Name], argument, others).completion(), nil
}

// suggest answers nothing where something goes wrong: a person is typing, and
// will be told when they use what they have typed.
func (c *completer) suggest(ctx context.Context, complete Complete, argument mcp.CompleteArgument, others mcp.CompleteContext) (s Suggestions) {
	defer func() {
		if panicked := recover(); panicked != nil {
			c.Log.Error("a completion panicked", "argument", argument.Name, "with a value of type", fmt.Sprintf("%T", panicked))
			s = Suggestions{}
		}
	}()
	s, err := complete(ctx, argument.Value, others.Arguments)
	if err != nil {
		return Suggestions{}
	}
	return s
}

// completion is how a client sees suggestions. How many there are is said where
// it is known.
func (s Suggestions) completion() *mcp.Completion {
	values := slices.DeleteFunc(slices.Clone(s.Values), func(value string) bool { return visible(value) != value })
	c := &mcp.Completion{Values: values[:min(len(values), maxSuggestions)], HasMore: s.More || len(values) > maxSuggestions}
	if !s.More {
		c.Total = len(values)
	}
	return c
}
