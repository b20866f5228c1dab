package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout [service]",
		Short: "Sign out of a service: revoke its token and forget it",
		Long: "Sign out of a service. The token is revoked where the provider lets valetkey do so,\n" +
			"else the page where you can do it is named. It is removed from this machine either way.",
		Example:           "  valetkey logout github",
		Args:              atMostOne,
		ValidArgsFunction: a.serviceNames,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withService(args, setup{interactive: true}, a.logout)
		},
	}
}

func (a *app) logout(ctx context.Context, s service, _ settings) error {
	out, err := s.credential.SignOut(ctx)
	if err != nil {
		return err
	}
	switch {
	case !out.Found:
		a.say("%s: there was no token to remove.", s.Title)
	case out.Revoked:
		a.say("%s: signed out; the token is revoked and removed.", s.Title)
	case errors.Is(out.RevokeError, credentials.ErrCannotRevoke):
		a.say("%s: signed out; the token is removed from this machine.", s.Title)
		a.say("It is still valid until you revoke it at %s", out.SettingsURL)
	default:
		a.say("%s: the token is removed from this machine, but revoking it went wrong: %v", s.Title, out.RevokeError)
		a.say("Revoke it at %s", out.SettingsURL)
		return &exitError{exitFailed}
	}
	if status, err := s.credential.Status(ctx); err == nil && status.Variable != "" {
		a.say("%s still gives a key; unset it to be signed out.", status.Variable)
	}
	return nil
}
