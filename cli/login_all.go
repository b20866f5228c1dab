package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// loginAll signs in to each service that has no working token or key. One that
// can't be signed in to doesn't hold up the others.
func (a *app) loginAll(args []string, options loginOptions) error {
	if len(args) > 0 || a.account != "" {
		return usage("--all is for every service of %s; name none, and no account", servicesVariable)
	}
	return a.withServices(setup{interactive: true}, func(ctx context.Context, opened []service, own settings) error {
		var done, missing, needs []string
		options.needs = &needs
		for _, s := range opened {
			err := a.loginUnlessKey(ctx, s, own, options)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				a.complain("valetkey: %v", err)
				missing = append(missing, s.Name)
			default:
				done = append(done, s.Name)
			}
		}
		slices.Sort(needs)
		a.sayNeeds("them", slices.Compact(needs))
		if len(missing) > 0 {
			a.say("Ready: %d of %d services; not: %s.", len(done), len(opened), strings.Join(missing, ", "))
			return &exitError{exitFailed}
		}
		a.say("Ready: all %d services: %s.", len(done), strings.Join(done, ", "))
		return nil
	})
}

// loginUnlessKey is login, but for a service with a key that it accepts, or that gives
// this program a token of its own: there is nothing to sign in for.
func (a *app) loginUnlessKey(ctx context.Context, s service, own settings, options loginOptions) error {
	if s.wrong != nil {
		return s.wrong
	}
	status, err := s.credential.Status(ctx)
	if err == nil && status.Grant != "" {
		if _, err := s.credential.Identify(ctx); err != nil {
			return err
		}
		a.say("%s needs no sign-in: %s_GRANT=%s gives this program a token of its own.", s.Title, strings.ToUpper(s.Name), status.Grant)
		return nil
	}
	if err != nil || status.Variable == "" || !status.SignedIn {
		return a.login(ctx, s, own, options)
	}
	account, err := s.credential.Identify(ctx)
	if err != nil {
		return fmt.Errorf("%s: trying the key from %s went wrong: %w", s.Name, status.Variable, err)
	}
	a.say("%s needs no sign-in: %s gives the key%s.", s.Title, status.Variable, asAccount(account))
	return nil
}
