package jq

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// How the process ends, beside 0. Go itself ends with 2 when the system gives no
// more memory and when a stack is too large.
const (
	exitBroken  = 1
	exitMemory  = 2
	exitCut     = 3
	exitStopped = 4
	exitTime    = 5
)

const (
	maxReason = 2000 // bytes
	maxHeader = 1 << 16
	maxStack  = 64 << 20
	lookEvery = 2 * time.Millisecond
	// spare is how much longer the process lives than it is waited for, and how
	// long it waits to be told, if nobody is left to end it.
	spare = 8 * time.Second
)

// Serve is the process that filters: in holds what [Filter.Run] sends, and out
// takes the results or the reason why there are none. It answers the exit code.
// It ends the process itself when the filter takes too much memory or time, and
// is for that process alone.
func Serve(in io.Reader, out io.Writer) int {
	debug.SetMaxStack(maxStack)
	alone := time.AfterFunc(spare, func() { os.Exit(exitTime) })
	defer alone.Stop()
	buffered := bufio.NewReaderSize(in, maxHeader)
	header, err := buffered.ReadSlice('\n')
	if err != nil {
		return exitBroken
	}
	var f Filter
	if err := json.Unmarshal(header, &f); err != nil {
		return exitBroken
	}
	alone.Reset(f.Time + spare)
	defer watch(f.Memory)()
	text, code := f.serve(buffered)
	if _, err := io.WriteString(out, text); err != nil {
		return exitBroken
	}
	return code
}

// watch ends the process when it takes too much memory. It answers how to stop
// watching.
func watch(most uint64) (stop func()) {
	debug.SetMemoryLimit(int64(most / 4 * 3))
	limit(most)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for taken() <= most {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
		}
		os.Exit(exitMemory)
	}()
	return func() {
		close(over)
		<-ended
	}
}

// taken is how many bytes this process has from the system, as far as Go knows.
func taken() uint64 {
	all := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(all)
	return all[0].Value.Uint64() - all[1].Value.Uint64()
}

// serve gives the results, or what stopped the program, and the exit code.
func (f Filter) serve(in io.Reader) (text string, code int) {
	defer func() {
		if panicked := recover(); panicked != nil {
			text, code = oneLine(fmt.Sprint("a fault in the filter's language: ", panicked), 300), exitStopped
		}
	}()
	program, err := compile(f.Source)
	if err != nil {
		return err.Error(), exitStopped
	}
	input, err := f.read(in)
	if err != nil {
		return oneLine("the input can't be read: "+err.Error(), 300), exitStopped
	}
	text, isCut, err := f.results(program, input)
	switch {
	case err != nil:
		return oneLine(err.Error(), 300), exitStopped
	case isCut:
		return text, exitCut
	}
	return text, 0
}

// read gives the input: a text as it is, or JSON with its numbers as they were
// written.
func (f Filter) read(in io.Reader) (any, error) {
	if f.Text {
		var text strings.Builder
		_, err := io.Copy(&text, in)
		return text.String(), err
	}
	decoder := json.NewDecoder(in)
	decoder.UseNumber()
	var value any
	return value, decoder.Decode(&value)
}

func (f Filter) results(program *gojq.Code, input any) (text string, isCut bool, err error) {
	var out []byte
	for results := program.Run(input); len(out) <= f.Most+1; {
		result, more := results.Next()
		if !more {
			return strings.TrimSuffix(string(out), "\n"), false, nil
		}
		if err, failed := result.(error); failed {
			if isEnd(err) {
				return strings.TrimSuffix(string(out), "\n"), false, nil
			}
			return "", false, err
		}
		out = append(f.append(out, result), '\n')
	}
	return strings.ToValidUTF8(string(out[:f.Most]), ""), true, nil
}

// isEnd tells whether a program ended itself by halt.
func isEnd(err error) bool {
	var halt *gojq.HaltError
	return errors.As(err, &halt) && halt.Value() == nil
}

// append writes one result.
func (f Filter) append(out []byte, result any) []byte {
	if text, isText := result.(string); isText {
		return append(out, text...)
	}
	return appendJSON(out, result, f.Most)
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
