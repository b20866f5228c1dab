package tools_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valetkey/valetkey/tools"
)

// completing is an offer whose resource and prompt complete one argument each.
func completing(complete tools.Complete) tools.Offer {
	book := bookAt(asRead)
	book.Completions = map[string]tools.Complete{"owner": complete}
	cook := cookWith(recipe)
	cook.Completions = map[string]tools.Complete{"name": complete}
	return tools.Offer{Resources: []tools.Resource{book}, Prompts: []tools.Prompt{cook}}
}

// completed asks for a completion of both.
func completed(t *testing.T, offer tools.Offer, typed string, others map[string]string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, of := range []struct{ kind, key, value, argument string }{
		{"ref/resource", "uri", "books://{owner}/{number}/in/{+path}{?ref}", "owner"}, {"ref/prompt", "name", "practice_cook", "name"},
	} {
		answers := answersTo(t, offer, "completion/complete", map[string]any{
			"ref": map[string]any{"type": of.kind, of.key: of.value}, "argument": map[string]any{"name": of.argument, "value": typed},
			"context": map[string]any{"arguments": others},
		})
		for era, answer := range answers {
			completion, is := answer["completion"].(map[string]any)
			if !is {
				t.Fatalf("%s, %s: %v", of.kind, era, answer)
			}
			all = append(all, completion)
		}
	}
	return all
}

func numbered(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("v%d", i))
	}
	return all
}

// TestCompletions: a hundred values at most, and what there is besides.
// https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/completion
func TestCompletions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		suggested     tools.Suggestions
		values, total int
		more          bool
	}{
		"none":           {tools.Suggestions{}, 0, 0, false},
		"some":           {tools.Suggestions{Values: numbered(3)}, 3, 3, false},
		"a hundred":      {tools.Suggestions{Values: numbered(100)}, 100, 100, false},
		"too many":       {tools.Suggestions{Values: numbered(250)}, 100, 250, true},
		"not all known":  {tools.Suggestions{Values: numbered(3), More: true}, 3, 0, true},
		"invisible ones": {tools.Suggestions{Values: []string{"fine", "e\u202evil", "a\nb\x00"}}, 1, 1, false},
	} {
		complete := func(_ context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
			if typed != "so" || given["guests"] != "2" {
				t.Errorf("asked for %q with %v", typed, given)
			}
			return c.suggested, nil
		}
		for _, got := range completed(t, completing(complete), "so", map[string]string{"guests": "2"}) {
			total, _ := got["total"].(float64)
			more, _ := got["hasMore"].(bool)
			if values, is := got["values"].([]any); !is || len(values) != c.values || total != float64(c.total) || more != c.more {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

// TestCompletionsThatFail suggest nothing: a person is typing.
func TestCompletionsThatFail(t *testing.T) {
	t.Parallel()
	for name, complete := range map[string]tools.Complete{
		"an error": func(context.Context, string, map[string]string) (tools.Suggestions, error) {
			return tools.Suggestions{Values: []string{"half"}}, errors.New("token-example")
		},
		"a panic": func(context.Context, string, map[string]string) (tools.Suggestions, error) { panic("token-example") },
		"none":    nil,
	} {
		for _, got := range completed(t, completing(complete), "", nil) {
			if values, is := got["values"].([]any); !is || len(values) != 0 || got["hasMore"] == true {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

// TestSlowCompletions end by themselves.
func TestSlowCompletions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waits := func(ctx context.Context, _ string, _ map[string]string) (tools.Suggestions, error) {
			<-ctx.Done()
			return tools.Suggestions{}, ctx.Err()
		}
		begin := time.Now()
		for _, got := range completed(t, completing(waits), "", nil) {
			if values, is := got["values"].([]any); !is || len(values) != 0 {
				t.Errorf("got %v", got)
			}
		}
		if waited := time.Since(begin); waited != 4*3*time.Second {
			t.Errorf("four completions took %s", waited)
		}
	})
}

// TestCompletionsOfNothing: a mistake in the host is told to its maker.
func TestCompletionsOfNothing(t *testing.T) {
	t.Parallel()
	never := func(context.Context, string, map[string]string) (tools.Suggestions, error) {
		t.Error("it was asked")
		return tools.Suggestions{}, nil
	}
	for _, c := range []struct {
		ref      map[string]any
		argument string
		says     string
	}{
		{map[string]any{"type": "ref/prompt", "name": "other"}, "name", `there is no prompt "other"; known: practice_cook`},
		{map[string]any{"type": "ref/resource", "uri": "books://x"}, "owner", `there is no resource "books://x"; known: books://{owner}/{number}/in/{+path}{?ref}`},
		{map[string]any{"type": "ref/prompt", "name": "practice_cook"}, "nam", `practice_cook: there is no argument "nam"; did you mean "name"?; known: name, guests`},
	} {
		answers := answersTo(t, completing(never), "completion/complete", map[string]any{"ref": c.ref, "argument": map[string]any{"name": c.argument, "value": ""}})
		for era, failed := range answers {
			if failed["code"] != float64(-32602) || failed["message"] != c.says {
				t.Errorf("%s: %v", era, failed)
			}
		}
	}
}
