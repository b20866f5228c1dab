package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

func (a *app) logoutCommand() *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:   "logout [service]",
		Short: "Sign out of a service: revoke its token and forget it",
		Long: "Sign out of a service. The token is revoked where the provider lets valetkey do so,\n" +
			"else the page where you can do it is named. It is removed from this machine either way.",
		Example:           "  valetkey logout github\n  valetkey logout --all    every account of every service",
		Args:              atMostOne,
		ValidArgsFunction: a.serviceNames,
		RunE: func(_ *cobra.Command, args []string) error {
			if all {
				return a.logoutAll(args)
			}
			return a.withService(args, setup{interactive: true}, whichLogout(), a.logout)
		},
	}
	command.Flags().BoolVar(&all, "all", false, "sign out of every account of every service")
	return command
}

func whichLogout() question {
	return question{command: "valetkey logout", all: "valetkey logout --all", listed: candidate.isKept, none: "There is no token to remove of any service."}
}

// logoutAll signs out of every account that was ever used on this machine. One
// that can't be signed out of doesn't hold up the others.
func (a *app) logoutAll(args []string) error {
	if len(args) > 0 || a.account != "" {
		return usage("--all is for every account of every service; name none")
	}
	return a.withServices(setup{interactive: true}, func(ctx context.Context, opened []service, own settings) error {
		code := exitDone
		for _, s := range append(opened, leftServices(opened, own)...) {
			accounts, err := own.folder().Accounts(s.Name)
			if err != nil {
				a.complain("valetkey: which accounts there are can't be seen: %v", err)
			}
			for _, account := range union(accounts, s.options.Settings.Account) {
				err := a.logoutAccount(ctx, s, account, own)
				var said *exitError
				switch {
				case ctx.Err() != nil:
					return ctx.Err()
				case err == nil:
					continue
				case !errors.As(err, &said):
					a.complain("valetkey: %v", err)
				}
				code = exitFailed
			}
		}
		return exitWith(code)
	})
}

// logoutAccount is logout for an account. Of a service that isn't chosen any more
// there is nothing to say if it has no token, and where nothing describes it, its
// record says where the token is from.
func (a *app) logoutAccount(ctx context.Context, s service, account string, own settings) error {
	if s.left {
		r, err := s.options.Store.Read(ctx, entryName(s.Name, account))
		switch {
		case errors.Is(err, credentials.ErrNotFound):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", s.Name, err)
		case s.wrong != nil:
			s.wrong, s.options.Service = nil, r.From()
			s.options.Service.Name, s.options.Service.Title = s.Name, s.Title
			s.options.Service.SettingsURL = func(string) string { return cmp.Or(r.Issuer, r.Host) }
		}
	}
	if s.wrong != nil {
		return s.wrong
	}
	other := s.forAccount(account)
	defer other.credential.Close()
	return a.logout(ctx, other, own)
}

func entryName(name, account string) string {
	if account == "" {
		return name
	}
	return name + "/" + account
}

// leftServices are those that aren't chosen any more and were once used on this
// machine: their locks are still there.
func leftServices(opened []service, own settings) []service {
	var left []service
	files, err := os.ReadDir(own.folder().Path)
	if err != nil {
		// Then there is none, or the folder's own checks say what is wrong with it.
		return nil
	}
	for _, file := range files {
		entry, isLock := strings.CutSuffix(file.Name(), ".lock")
		name, _, _ := strings.Cut(entry, "+")
		isNamed := func(s service) bool { return s.Name == name }
		if !isLock || slices.ContainsFunc(slices.Concat(opened, left), isNamed) {
			continue
		}
		if known, err := entryOf(name); err == nil {
			s := loadService(known)
			s.left = true
			s.start(working(opened)[0].options, own, "")
			left = append(left, s)
		}
	}
	return left
}

// union answers the names, each once, with one more.
func union(names []string, more string) []string {
	all := append(slices.Clone(names), more)
	slices.Sort(all)
	return slices.Compact(all)
}

func (a *app) logout(ctx context.Context, s service, _ settings) error {
	if account := s.options.Settings.Account; account != "" {
		s.Title += " (" + account + ")"
	}
	out, err := s.credential.SignOut(ctx)
	if err != nil {
		return err
	}
	switch {
	case !out.Found:
		a.say("%s: there was no token to remove.", s.Title)
	case !out.Lasting.IsZero():
		a.say("%s: signed out; the token can't be renewed any more and is removed. What is out there ends at %s.", s.Title, out.Lasting.Local().Format(time.RFC3339))
	case out.Revoked:
		a.say("%s: signed out; the token is revoked and removed.", s.Title)
	case errors.Is(out.RevokeError, credentials.ErrCannotRevoke):
		a.say("%s: signed out; the token is removed from this machine.", s.Title)
		a.say("It is still valid until you revoke it at %s", out.SettingsURL)
	default:
		a.say("%s: the token is removed from this machine, but revoking it went wrong: %v", s.Title, out.RevokeError)
		a.say("Revoke it at %s", out.SettingsURL)
		a.sayOfClient(s, out)
		return &exitError{exitFailed}
	}
	a.sayOfClient(s, out)
	a.sayWhatRemains(ctx, s)
	return nil
}

// sayOfClient says what became of the client that was registered to sign in with.
func (a *app) sayOfClient(s service, out credentials.SignedOut) {
	switch {
	case out.Client == "":
	case out.ClientError == nil:
		a.say("The client that was registered to sign in with is removed from %s.", s.at.Issuer)
	default:
		a.say("The client that was registered to sign in with, %s, stays at %s: %v", out.Client, s.at.Issuer, out.ClientError)
	}
}

// sayWhatRemains says that a key is still used, or would be if it could be read,
// and that a program gets its token without a person.
func (a *app) sayWhatRemains(ctx context.Context, s service) {
	status, err := s.credential.Status(ctx)
	switch {
	case err == nil && status.Grant != "" && status.SignedIn:
		a.say("The next call asks for a new one with the client secret; unset %s_GRANT to end that.", strings.ToUpper(s.Name))
	case err != nil || status.Variable == "":
	case status.SignedIn:
		a.say("%s still gives a key; unset it to be signed out.", status.Variable)
	default:
		a.say("Note that %s.", status.Fault())
	}
}
