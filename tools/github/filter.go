package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"github.com/valetkey/valetkey/tools"
)

const (
	maxFilter    = 4000 // bytes
	filterTime   = 2 * time.Second
	filterMemory = 512 << 20
	filterCheck  = 5 * time.Millisecond
)

// jqFilter is a jq program that takes what matters out of an answer. It can't
// see the environment, files or other input.
type jqFilter struct {
	code   *gojq.Code
	memory uint64 // bytes it may use
	time   time.Duration
}

// newJQFilter compiles a jq program; its error says what is wrong and where.
func newJQFilter(source string) (*jqFilter, error) {
	if len(source) > maxFilter {
		return nil, fmt.Errorf("it is longer than %s bytes", thousands(maxFilter))
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, syntaxFault(source, err)
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		return nil, errors.New(oneLine(err.Error(), 300))
	}
	return &jqFilter{code, filterMemory, filterTime}, nil
}

func syntaxFault(source string, err error) error {
	var syntax *gojq.ParseError
	if !errors.As(err, &syntax) {
		return errors.New(oneLine(err.Error(), 300))
	}
	read := source[:min(max(syntax.Offset, 0), len(source))]
	if syntax.Token == "" {
		return fmt.Errorf("%s after %q", oneLine(err.Error(), 100), lastWords(read))
	}
	return fmt.Errorf("%s at the end of %q", oneLine(err.Error(), 100), lastWords(read))
}

// lastWords is the end of a text, to show a place in it.
func lastWords(s string) string {
	runes := []rune(strings.TrimSpace(s))
	if len(runes) > 40 {
		return "…" + string(runes[len(runes)-39:])
	}
	return string(runes)
}

var errFilterMemory = errors.New("too much memory")

// run gives the results, each on lines of its own: texts as they are, anything
// else as JSON. It stops at the budget in bytes, and says whether it had to.
func (f *jqFilter) run(ctx context.Context, input any, budget int) (text string, isCut bool, err error) {
	running, stop := context.WithCancelCause(ctx)
	timed, cancel := context.WithTimeout(running, f.time)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchMemory(timed, f.memory, stop)
	}()
	defer func() {
		cancel()
		<-watched
		stop(nil)
	}()
	var out []byte
	for results := f.code.RunWithContext(timed, input); len(out) <= budget+1; {
		result, more := results.Next()
		if !more {
			return strings.TrimSuffix(string(out), "\n"), false, nil
		}
		if err, failed := result.(error); failed {
			if isEnd(err) {
				return strings.TrimSuffix(string(out), "\n"), false, nil
			}
			return "", false, f.fault(ctx, running, timed, err)
		}
		out = append(appendResult(out, result, budget), '\n')
	}
	return strings.ToValidUTF8(string(out[:budget]), ""), true, nil
}

// isEnd tells whether a filter ended itself by halt.
func isEnd(err error) bool {
	var halt *gojq.HaltError
	return errors.As(err, &halt) && halt.Value() == nil
}

func (f *jqFilter) fault(caller, running, timed context.Context, err error) error {
	switch {
	case caller.Err() != nil:
		return caller.Err()
	case errors.Is(context.Cause(running), errFilterMemory):
		return tools.UserError("github: the jq filter uses too much memory; make it simpler")
	case timed.Err() != nil:
		return tools.UserError("github: the jq filter takes longer than %v; make it simpler", f.time)
	}
	return tools.UserError("github: the jq filter stopped: %s; without jq, the answer shows what there is", oneLine(err.Error(), 300))
}

// watchMemory stops a filter when the program's memory has grown by limit
// while it ran. A filter can double a text with every step.
func watchMemory(ctx context.Context, limit uint64, stop context.CancelCauseFunc) {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	atStart := heap[0].Value.Uint64()
	ticker := time.NewTicker(filterCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if metrics.Read(heap); heap[0].Value.Uint64() > atStart+limit {
				stop(errFilterMemory)
				return
			}
		}
	}
}

// appendResult writes one result of a filter.
func appendResult(out []byte, result any, budget int) []byte {
	if text, isText := result.(string); isText {
		return append(out, text...)
	}
	return appendJSON(out, result, budget)
}

// appendJSON writes a value compactly and stops soon after the budget: a small
// value can stand for a huge text when its parts are the same ones.
func appendJSON(out []byte, value any, budget int) []byte {
	switch value := value.(type) {
	case []any:
		out = append(out, '[')
		for i, item := range value {
			if len(out) > budget {
				break
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(out, item, budget)
		}
		return append(out, ']')
	case map[string]any:
		out = append(out, '{')
		for i, key := range slices.Sorted(maps.Keys(value)) {
			if len(out) > budget {
				break
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendJSON(out, key, budget), ':')
			out = appendJSON(out, value[key], budget)
		}
		return append(out, '}')
	}
	scalar, err := gojq.Marshal(value)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, scalar...)
}

// decodeJSON reads an answer for a filter, numbers as they were written.
func decodeJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	return value, decoder.Decode(&value)
}
