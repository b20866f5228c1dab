package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// lookTimeout bounds how long a list waits for what the store knows.
const lookTimeout = 5 * time.Second

// candidate is a service to pick, and what is known of it without asking a
// person or the network. unknown is why the store doesn't say.
type candidate struct {
	service
	status  credentials.Status
	unknown error
}

// question is how a command asks for the service it is about, where several are
// chosen and none is named.
type question struct {
	// command is what a person would have typed, and all what does it for every
	// service.
	command, all string
	// listed tells which are shown, none is said if none is, and usual tells which
	// one Enter stands for, the first of them; nil: none.
	listed func(candidate) bool
	none   string
	usual  func(candidate) bool
	// unfit answers why one of them is no answer; nil: all are.
	unfit func(candidate) string
}

// theService is the one that a person has named, or picks.
func (a *app) theService(ctx context.Context, opened []service, own settings, name string, q question) (service, error) {
	switch {
	case name != "":
		return named(opened, name)
	case len(opened) == 1:
		return opened[0], nil
	case !isTerminal(a.in) || !isTerminal(a.out):
		return service{}, usage("name a service: %s; run: %s NAME, or: %s", namesOfServices(working(opened)), q.command, q.all)
	}
	all, err := look(ctx, opened, own)
	if err != nil {
		return service{}, err
	}
	var shown []candidate
	for _, c := range all {
		if q.listed == nil || q.listed(c) {
			shown = append(shown, c)
		}
	}
	if len(shown) == 0 {
		a.say("%s", q.none)
		return service{}, &exitError{exitDone}
	}
	return a.pick(ctx, shown, q)
}

// look answers what is known of the services. Their store asks nobody for a
// password: the list is there to find out what that would be for.
func look(ctx context.Context, opened []service, own settings) ([]candidate, error) {
	store, err := openStore(own, own.folder(), setup{})
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var all []candidate
	inOrder(opened, func(s service) candidate {
		c := candidate{service: s}
		if s.wrong == nil {
			s.options.Store = store
			s = s.forAccount(s.options.Settings.Account)
			defer s.credential.Close()
			c.status, c.unknown = s.credential.Status(bounded)
		}
		return c
	}, func(c candidate) { all = append(all, c) })
	return all, ctx.Err()
}

// state says in words what is known of a service.
func (c candidate) state() string {
	switch {
	case c.wrong != nil:
		return "misconfigured: " + c.fault()
	case c.unknown != nil:
		return "not known: " + c.status.Reason
	case c.status.Variable != "" && c.status.SignedIn:
		return "key from " + c.status.Variable
	case c.status.SignedIn && c.status.Key:
		return "key that is kept" + asAccount(c.status.Account)
	case c.status.SignedIn:
		return "signed in" + asAccount(c.status.Account)
	case c.status.Reason != "":
		return "not signed in: " + c.status.Reason
	}
	return "not signed in"
}

// isMissing reports whether a sign-in is all that is missing.
func (c candidate) isMissing() bool {
	return c.wrong == nil && c.unknown == nil && !c.status.SignedIn && c.status.Variable == ""
}

// whyNoLogin answers why there is nobody to sign in there, "" if there is.
func (c candidate) whyNoLogin() string {
	switch {
	case c.wrong != nil:
		return c.Title + " is misconfigured: " + c.fault()
	case c.status.Variable != "":
		return fmt.Sprintf("%s needs no sign-in: %s gives the key; unset %s to sign in", c.Title, c.status.Variable, c.status.Variable)
	case c.status.Grant != "":
		return fmt.Sprintf("%s needs no sign-in: %s_GRANT gives this program a token of its own", c.Title, strings.ToUpper(c.Name))
	}
	return ""
}

// isKept reports whether the store holds a token, or may.
func (c candidate) isKept() bool {
	return c.wrong == nil && c.status.Variable == "" && (c.status.SignedIn || c.status.Reason != "")
}

// pick shows the services and lets a person pick one, until they do.
func (a *app) pick(ctx context.Context, shown []candidate, q question) (service, error) {
	var widest int
	for _, c := range shown {
		widest = max(widest, len([]rune(c.label())))
	}
	a.say("Which service?")
	usual := ""
	for i, c := range shown {
		a.say("%3d  %-*s  %s", i+1, widest, c.label(), c.state())
		if usual == "" && q.usual != nil && q.usual(c) {
			usual = c.Name
		}
	}
	prompt := "Number or name (q stops): "
	if usual != "" {
		prompt = "Number or name (Enter: " + usual + ", q stops): "
	}
	for {
		text, err := a.ask(ctx, prompt)
		if err != nil {
			return service{}, err
		}
		if text == "" {
			text = usual
		}
		if c, found := find(shown, text); found {
			why := ""
			if q.unfit != nil {
				why = q.unfit(c)
			}
			if why == "" {
				return c.service, nil
			}
			a.say("%s; choose another, or type q.", why)
			continue
		}
		if strings.EqualFold(text, "q") {
			return service{}, context.Canceled
		}
		a.say("That is none of them; type a number from 1 to %d, or a name.", len(shown))
	}
}

// label is the title, that of an account, and the name to type.
func (c candidate) label() string {
	return fmt.Sprintf("%s (%s)", withAccount(c.Title, c.options.Settings.Account), c.Name)
}

// find answers the candidate with this name or number.
func find(shown []candidate, text string) (candidate, bool) {
	for i, c := range shown {
		if text == strconv.Itoa(i+1) || strings.EqualFold(text, c.Name) {
			return c, true
		}
	}
	return candidate{}, false
}

// readLine gives up when the context ends. The read goes on until the process
// ends, since a terminal can't be interrupted.
func readLine(ctx context.Context, from *bufio.Reader) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := from.ReadString('\n')
		answered <- answer{strings.TrimSpace(text), err}
	}()
	select {
	case got := <-answered:
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case errors.Is(got.err, io.EOF) && got.text == "":
			return "", errors.New("the input has ended before an answer")
		case got.err != nil && !errors.Is(got.err, io.EOF):
			return "", got.err
		}
		return got.text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
