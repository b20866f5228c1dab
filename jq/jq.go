// Package jq runs jq programs on what a server has answered, each in a process
// of its own: a single step of a program, such as tojson or a product of texts,
// can take all memory or go on for hours, and nothing but the end of its process
// stops it.
//
// That process is this same program, started with the argument [Command]; its
// main function has to call [Serve] then. It inherits no secret: its environment
// is all but empty, and what it works on comes through a pipe.
//
// The package does not know where an input comes from, nor who reads the result.
package jq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"github.com/itchyny/gojq"
)

// Command is the argument that makes this program the one that filters.
const Command = "jq"

const maxSource = 4000 // bytes

// The ways a filter ends without a result.
var (
	ErrTime   = errors.New("the filter takes too long")
	ErrMemory = errors.New("the filter uses too much memory")
)

// StoppedError is a program that failed on its input. Its text is one line, and
// may quote the input.
type StoppedError struct{ Reason string }

func (e *StoppedError) Error() string { return e.Reason }

// Check says what is wrong with a program, and where, in one line. It doesn't
// run it.
func Check(source string) error {
	_, err := compile(source)
	return err
}

// compile makes a program that can't see the environment, files or other input.
func compile(source string) (*gojq.Code, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("it is longer than %d bytes", maxSource)
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, syntaxFault(source, err)
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		return nil, errors.New(oneLine(err.Error(), 300))
	}
	return code, nil
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

// oneLine is the beginning of a text, without control characters.
func oneLine(s string, limit int) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	runes := []rune(strings.Join(strings.Fields(plain), " "))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}

// Filter is one use of a program.
type Filter struct {
	Source string
	// Text: the input is a text as it is, and not JSON.
	Text bool
	// Most is how many bytes of results there are at most.
	Most int
	// Time is how long it may take, from the start of its process on.
	Time time.Duration
	// Memory is how many bytes its process may take. It looks every few
	// milliseconds, and on Linux the system gives no more than twice as much.
	Memory uint64
}

// Run gives the results, each on lines of its own: texts as they are, anything
// else as JSON. isCut says that there was more than fits. The input is read once
// and not kept.
//
// When Run returns, the process it started is gone. The error is [ErrTime],
// [ErrMemory], a [*StoppedError], the context's, or says why there is no result.
func (f Filter) Run(ctx context.Context, input io.Reader) (text string, isCut bool, err error) {
	timed, cancel := context.WithTimeout(ctx, f.Time)
	defer cancel()
	command, err := f.command(timed, input)
	if err != nil {
		return "", false, err
	}
	return f.outcome(ctx, timed, command)
}

// outcome runs the process to its end and words how that came.
func (f Filter) outcome(ctx, timed context.Context, command *exec.Cmd) (text string, isCut bool, err error) {
	out := &limited{left: max(f.Most, maxReason)}
	command.Stdout = out
	err = command.Run()
	switch code := command.ProcessState.ExitCode(); {
	case err == nil:
		return string(out.kept), false, nil
	case code == exitCut:
		return string(out.kept), true, nil
	case code == exitStopped:
		return "", false, &StoppedError{string(out.kept)}
	case ctx.Err() != nil:
		return "", false, ctx.Err()
	case code == exitMemory:
		return "", false, ErrMemory
	case code == exitTime, timed.Err() != nil:
		return "", false, ErrTime
	case command.ProcessState == nil:
		return "", false, fmt.Errorf("its process can't be started: %w", withoutPath(err))
	}
	return "", false, fmt.Errorf("its process ended early (%w)", err)
}

// command is the process, which is given nothing but its input: not even stderr,
// where a crash would repeat what it worked on.
func (f Filter) command(ctx context.Context, input io.Reader) (*exec.Cmd, error) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		// A program that doesn't call Serve would start itself without end.
		return nil, errors.New("this process is a filter already")
	}
	program, err := os.Executable()
	if err != nil {
		return nil, withoutPath(err)
	}
	header, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, Command)
	command.Env = environment()
	command.Stdin = io.MultiReader(strings.NewReader(string(header)+"\n"), input)
	command.WaitDelay = time.Second
	apart(command)
	return command, nil
}

// environment is all that the process inherits, beside what exec adds so that
// Windows can start it: the time zone, for localtime, and how the race detector
// ends, since it would hold up every test.
func environment() []string {
	inherited := []string{}
	for _, name := range []string{"TZ", "GORACE"} {
		if value, given := os.LookupEnv(name); given {
			inherited = append(inherited, name+"="+value)
		}
	}
	return inherited
}

func withoutPath(err error) error {
	var failed *os.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// limited keeps the beginning of what is written.
type limited struct {
	kept []byte
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	fits := p[:min(len(p), l.left)]
	l.kept = append(l.kept, fits...)
	l.left -= len(fits)
	return len(p), nil
}
