package tools

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/trace"
)

// The waits of one call add up to less than 45 s, since hosts give up at 60. What
// takes longer with all that a call does besides ends with its context, and so does
// the wait for a sign-in behind a yes or no, which leaves 15 s of the call.
const (
	// approvalWait is how long a call waits for an approval after the person
	// has been shown the code.
	approvalWait = 20 * time.Second
	// togetherWindow is how long after a code was first shown calls made at
	// the same time are answered at once, so that none of them holds up a
	// host that shows answers only when it has all of them.
	togetherWindow = 5 * time.Second
	// pollWait is how long the first poll for a code takes that another process has
	// shown: the usual interval of 5 s, a fifth more, and the answer.
	pollWait = 8 * time.Second
	// maxRounds ends a chain of retries. Clients stop at ten.
	maxRounds = 8
)

// desk is where a call that lacks a sign-in is sent: it asks the person
// through whatever their client can show, once for each code.
type desk struct {
	Options

	mu    sync.Mutex
	shown map[string]*showing

	agreements agreements
}

// showing is what has been done about one sign-in.
type showing struct {
	required *credentials.SignInRequired
	at       time.Time
	asked    bool
}

func newDesk(o Options) *desk {
	return &desk{Options: o, shown: map[string]*showing{}}
}

// attempt is a request that may lack a sign-in.
type attempt struct {
	// try makes the request and keeps what comes of it, or answers what a
	// person has to approve first.
	try func() *credentials.SignInRequired
	// again tells a person's assistant, or their host, to make it again: "call
	// the same tool again".
	again string
}

// detour is what a request that lacks a sign-in is answered with: words, an
// error in words, or state, with which the client has to come back, perhaps
// with the answer to a question.
type detour struct {
	words    string
	isError  bool
	state    string
	key      string
	question *mcp.ElicitationParams
}

// input asks the client to come back.
func (d *detour) input() *server.InputRequestBuilder {
	input := server.NewInputRequestBuilder(d.state)
	if d.question != nil {
		input.Elicit(d.key, *d.question)
	}
	return input
}

// call makes an attempt and, if it lacks a sign-in, asks for it. A client that
// comes back with the person's answer is taken on from there. Without a detour
// the attempt has come to its end.
func (d *desk) call(ctx context.Context, back mcp.MultiRoundTripParams, a attempt) *detour {
	id, round := splitState(back.RequestState)
	if s := d.find(id); s != nil {
		return d.resume(ctx, s, round, back.InputResponses, a)
	}
	required := a.try()
	if required == nil {
		return nil
	}
	return d.ask(ctx, required, a)
}

// ask shows a sign-in for the first time, or waits for one that has been
// shown before.
func (d *desk) ask(ctx context.Context, required *credentials.SignInRequired, a attempt) *detour {
	if required.TakenUp && required.UserCode != "" && d.find(required.ID) == nil && d.endsSoon(ctx, required) {
		return d.wait(ctx, required, a, func() *detour { return words(required, d.Now(), a.again) })
	}
	mode := elicitationMode(ctx)
	s, first, question := d.show(required, mode != "")
	if first {
		d.announce(required, mode)
	}
	if question {
		Progress(ctx, awaited(required))
		return questionFor(ctx, required, mode, d.Now())
	}
	if mode == "" && d.Now().Sub(s.at) < togetherWindow {
		return words(required, d.Now(), a.again)
	}
	return d.wait(ctx, required, a, func() *detour { return words(required, d.Now(), a.again) })
}

// endsSoon waits whether the next poll ends a sign-in. Some hosts start a server for
// each question, and end it with the answer: a code that one of them was told is
// approved before the next one starts.
func (d *desk) endsSoon(ctx context.Context, required *credentials.SignInRequired) bool {
	Progress(ctx, awaited(required))
	_, span := trace.Start(ctx, waiting)
	defer span.End()
	select {
	case <-required.Done():
		return true
	case <-d.After(pollWait):
	case <-d.HostGone:
	case <-ctx.Done():
	}
	return false
}

// show notes that a sign-in is shown. first is true for the one call that has
// to announce it, and question for the one that has to ask.
func (d *desk) show(required *credentials.SignInRequired, canAsk bool) (s *showing, first, question bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, known := d.shown[required.ID]
	if !known {
		d.forgetEnded()
		s = &showing{required: required, at: d.Now()}
		d.shown[required.ID] = s
	}
	question = canAsk && !s.asked
	s.asked = s.asked || canAsk
	return s, !known, question
}

