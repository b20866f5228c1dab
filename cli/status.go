package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "status [service]",
		Short:   "Show where each service's token comes from and how long it lasts",
		Long:    "Show where each service's token comes from, whose it is, what it may do and how long it lasts.\nNothing is asked over the network. The exit code is 4 if a sign-in is needed.",
		Example: "  valetkey status --json",
		Args:    atMostOne,
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
	opened, _, err := a.open(setup{log: plainLog(a.err), ask: a.asker()})
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
	var all []credentials.Status
	complete, readable := true, true
	for _, s := range opened {
		// What goes wrong is part of the answer: it stands in Mend.
		status, _ := s.credential.Status(ctx)
		all = append(all, status)
		complete = complete && status.SignedIn
		readable = readable && (status.Outcome == "" || status.Outcome == credentials.Ready)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printStatus(all, asJSON); err != nil {
		return err
	}
	if !readable {
		// Not to know is no reason to sign in.
		return &exitError{exitFailed}
	}
	if !complete {
		return &exitError{exitSignInNeeded}
	}
	return nil
}

func (a *app) printStatus(all []credentials.Status, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(all)
	}
	for _, s := range all {
		if _, account, found := strings.Cut(s.Entry, "/"); found {
			s.Title += " " + account
		}
		if s.SignedIn || s.Outcome != "" && s.Outcome != credentials.Ready {
			a.say("%s (%s)%s: %s", s.Title, s.Host, asAccount(s.Account), s.Describe())
			continue
		}
		reason := s.Reason
		if reason != "" {
			reason = "; " + reason
		}
		a.say("%s (%s): not signed in%s\n  → %s", s.Title, s.Host, reason, s.Mend)
	}
	return nil
}
