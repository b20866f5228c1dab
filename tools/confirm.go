package tools

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/gate"
)

const (
	// agreementLifetime is how long the person's word holds for a call that couldn't
	// go on at once, since it had to be signed in.
	agreementLifetime = 10 * time.Minute
	// maxQuestions is how many may be open, for however long, and how many words may
	// be held.
	maxQuestions = 100
)

// MaxAsked is how often one call asks, if what it would send changes meanwhile.
const MaxAsked = 3

// ErrKeepsChanging is what becomes of a call after that.
var ErrKeepsChanging = errors.New("nothing was sent: what would be sent was another thing each time the person agreed. Look at what it is with dry_run, then call the same tool again")

// callID tells a call from any other, by its tool and arguments.
type callID [sha256.Size]byte

func identify(tool string, arguments json.RawMessage) callID {
	return sha256.Sum256([]byte(tool + "\n" + compacted(arguments)))
}

// asking is a question that the person has been asked.
type asking struct {
	call  callID
	by    gate.Fingerprint
	why   gate.Cause
	at    time.Time
	round int
}

// agreement is the person's word for a request that hasn't been sent yet.
type agreement struct {
	to gate.Fingerprint
	at time.Time
}

// agreements are what the person was asked, and what they have agreed to. Their
// zero value is ready, and they are safe for concurrent use.
type agreements struct {
	mu    sync.Mutex
	open  map[string]asking // by the state that the client gives back
	given map[callID]agreement
}

// ask keeps a question and answers the state that stands for it.
func (a *agreements) ask(q asking) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[string]asking{}
	}
	makeRoom(a.open, func(q asking) time.Time { return q.at })
	state := confirmPrefix + rand.Text()
	a.open[state] = q
	return state
}

// answer takes a question back. It is answered once, for its own call only, and
// however late: their word is for a request, and hosts leave dialogs open.
func (a *agreements) answer(state string, call callID) (asking, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q, known := a.open[state]
	delete(a.open, state)
	return q, known && q.call == call
}

func (a *agreements) agree(call callID, to gate.Fingerprint, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given == nil {
		a.given = map[callID]agreement{}
	}
	makeRoom(a.given, func(given agreement) time.Time { return given.at })
	a.given[call] = agreement{to, now}
}

// to answers what the person has agreed to for a call, and forgets it: what is
// sent twice is asked about twice.
func (a *agreements) to(call callID, now time.Time) gate.Fingerprint {
	a.mu.Lock()
	defer a.mu.Unlock()
	given := a.given[call]
	delete(a.given, call)
	if now.Sub(given.at) > agreementLifetime {
		return gate.Fingerprint{}
	}
	return given.to
}

// makeRoom makes room for one more: where there are too many, the oldest goes.
func makeRoom[K comparable, V any](all map[K]V, at func(V) time.Time) {
	if len(all) < maxQuestions {
		return
	}
	delete(all, slices.MinFunc(slices.Collect(maps.Keys(all)), func(one, other K) int { return at(all[one]).Compare(at(all[other])) }))
}

const confirmPrefix = "confirm:"

// settle takes a client on from a question about a call of a tool. round is how often
// it was asked; with a detour the call is over.
func (d *desk) settle(ctx context.Context, call callID, back mcp.MultiRoundTripParams) (round int, over *detour) {
	if !strings.HasPrefix(back.RequestState, confirmPrefix) {
		return 0, nil
	}
	q, known := d.agreements.answer(back.RequestState, call)
	answer := server.ElicitationResponse(back.InputResponses, back.RequestState)
	switch {
	case !known:
		// It is asked again, which is what a forged or an old answer is worth.
		return 0, nil
	case answer == nil:
		return q.round, nil
	case answer.Action == mcp.ElicitationResponseActionDecline:
		Declined(ctx)
		return 0, fault("the person declined this, or a host that asks nobody did; nothing was sent (%s). Don't try it again on your own. If they weren't asked: they can %s", q.why, askedLess(q.why))
	case answer.Action != mcp.ElicitationResponseActionAccept:
		Unanswered(ctx)
		return 0, fault("nobody agreed to this, so nothing was sent (%s). If the person wants it, call the same tool again and they are asked again. If they weren't asked: they can %s", q.why, askedLess(q.why))
	}
	d.agreements.agree(call, q.by, d.Now())
	return q.round, nil
}

// confirm asks the person, through their client, whether a request may be sent.
func (d *desk) confirm(ctx context.Context, tool Tool, arguments json.RawMessage, call callID, missing *gate.Unconfirmed, round int) *detour {
	switch {
	case !canShowForms(ctx):
		return fault("nothing was sent: the person has to agree first (%s), and this host can't ask them. They can use a host that asks, such as Claude Code, Codex or VS Code, or %s", missing.Why, askedLess(missing.Why))
	case round >= MaxAsked:
		return fault("%v", ErrKeepsChanging)
	}
	state := d.agreements.ask(asking{call: call, by: missing.Request.Fingerprint(), why: missing.Why, at: d.Now(), round: round + 1})
	Progress(ctx, "waiting for the person to agree")
	return &detour{state: state, key: state, question: &mcp.ElicitationParams{
		Mode: mcp.ElicitationModeForm, Message: tool.Question(arguments, missing),
		RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
	}}
}

// askedLess is what people can do whose host doesn't ask them. A model reads it as
// well, so that it names no command that would do without the question. Whoever wants
// to be asked about every change isn't told to give up the rest with it.
func askedLess(why gate.Cause) string {
	less := gate.AfterStranger
	if why.By == gate.AfterStranger {
		less = gate.Never
	}
	return "set VALET_CONFIRM=" + string(less) + " in valetkey's entry of this host, to be asked less."
}

// canShowForms tells whether the client of this request has declared forms, or
// elicitation without saying which (spec, "Elicitation").
func canShowForms(ctx context.Context) bool {
	declared := declaredElicitation(ctx)
	return declared != nil && (declared.Form != nil || declared.URL == nil)
}

// unconfirmed is what an error says a person has to agree to; nil: nothing.
func unconfirmed(err error) *gate.Unconfirmed {
	var missing *gate.Unconfirmed
	errors.As(err, &missing)
	return missing
}

// Question asks a person about a call in plain words: what is done to what, in the
// words of the call, the request that does it, and what is long. The first words
// matter most, since some hosts show a few lines.
func (t Tool) Question(arguments json.RawMessage, missing *gate.Unconfirmed) string {
	service, _, _ := strings.Cut(t.Name, "_")
	what, with := t.described(arguments)
	if what != "" {
		what += ". "
	}
	if with != "" {
		with = ", with " + with
	}
	text := fmt.Sprintf("Allow this (%s: %s)? %sIt sends %s%s. You are asked because %s.",
		service, t.Title, what, oneLine(missing.Request.String(), 500), with, missing.Why)
	return t.hidden(text)
}
