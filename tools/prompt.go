package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
)

// Prompt is a task that people pick: a text that tells a model which tools to
// call, and how. It is a value: make it with DefinePrompt and don't change it
// afterwards; then it is safe for concurrent use.
type Prompt struct {
	Name        string // as a tool's
	Title       string // for people
	Description string
	// Tools are those the text sends a model to. The prompt is offered where
	// all of them are. Of several with one name the first of those is.
	Tools []string
	// Completions help to fill in the arguments, by name.
	Completions map[string]Complete

	// Text writes the text. Arguments that don't fit give an *ArgumentError.
	// DefinePrompt fills it in.
	Text func(given map[string]string) (string, error)
	// arguments are what the text is made with. DefinePrompt fills them in.
	arguments []argument
}

// DefinePrompt completes a declaration. In is a struct as for [Define]; a value
// that is blank counts as absent. A mistake in the declaration panics.
func DefinePrompt[In any](p Prompt, text func(in In) (string, error)) Prompt {
	arguments, err := argumentsOf(reflect.TypeFor[In]())
	if err == nil {
		err = p.check(arguments)
	}
	if err != nil {
		panic("tools: prompt " + p.Name + ": " + err.Error())
	}
	p.arguments = arguments
	p.Text = func(given map[string]string) (string, error) {
		var in In
		if faults := decode(asJSON(given), arguments, &in); len(faults) > 0 {
			return "", &ArgumentError{Tool: p.Name, Faults: few(faults)}
		}
		return text(in)
	}
	return p
}

func (p Prompt) check(arguments []argument) error {
	if err := checkNames(p.Name, p.Title, p.Description); err != nil {
		return err
	}
	if len(p.Tools) == 0 {
		return errors.New("no tools")
	}
	return checkCompletions(p.Completions, namesIn(arguments))
}

func checkCompletions(completions map[string]Complete, names []string) error {
	for name := range completions {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no %s to complete", name)
		}
	}
	return nil
}

func namesIn(arguments []argument) []string {
	names := make([]string, len(arguments))
	for i, a := range arguments {
		names[i] = a.name
	}
	return names
}

// asJSON is arguments that came as texts. People leave fields of a form blank.
func asJSON(texts map[string]string) json.RawMessage {
	given := map[string]string{}
	for name, text := range texts {
		if strings.TrimSpace(text) != "" {
			given[name] = text
		}
	}
	raw, err := json.Marshal(given)
	if err != nil {
		return nil
	}
	return raw
}

// textOf writes a prompt's text as the server does: a panic becomes an error
// that doesn't hold its value.
func textOf(log *slog.Logger, p Prompt, given map[string]string) (text string, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			log.Error("a prompt panicked", "prompt", p.Name, "with a value of type", fmt.Sprintf("%T", panicked))
			text, err = "", errPanic
		}
	}()
	text, err = p.Text(given)
	return visible(text), fit(err)
}