func (d *desk) forgetEnded() {
	for id, s := range d.shown {
		if ended(s.required) {
			delete(d.shown, id)
		}
	}
}

func (d *desk) find(id string) *showing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown[id]
}

// announce tells the person where the client may not: on stderr, and in a
// browser if this machine has one and the client doesn't open links itself. A
// browser that fails to open costs nothing, since the words are said anyway.
func (d *desk) announce(required *credentials.SignInRequired, mode string) {
	d.Log.Warn("sign in to "+required.Title, "how", required.Steps())
	if d.OpenBrowser == nil || mode == mcp.ElicitationModeURL {
		return
	}
	d.OpenBrowser(required.VerificationURI)
}

// resume goes on after the client has come back with an answer or, in a chain
// of retries, without one.
func (d *desk) resume(ctx context.Context, s *showing, round int, answers mcp.InputResponses, a attempt) *detour {
	answer := server.ElicitationResponse(answers, questionKey(s.required.ID))
	switch {
	case ended(s.required):
		return d.afterSignIn(ctx, s.required, a)
	case answer == nil && round == 0:
		if mode := elicitationMode(ctx); mode != "" {
			return questionFor(ctx, s.required, mode, d.Now())
		}
		return words(s.required, d.Now(), a.again)
	case answer != nil && answer.Action == mcp.ElicitationResponseActionDecline:
		return declined(s.required, d.Now(), a.again)
	case answer != nil && answer.Action != mcp.ElicitationResponseActionAccept:
		return words(s.required, d.Now(), a.again)
	}
	return d.wait(ctx, s.required, a, func() *detour {
		if server.IsModernRequest(ctx) && round+1 < maxRounds {
			return &detour{state: joinState(s.required.ID, round+1)}
		}
		return words(s.required, d.Now(), a.again)
	})
}

// wait gives the person some time, then goes on with the call or says what is
// still missing.
func (d *desk) wait(ctx context.Context, required *credentials.SignInRequired, a attempt, otherwise func() *detour) *detour {
	Progress(ctx, awaited(required))
	_, span := trace.Start(ctx, waiting)
	defer span.End()
	select {
	case <-required.Done():
		span.End()
		return d.afterSignIn(ctx, required, a)
	case <-d.After(approvalWait):
		span.End()
		// Another host may have been signed in meanwhile.
		if a.try() == nil {
			return nil
		}
		return otherwise()
	case <-d.HostGone:
		return words(required, d.Now(), a.again)
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return otherwise()
		}
		return fault("the call was cancelled before the sign-in was approved; %s", a.again)
	}
}

// afterSignIn repeats the call. If it needs yet another sign-in, that one is
// put into words: nobody is asked twice in one call.
func (d *desk) afterSignIn(ctx context.Context, required *credentials.SignInRequired, a attempt) *detour {
	if err := required.Err(); err != nil && !errors.Is(err, credentials.ErrOtherFlow) {
		return fault("%v; %s to start a new sign-in", err, a.again)
	}
	Progress(ctx, "signed in to "+required.Title+", now the call itself")
	another := a.try()
	if another == nil {
		return nil
	}
	if _, first, _ := d.show(another, false); first {
		d.announce(another, "")
	}
	return words(another, d.Now(), a.again)
}

func ended(required *credentials.SignInRequired) bool {
	select {
	case <-required.Done():
		return true
	default:
		return false
	}
}

// elicitationMode answers what the client of this very request has declared it
// can show: "url", "form" or "" for neither. A client of 2026-07-28 declares
// it with each request, an older one when it connects; an empty declaration
// means forms.
func elicitationMode(ctx context.Context) string {
	declared := declaredElicitation(ctx)
	switch {
	case declared == nil:
		return ""
	case declared.URL != nil:
		return mcp.ElicitationModeURL
	}
	return mcp.ElicitationModeForm
}

func declaredElicitation(ctx context.Context) *mcp.ElicitationCapability {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.ClientCapabilities == nil {
			return nil
		}
		return info.ClientCapabilities.Elicitation
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return session.GetClientCapabilities().Elicitation
	}
	return nil
}

