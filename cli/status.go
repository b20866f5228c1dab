package cli

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "status [service]",
		Short: "Show where each service's token comes from and how long it lasts",
		Long: "Show where each service's token comes from, whose it is, what it may do and how long it lasts.\n" +
			"Nothing is asked over the network. The exit code is 1 if a service is misconfigured or can't be known, else 4 if a sign-in is needed.",
		Example:           "  valetkey status --json",
		Args:              atMostOne,
		ValidArgsFunction: a.serviceNames,
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.status(ctx, strings.Join(args, ""), asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON: an array with an object a service")
	return command
}

func (a *app) status(ctx context.Context, name string, asJSON bool) error {
	opened, own, err := a.open(setup{log: a.logTo(a.err, slog.LevelInfo), borrow: true, ask: a.asker(), warn: a.warn})
	if err != nil {
		return err
	}
	defer closeAll(opened)
	if name != "" {
		s, err := named(opened, name)
		if err != nil {
			return err
		}
		opened = []service{s}
	}
	var all []statusOf
	worst := exitDone
	stopped, _ := a.stoppedNow()
	for _, s := range opened {
		status := statusOf{Misconfigured: s.wrong != nil, Changes: stopped, Allowed: s.allowed(own)}
		if s.wrong != nil {
			status.Status = credentials.Status{Service: s.Name, Entry: s.Name, Title: s.Title, Reason: s.fault()}
		} else {
			// What goes wrong is part of the answer: it stands in Mend.
			status.Status, _ = s.credential.Status(ctx)
		}
		all = append(all, status)
		worst = worseOf(worst, status.code())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printStatus(all, asJSON); err != nil {
		return err
	}
	return exitWith(worst)
}

// statusOf is what a service's line says, also where nothing is known of it.
type statusOf struct {
	credentials.Status
	Misconfigured bool `json:"misconfigured,omitempty"`
	// Changes says that they are stopped, since when and why.
	Changes string `json:"changes,omitempty"`
	// Allowed is what the person allows; "": the usual.
	Allowed string `json:"allowed,omitempty"`
}

// place says where a service is, and which host does what if there are two.
func (s statusOf) place() string {
	if s.APIHost == "" {
		return s.Host
	}
	return "API at " + s.APIHost + ", sign-in at " + s.Host
}

// code is the exit code for a service. Not to know is no reason to sign in.
func (s statusOf) code() int {
	switch {
	case s.Misconfigured, s.Outcome != "" && s.Outcome != credentials.Ready:
		return exitFailed
	case !s.SignedIn:
		return exitSignInNeeded
	}
	return exitDone
}

// worseOf answers the exit code that says more: a sign-in that is missing is less
// than a fault.
func worseOf(one, other int) int {
	if one == exitFailed || other == exitDone {
		return one
	}
	return other
}

// exitWith ends the program with a code, once everything has been said.
func exitWith(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code}
}

func (a *app) printStatus(all []statusOf, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(all)
	}
	a.sayStopped()
	for _, s := range all {
		if _, account, found := strings.Cut(s.Entry, "/"); found {
			s.Title = withAccount(s.Title, account)
		}
		if s.Misconfigured {
			a.say("%s: misconfigured: %s", s.Title, s.Reason)
			continue
		}
		if s.SignedIn || s.Outcome != "" && s.Outcome != credentials.Ready {
			a.say("%s (%s)%s: %s", s.Title, s.place(), asAccount(s.Account), s.Describe())
			a.sayAllowed(s)
			continue
		}
		reason := s.Reason
		if reason != "" {
			reason = "; " + reason
		}
		a.say("%s (%s): not signed in%s\n  → %s", s.Title, s.place(), reason, s.Mend)
		a.sayAllowed(s)
	}
	a.sayHosts()
	return nil
}

func (a *app) sayStopped() {
	stopped, mend := a.stoppedNow()
	if stopped != "" {
		a.say("! Changes are %s", stopped)
	}
	if mend != "" {
		a.say("  → %s", mend)
	}
}

// sayAllowed says what a person allows, if it isn't the usual.
func (a *app) sayAllowed(s statusOf) {
	if s.Allowed != "" {
		a.say("  allowed: %s", s.Allowed)
	}
}

// sayHosts says which variables come from a host's file and, after a fresh install,
// that no host has valetkey.
func (a *app) sayHosts() {
	if len(a.borrowed) > 0 {
		a.say("From the entries of hosts: %s.", a.listBorrowed())
	}
	all, err := a.hostsHere()
	with, without := byEntry(all)
	if err == nil && len(with) == 0 && len(without) > 0 {
		a.say("No host here has valetkey yet (%s)\n  → run: valetkey install", strings.Join(without, ", "))
	}
}
