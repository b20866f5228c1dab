package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/valetkey/valetkey/gate"
)

// maxAnswer is how many bytes of an answer a model gets to read, about 8,000
// tokens. Claude Code refuses answers over 25,000 tokens.
const maxAnswer = 32_000

// maxError is how many bytes of an error it gets to read.
const maxError = 4_000

// errPanic stands for what a tool panicked with, which may hold anything.
var errPanic = errors.New("the tool stopped unexpectedly, which is a fault in valetkey; the same call may work again, and a report is welcome")

// Run calls a tool as the server does, without asking anybody anything: a panic
// becomes an error that doesn't hold its value, a long answer is cut, and what a dry
// run has kept back is the answer. The answer may be empty; the error is fit for a
// model to read, and holds a [*credentials.SignInRequired] or a [*gate.Unconfirmed]
// if a person has to do something first. Whose words it has read counts from then on.
func Run(ctx context.Context, log *slog.Logger, tool Tool, arguments json.RawMessage) (answer string, err error) {
	call := gate.From(ctx)
	if call == nil {
		call = tool.NewCall()
		ctx = gate.With(ctx, call)
	}
	defer call.Answered()
	if log.Enabled(ctx, slog.LevelDebug) {
		defer logCall(ctx, log, call, time.Now(), &err)
	}
	defer func() { entryOf(ctx).ended(tool.Name, call, err) }()
	defer func() {
		if panicked := recover(); panicked != nil {
			log.Error("a tool panicked", "tool", tool.Name, "with a value of type", fmt.Sprintf("%T", panicked))
			answer, err = "", errPanic
		}
	}()
	answer, err = tool.Call(ctx, arguments)
	answer, err = heldBack(ctx, tool, call, answer, err)
	return cutTo(visible(answer), cmp.Or(tool.MaxAnswer, maxAnswer), "the rest is not on the next page: ask for less at once, such as a smaller per_page"), fit(unsettled(call, readable(err)))
}

// logCall says how a call went; what it was given and what it answers is nobody's
// affair.
func logCall(ctx context.Context, log *slog.Logger, call *gate.Call, began time.Time, err *error) {
	outcome := "done"
	var bad *ArgumentError
	switch {
	case required(*err) != nil:
		outcome = "a sign-in is needed"
	case gate.IsHeld(*err), *err == nil && call.DryRun:
		outcome = string(gate.DecisionOf(call, *err))
	case errors.As(*err, &bad):
		outcome = "wrong arguments"
	case *err != nil:
		outcome = "failed"
	}
	log.LogAttrs(ctx, slog.LevelDebug, "tool call", slog.String("tool", call.Tool), slog.String("class", string(call.Access)),
		slog.String("outcome", outcome), slog.String("decision", decisionOf(call, *err)), slog.Duration("took", time.Since(began).Round(time.Microsecond)))
}

// visible is what people would see of an answer: terminals and models would
// obey what else is in it.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Zl, unicode.Zp):
			return '\n'
		case r != '\n' && r != '\t' && IsInvisible(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// IsInvisible tells the characters that people don't see: control, zero-width,
// direction-changing, tag, filler and variation characters, and the separators of lines
// and paragraphs, which some programs show as a new line and others not at all. They can
// carry words to a model that nobody else reads. What makes a sign an emoji stays.
func IsInvisible(r rune) bool {
	const emojiPresentation = '\uFE0F'
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r == emojiPresentation {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// fit makes an error's text visible and short.
func fit(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if fitting := cutTo(visible(text), maxError, "ask for less, or for the next page"); fitting != text {
		return Explain(err, fitting)
	}
	return err
}

// readable puts into words what the standard library would say of itself.
func readable(err error) error {
	var worded *userError
	var sent *url.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &worded) && error(worded) == err:
		return err
	case errors.Is(err, context.Canceled):
		return Explain(err, "the call was cancelled before it was done")
	case errors.Is(err, context.DeadlineExceeded):
		return ExplainAgain(err, "the service took too long to answer", "; try again, or ask for less")
	case errors.As(err, &large):
		return Explain(err, fmt.Sprintf("the service's answer is larger than %d MiB, which is more than can be read; ask for less", large.Limit>>20))
	case errors.As(err, &sent) && error(sent) == err:
		return sent.Err
	}
	return err
}

// unsettled tells of an error that leaves open what the service has done that a change
// may have been made, which must not be made twice.
func unsettled(call *gate.Call, err error) error {
	var network net.Error
	isOpen := errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
	if !isOpen || !call.Passed() || gate.IsHeld(err) || required(err) != nil {
		return err
	}
	text := err.Error()
	if worded, is := err.(*userError); is {
		text = worded.text
	}
	return Explain(err, text+"\nBut the call had sent a change, which may have been made all the same: look at what is there now, and don't repeat it as a whole.")
}

// Masked is the tool with everything it says put through mask, which takes out
// what must not be seen. It sees what a model would.
func (t Tool) Masked(mask func(string) string) Tool {
	call := t.Call
	t.mask = mask
	t.Call = func(ctx context.Context, arguments json.RawMessage) (string, error) {
		answer, err := call(ctx, arguments)
		if fields, wanted := ctx.Value(structuredKey{}).(*structured); wanted {
			fields.each(func(text string) string { return mask(visible(text)) })
		}
		return mask(visible(answer)), maskedError(err, mask)
	}
	return t
}

// hidden is a text without what the tool's mask takes out, if it has one.
func (t Tool) hidden(text string) string {
	if t.mask == nil {
		return text
	}
	return t.mask(text)
}

func maskedError(err error, mask func(string) string) error {
	if err == nil {
		return nil
	}
	if masked := mask(visible(err.Error())); masked != err.Error() {
		return errors.New(masked)
	}
	return err
}

// cutTo ends a long text at a line, and says that it did and how to go on.
func cutTo(answer string, most int, goOn string) string {
	if len(answer) <= most {
		return answer
	}
	const note = 160
	most = max(0, most-note)
	kept := answer[:most]
	if end := strings.LastIndexByte(kept, '\n'); end > most/2 {
		kept = kept[:end]
	}
	kept = strings.ToValidUTF8(kept, "")
	return fmt.Sprintf("%s\n[cut here: %d of %d bytes shown; %s]", kept, len(kept), len(answer), goOn)
}