// questionFor asks through the client. mcp-go turns it into the request that
// older clients understand, and calls again with the answer.
func questionFor(ctx context.Context, required *credentials.SignInRequired, mode string, now time.Time) *detour {
	params := mcp.ElicitationParams{Mode: mode, Message: question(required, now)}
	switch mode {
	case mcp.ElicitationModeURL:
		params.URL = required.VerificationURI
		if required.VerificationURIComplete != "" {
			params.URL = required.VerificationURIComplete
		}
		// The field was removed with 2026-07-28; before, it is required.
		if !server.IsModernRequest(ctx) {
			params.ElicitationID = required.ID
		}
	case mcp.ElicitationModeForm:
		params.RequestedSchema = map[string]any{
			"type": "object",
			"properties": map[string]any{
				"approved": map[string]any{"type": "boolean", "title": "I have approved it in my browser"},
			},
		}
	}
	return &detour{state: joinState(required.ID, 0), key: questionKey(required.ID), question: &params}
}

func questionKey(id string) string { return "sign_in:" + id }

// joinState and splitState put a sign-in's name and the round into the state
// a client gives back. It comes from outside, but all that a forged one can do
// is to wait for another sign-in of the same person, or for none.
func joinState(id string, round int) string { return id + "." + strconv.Itoa(round) }

func splitState(state string) (id string, round int) {
	id, number, _ := strings.Cut(state, ".")
	round, err := strconv.Atoi(number)
	if err != nil || round < 0 {
		return id, 0
	}
	return id, round
}

// question is what the person reads in a dialog. The code comes first: Claude Code
// shows one line of it, and no more than fits the window.
func question(required *credentials.SignInRequired, now time.Time) string {
	steps := required.Steps()
	if required.UserCode != "" {
		steps = "enter the code " + required.UserCode + " at " + required.VerificationURI
	}
	return fmt.Sprintf("Sign in to %s: %s (%s). %sOnly go on if you started this yourself.%s",
		required.Title, steps, left(required, now), scopesAsked(required), note(required))
}

// words say the same in an answer, which a model reads to its person.
func words(required *credentials.SignInRequired, now time.Time, again string) *detour {
	lines, steps := "this line", "Open "+required.VerificationURI+" in a browser on this machine"
	if required.UserCode != "" {
		lines, steps = "these two lines", "Open "+required.VerificationURI+"\nEnter the code "+required.UserCode
	}
	return &detour{words: fmt.Sprintf("%s needs a sign-in first. Show the person %s word for word:\n\n"+
		"%s (%s)\n\n"+
		"%sThey should only go on if they asked for this. When they say it is approved, %s.%s",
		required.Title, lines, steps, left(required, now), scopesAsked(required), again, note(required))}
}

// awaited says what a call waits for, to whoever has been shown the rest.
func awaited(required *credentials.SignInRequired) string {
	return "waiting for the sign-in to " + required.Title + " to be approved"
}

// declined is an error, and says how to sign in all the same: some hosts decline
// whatever they are asked, without showing it to anybody.
func declined(required *credentials.SignInRequired, now time.Time, again string) *detour {
	return fault("the sign-in to %s was declined, by the person or by a host that asks nobody, so nothing was done. "+
		"Don't ask again on your own. If the person wants it: %s", required.Title, words(required, now, again).words)
}

func fault(format string, args ...any) *detour {
	return &detour{words: fmt.Sprintf(format, args...), isError: true}
}

func left(required *credentials.SignInRequired, now time.Time) string {
	minutes := int(required.Expiry.Sub(now).Round(time.Minute) / time.Minute)
	if minutes <= 1 {
		return "valid for about a minute"
	}
	return fmt.Sprintf("valid for %d minutes", minutes)
}

func scopesAsked(required *credentials.SignInRequired) string {
	if len(required.Scopes) == 0 {
		return ""
	}
	return "valetkey asks for: " + strings.Join(required.Scopes, ", ") + ". "
}

func note(required *credentials.SignInRequired) string {
	said := ""
	if required.Reason != "" {
		said = " It goes this way because " + required.Reason + "."
	}
	if required.Note != "" {
		said += " Note: " + required.Note + "."
	}
	return said
}
