package cli

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "status",
		Short:   "Show where each service's token comes from and how long it lasts",
		Long:    "Show where each service's token comes from, whose it is, what it may do and how long it lasts.\nNothing is asked over the network. The exit code is 4 if a sign-in is needed.",
		Example: "  valetkey status --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.status(ctx, asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON: an array with an object a service")
	return command
}

func (a *app) status(ctx context.Context, asJSON bool) error {
	opened, _, err := a.open(setup{log: plainLog(a.err)})
	if err != nil {
		return err
	}
	defer closeAll(opened)
	var all []credentials.Status
	complete := true
	for _, s := range opened {
		// What goes wrong is part of the answer: it stands in Mend.
		status, _ := s.credential.Status(ctx)
		all = append(all, status)
		complete = complete && status.SignedIn
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printStatus(all, asJSON); err != nil {
		return err
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
		a.say("%s (%s)%s: %s", s.Title, s.Host, asAccount(s.Account), s.Describe())
	}
	return nil
}
