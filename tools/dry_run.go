package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/valetkey/valetkey/gate"
)

// heldBack is what a call comes to whose requests the gate may have kept back: a
// tool that goes on all the same can't answer as if nothing were missing.
func heldBack(ctx context.Context, tool Tool, call *gate.Call, answer string, err error) (string, error) {
	held, refusal := call.Held(), call.Refusal()
	switch {
	case len(held) > 0:
		return tool.planned(ctx, held), nil
	case refusal != nil && call.Passed():
		return "", halfDone(refusal, answer, err)
	case refusal != nil && err == nil:
		return "", refusal
	case call.DryRun && err == nil:
		return "dry run: nothing would be sent. The answer would be:\n" + answer, nil
	}
	return answer, err
}

// halfDone is the error of a call that was stopped after its first change.
func halfDone(refusal error, answer string, err error) error {
	said := answer
	if err != nil && !gate.IsHeld(err) {
		said = err.Error()
	}
	text := fmt.Sprintf("%v\nBut the call had sent a change before: look at what is there now, and don't repeat it as a whole.", refusal)
	if said != "" {
		text += " It says:\n" + said
	}
	return Explain(refusal, text)
}

// planned shows the requests that a dry run has kept back. What would follow on an
// answer to the first isn't known.
func (t Tool) planned(ctx context.Context, held []gate.Request) string {
	var text strings.Builder
	text.WriteString("dry run: nothing was sent. What would be sent, and perhaps more that depends on the answers:\n")
	for _, request := range held {
		fmt.Fprintf(&text, "\n%s\n", plainly(t.hidden(request.String())))
		for _, name := range slices.Sorted(maps.Keys(request.Header)) {
			fmt.Fprintf(&text, "%s: %s\n", name, plainly(t.hidden(request.Header.Get(name))))
		}
		if request.Body != "" {
			fmt.Fprintf(&text, "\n%s\n", bodyText(t.hidden(request.Body)))
		}
	}
	Structure(ctx, map[string]any{"dry_run": true, "method": held[0].Method, "url": t.hidden(held[0].URL)})
	return text.String()
}

// maxPlanned is how much of a body a dry run shows, in bytes.
const maxPlanned = 8_000

// bodyText is a body as people read it: JSON with a line a value, if there is room
// for that. Its characters are those that are sent, but for those that nobody would
// see, which are escaped.
func bodyText(body string) string {
	if !utf8.ValidString(body) {
		return fmt.Sprintf("[%d bytes that are no text]", len(body))
	}
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(body), "", "  ") == nil && indented.Len() <= maxPlanned {
		body = indented.String()
	}
	return cutTo(plainly(body), maxPlanned, "all of it would be sent")
}

// plainly escapes what [visible] would leave out, as JSON does: it would be sent.
func plainly(text string) string {
	var seen strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t' || !IsInvisible(r):
			seen.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&seen, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&seen, `\u%04x`, r)
		}
	}
	return seen.String()
}
