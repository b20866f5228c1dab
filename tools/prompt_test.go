package tools_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

type dish struct {
	Name   string `json:"name" doc:"of the dish"`
	Guests int    `json:"guests,omitempty" minimum:"1" default:"2"`
}

func (d dish) Check() []string {
	if d.Name == "nothing" {
		return []string{"'name' must be something"}
	}
	return nil
}

func cookWith(text func(dish) (string, error)) tools.Prompt {
	return tools.DefinePrompt(tools.Prompt{
		Name: "practice_cook", Title: "Cook", Description: "Cooks a dish.", Tools: []string{"practice_tool"},
	}, text)
}

func recipe(d dish) (string, error) { return fmt.Sprintf("cook %s for %d", d.Name, d.Guests), nil }

// TestPromptAnswers: one message of the person's, made of what they gave. A
// field left blank counts as not given.
func TestPromptAnswers(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"name":"soup"}`:              "cook soup for 2",
		`{"name":"soup","guests":"4"}`: "cook soup for 4",
		`{"name":"soup","guests":" "}`: "cook soup for 2",
		`{"name":"so\u202eup"}`:        "cook soup for 2",
	} {
		var arguments map[string]any
		if err := json.Unmarshal([]byte(given), &arguments); err != nil {
			t.Fatal(err)
		}
		for era, result := range answersTo(t, tools.Offer{Prompts: []tools.Prompt{cookWith(recipe)}}, "prompts/get", map[string]any{"name": "practice_cook", "arguments": arguments}) {
			messages, _ := result["messages"].([]any)
			if len(messages) != 1 {
				t.Fatalf("%s, %s: %v", given, era, result)
			}
			message := messages[0].(map[string]any)
			if content := message["content"].(map[string]any); message["role"] != "user" || content["type"] != "text" || content["text"] != want {
				t.Errorf("%s, %s: %v", given, era, message)
			}
		}
	}
}

// TestPromptFails with words a person can act on and the codes of
// https://modelcontextprotocol.io/specification/2025-11-25/server/prompts#error-handling
func TestPromptFails(t *testing.T) {
	t.Parallel()
	panics := cookWith(func(dish) (string, error) { panic("token-example") })
	for name, c := range map[string]struct {
		prompt    tools.Prompt
		called    string
		arguments map[string]string
		code      float64
		says      string
	}{
		"missing":   {cookWith(recipe), "practice_cook", nil, -32602, "practice_cook: missing 'name' (of the dish)"},
		"blank":     {cookWith(recipe), "practice_cook", map[string]string{"name": "  "}, -32602, "practice_cook: missing 'name' (of the dish)"},
		"no number": {cookWith(recipe), "practice_cook", map[string]string{"name": "soup", "guests": "many"}, -32602, `practice_cook: 'guests' must be a whole number, got "many"`},
		"too few":   {cookWith(recipe), "practice_cook", map[string]string{"name": "soup", "guests": "0"}, -32602, "practice_cook: 'guests' must be 1 or more, got 0"},
		"too many":  {cookWith(recipe), "practice_cook", map[string]string{"name": "soup", "guests": "99999999999999999999"}, -32602, "practice_cook: 'guests' is out of range: 99999999999999999999"},
		"unknown":   {cookWith(recipe), "practice_cook", map[string]string{"name": "soup", "guest": "1"}, -32602, `practice_cook: unknown argument "guest"; did you mean "guests"?; allowed: name, guests`},
		"checked":   {cookWith(recipe), "practice_cook", map[string]string{"name": "nothing"}, -32602, "practice_cook: 'name' must be something"},
		"no such":   {cookWith(recipe), "practice_cok", nil, -32602, `there is no prompt "practice_cok"; did you mean "practice_cook"?; known: practice_cook`},
		"a panic":   {panics, "practice_cook", map[string]string{"name": "soup"}, -32603, "the tool stopped unexpectedly, which is a fault in valetkey; the same call may work again, and a report is welcome"},
	} {
		for era, failed := range answersTo(t, tools.Offer{Prompts: []tools.Prompt{c.prompt}}, "prompts/get", map[string]any{"name": c.called, "arguments": c.arguments}) {
			if failed["code"] != c.code || failed["message"] != c.says {
				t.Errorf("%s, %s: %v", name, era, failed)
			}
		}
	}
}

// TestListsOfAnOffer: what is offered is listed, by name and for a day; what
// isn't is no capability. Nothing announces changes, as there are none.
func TestListsOfAnOffer(t *testing.T) {
	t.Parallel()
	prompts := tools.Offer{Prompts: []tools.Prompt{cookWith(recipe)}}
	books := tools.Offer{Resources: []tools.Resource{bookAt(asRead)}}
	for name, c := range map[string]struct {
		offer        tools.Offer
		capabilities string
		lists        map[string]string
	}{
		"nothing": {tools.Offer{}, `{"tools":{}}`, map[string]string{"prompts/list": "", "resources/list": "", "resources/templates/list": "", "completion/complete": ""}},
		"prompts": {prompts, `{"completions":{},"prompts":{},"tools":{}}`, map[string]string{
			"prompts/list":   `{"prompts":[{"arguments":[{"description":"of the dish","name":"name","required":true},{"name":"guests"}],"description":"Cooks a dish.","name":"practice_cook","title":"Cook"}]}`,
			"resources/list": "", "resources/templates/list": ""}},
		"resources": {books, `{"completions":{},"resources":{},"tools":{}}`, map[string]string{
			"prompts/list": "", "resources/list": `{"resources":[]}`,
			"resources/templates/list": `{"resourceTemplates":[{"description":"A book.","name":"practice_book","title":"Book","uriTemplate":"books://{owner}/{number}/in/{+path}{?ref}"}]}`}},
	} {
		lists := map[string]string{}
		for method := range c.lists {
			lists[method] = listedBy(t, c.offer, method)
		}
		hello := answersTo(t, c.offer, "initialize", map[string]any{"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "x", "version": "1"}})["2025-11-25"]
		if raw, err := json.Marshal(hello["capabilities"]); err != nil || string(raw) != c.capabilities {
			t.Errorf("%s: capabilities %s", name, raw)
		}
		for method, want := range c.lists {
			if lists[method] != want {
				t.Errorf("%s: %s answers %s, want %s", name, method, lists[method], want)
			}
		}
	}
}

// listedBy is what both eras answer, but for what only the newer one has; "" for
// a method there isn't.
func listedBy(t *testing.T, offer tools.Offer, method string) string {
	t.Helper()
	answers := answersTo(t, offer, method, map[string]any{})
	modern := answers["2026-07-28"]
	if modern["code"] == float64(-32601) && answers["2025-11-25"]["code"] == float64(-32601) {
		return ""
	}
	if modern["ttlMs"] != float64(24*60*60*1000) || modern["cacheScope"] != "public" {
		t.Errorf("%s: %v", method, modern)
	}
	for _, name := range []string{"ttlMs", "cacheScope", "resultType", "_meta"} {
		delete(modern, name)
	}
	raw, err := json.Marshal(modern)
	if err != nil {
		t.Fatal(err)
	}
	if legacy, _ := json.Marshal(answers["2025-11-25"]); string(legacy) != string(raw) {
		t.Errorf("%s: %s and %s", method, legacy, raw)
	}
	return string(raw)
}

// TestWhatStandsBesideTools is offered with them and not without.
func TestWhatStandsBesideTools(t *testing.T) {
	t.Parallel()
	prompt := func(name, description string, needs ...string) tools.Prompt {
		return tools.DefinePrompt(tools.Prompt{Name: name, Title: "x", Description: description, Tools: needs}, recipe)
	}
	resource := func(name, tool string) tools.Resource {
		r := bookAt(asRead)
		r.Name, r.Tool = name, tool
		return r
	}
	offer := tools.Offer{
		Tools:     grouped(),
		Resources: []tools.Resource{resource("file", "git_read"), resource("gist", "git_gist")},
		Prompts: []tools.Prompt{
			prompt("why", "of all", "git_read", "git_runs"), prompt("why", "of some", "git_read"), prompt("share", "x", "git_gist"),
		},
	}
	for patterns, want := range map[string]string{
		"":                   "file; why of all",
		"-git_runs":          "file; why of some",
		"-git_read":          "; ",
		"git_gist git_write": "gist; share x",
		"git_*":              "file gist; why of all share x",
	} {
		selected, err := tools.Selection{Patterns: strings.Fields(patterns)}.Of(offer, []string{"repos", "actions"})
		var resources, prompts []string
		for _, r := range selected.Resources {
			resources = append(resources, r.Name)
		}
		for _, p := range selected.Prompts {
			prompts = append(prompts, p.Name+" "+p.Description)
		}
		if got := strings.Join(resources, " ") + "; " + strings.Join(prompts, " "); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", patterns, got, err, want)
		}
	}
}

// TestMistakesInPrompts stop the program before it is anybody's.
func TestMistakesInPrompts(t *testing.T) {
	t.Parallel()
	good := tools.Prompt{Name: "practice_cook", Title: "Cook", Description: "Cooks.", Tools: []string{"practice_tool"}}
	for name, change := range map[string]func(*tools.Prompt){
		"":                 func(*tools.Prompt) {},
		"at most 40":       func(p *tools.Prompt) { p.Name = strings.Repeat("a", 41) },
		"no title":         func(p *tools.Prompt) { p.Title = "" },
		"no description":   func(p *tools.Prompt) { p.Description = "" },
		"no tools":         func(p *tools.Prompt) { p.Tools = nil },
		"there is no cook": func(p *tools.Prompt) { p.Completions = map[string]tools.Complete{"cook": nil} },
	} {
		p := good
		change(&p)
		panicked := func() (panicked any) {
			defer func() { panicked = recover() }()
			tools.DefinePrompt(p, recipe)
			return nil
		}()
		if said, _ := panicked.(string); (panicked != nil) != (name != "") || !strings.Contains(said, name) {
			t.Errorf("%s: %v", name, panicked)
		}
	}
}
