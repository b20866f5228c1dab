package cli

import (
	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/jq"
)

// jqCommand is what the program starts itself with to filter an answer.
func (a *app) jqCommand() *cobra.Command {
	return &cobra.Command{
		Use:    jq.Command,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if code := jq.Serve(a.in, a.out); code != exitDone {
				return &exitError{code}
			}
			return nil
		},
	}
}
