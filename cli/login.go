package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

type loginOptions struct {
	all, again, change, qr, copy, noBrowser, withToken bool
	// needs collects what hosts have to be given; nil: it is said at once.
	needs *[]string
}

func (a *app) loginCommand() *cobra.Command {
	var options loginOptions
	command := &cobra.Command{
		Use:   "login [service]",
		Short: "Sign in to a service, for every host on this machine",
		Long: "Sign in to a service: approve a code in a browser, here or on any other device, or, where the service\n" +
			"doesn't give codes, sign in with a browser on this machine.\n" +
			"The token goes to the keyring of this machine, or to where VALET_STORE says, and every host finds it there.\n" +
			"Without a name, and with several services in VALET_SERVICES, there is a list to pick from.",
		Example:           "  valetkey login github\n  valetkey login github --qr              over SSH, with a phone\n  valetkey login github --account work    a second account, beside the first\n  valetkey login gitlab --with-token      a token you have, typed or from a pipe\n  valetkey login --all                    every service that isn't signed in to",
		Args:              atMostOne,
		ValidArgsFunction: a.serviceNames,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := options.check(); err != nil {
				return err
			}
			if options.all {
				return a.loginAll(args, options)
			}
			return a.withService(args, setup{interactive: true}, whichLogin(), func(ctx context.Context, s service, own settings) error {
				if options.withToken {
					return a.loginWithToken(ctx, s, own, options)
				}
				return a.login(ctx, s, own, options)
			})
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.all, "all", false, "sign in to every service of VALET_SERVICES in turn, but for those with a working token or key")
	flags.BoolVar(&options.again, "again", false, "sign in even where there is a working token; a key stays what it is")
	flags.BoolVar(&options.change, "switch", false, "let whoever approves sign in, in place of the account before")
	flags.BoolVar(&options.qr, "qr", false, "show the address as a QR code, where the service gives a code")
	flags.BoolVar(&options.copy, "copy", false, "put the code on the clipboard, where the service gives one")
	flags.BoolVar(&options.withToken, "with-token", false, "keep a token or an API key that stdin gives in one line, or that you type, instead of a sign-in")
	flags.BoolVar(&options.noBrowser, "no-browser", false, "only show the address, and open no browser here")
	return command
}

func whichLogin() question {
	return question{command: "valetkey login", all: "valetkey login --all", usual: candidate.isMissing, unfit: candidate.whyNoLogin}
}

// withService runs a command for the service its first argument names, or that a
// person picks, with a context that Ctrl-C ends.
func (a *app) withService(args []string, use setup, which question, run func(context.Context, service, settings) error) error {
	return a.withServices(use, func(ctx context.Context, opened []service, own settings) error {
		s, err := a.theService(ctx, opened, own, strings.Join(args, ""), which)
		if err == nil {
			err = s.wrong
		}
		if err != nil {
			return err
		}
		return run(ctx, s, own)
	})
}

// withServices runs a command for all of them.
func (a *app) withServices(use setup, run func(context.Context, []service, settings) error) error {
	ctx, stop := interruptible()
	defer stop()
	// What goes well or wrong with a sign-in the command says itself.
	use.log = a.logTo(a.err, onlyErrors)
	use.ask, use.warn, use.borrow = a.asker(), a.warn, true
	use.waiting = func() {
		a.complain("valetkey: waiting for the keyring; it may be asking for its password. Ctrl-C to stop.")
	}
	opened, own, err := a.open(use)
	if err != nil {
		return err
	}
	defer closeAll(opened)
	return run(ctx, opened, own)
}

func (a *app) login(ctx context.Context, s service, own settings, options loginOptions) error {
	status, err := s.credential.Status(ctx)
	if err != nil {
		return err
	}
	if status.Variable != "" && !status.SignedIn {
		return fmt.Errorf("%s: %s", s.Name, status.Fault())
	}
	byPerson := status.Variable == "" && status.Grant == ""
	if status.Store == credentials.SourceMemory && byPerson && s.credential.HasClient() {
		mend := ""
		if own.Store == "memory" {
			mend = "; unset VALET_STORE for the keyring, or set VALET_STORE=file"
		}
		return fmt.Errorf("%s: a sign-in would be lost when this command ends: %s%s", s.Name, status.StoreNote, mend)
	}
	if status.SignedIn && byPerson && !options.again && !options.change {
		if works, err := a.stillWorks(ctx, s); works || err != nil {
			return err
		}
	}
	signIn := s.credential.SignIn
	if options.change {
		signIn = s.credential.SwitchAccount
	}
	err = a.approve(ctx, s, own, options, signIn)
	if errors.Is(err, credentials.ErrOtherFlow) {
		a.complain("valetkey: %v", err)
		err = a.approve(ctx, s, own, options, signIn)
	}
	if err != nil {
		return err
	}
	if err := a.sayKept(ctx, s, own, options); err != nil {
		return err
	}
	if status.Key {
		a.sayReplaced("the key before", s.at.KeysURL)
	}
	return nil
}

// approve begins a sign-in and waits until a person has approved it.
func (a *app) approve(ctx context.Context, s service, own settings, options loginOptions, signIn func(context.Context) (*credentials.SignInRequired, error)) error {
	required, err := signIn(ctx)
	if err != nil {
		return err
	}
	a.showSignIn(required, options)
	// Whether a browser was opened the command doesn't say itself.
	if open := browserFor(own, plainLog(a.err, own.level(slog.LevelInfo))); open != nil && !options.noBrowser {
		open(required.VerificationURI)
	}
	return a.waitForApproval(ctx, s, required)
}

// sayKept says whose the token is, and where.
func (a *app) sayKept(ctx context.Context, s service, own settings, options loginOptions) error {
	status, err := s.credential.Status(ctx)
	if err != nil {
		return err
	}
	if status.Source == credentials.SourceMemory {
		return fmt.Errorf("%s: signed in, but the token will be lost when this command ends: %s", s.Name, status.StoreNote)
	}
	a.say("Signed in to %s%s. The token is in %s.", s.Title, asAccount(status.Account), place(status, s, own))
	if status.StoreNote != "" {
		a.say("Note that %s.", status.StoreNote)
	}
	needs := slices.DeleteFunc(hostNeeds(s, own), a.isBorrowed)
	if options.needs != nil {
		*options.needs = append(*options.needs, needs...)
		return nil
	}
	a.sayNeeds("it", needs)
	return nil
}

// sayNeeds says what a host has to be given to find what was kept.
func (a *app) sayNeeds(what string, needs []string) {
	if len(needs) > 0 {
		a.say("Hosts find %s with the same in their env:\n  %s", what, strings.Join(needs, "\n  "))
	}
}

// place says where a person would find the token.
func place(status credentials.Status, s service, own settings) string {
	if status.Store == credentials.SourceSealed {
		return fmt.Sprintf("a sealed file in %s", own.folder().Path)
	}
	return fmt.Sprintf("the %s, entry %q of %q", status.Store, s.credential.Name(), own.Keyring)
}

// stillWorks asks the service whether the token at hand is good. Only its own
// refusal counts as no; without an answer nobody is asked to sign in afresh.
func (a *app) stillWorks(ctx context.Context, s service) (bool, error) {
	account, err := s.credential.Identify(ctx)
	var required *credentials.SignInRequired
	switch {
	case errors.As(err, &required):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s: there is a token, but it can't be checked: %w; to sign in afresh, run: %s --again", s.Name, err, s.credential.LoginCommand())
	}
	if !s.credential.HasClient() {
		a.say("The key that is kept for %s works%s. To give another, run: %s", s.Title, asAccount(account), s.credential.LoginCommand())
		return true, nil
	}
	a.say("Already signed in to %s%s. To sign in afresh, run: %s --again", s.Title, asAccount(account), s.credential.LoginCommand())
	return true, nil
}

func asAccount(account string) string {
	if account == "" {
		return ""
	}
	return " as " + account
}

const waitingText = "\rWaiting for the approval: %2d:%02d left. Ctrl-C to stop. "

// waitForApproval waits until the sign-in has ended and, on a terminal, counts
// down what is left of the code's life.
func (a *app) waitForApproval(ctx context.Context, s service, required *credentials.SignInRequired) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	// A line that changes every second is no use to who has it read out, or to a
	// terminal that can't.
	counting := isTerminal(a.out) && os.Getenv("TERM") != "dumb"
	if !counting {
		a.say("Waiting for the approval, until %s.", required.Expiry.Local().Format(time.RFC3339))
	}
	for {
		if counting {
			left := time.Until(required.Expiry).Round(time.Second)
			fmt.Fprintf(a.out, waitingText, int(left.Minutes()), int(left.Seconds())%60)
		}
		select {
		case <-required.Done():
			a.endCountdown(counting)
			return required.Err()
		case <-ctx.Done():
			s.credential.CancelSignIn()
			a.endCountdown(counting)
			if required.Err() == nil {
				// The approval came first.
				return nil
			}
			return errors.New("the sign-in was stopped; nothing has been stored")
		case <-tick.C:
		}
	}
}

func (a *app) endCountdown(counting bool) {
	if counting {
		// Not every console knows the sequence that clears a line.
		fmt.Fprint(a.out, "\r"+strings.Repeat(" ", len(waitingText)+8)+"\r")
	}
}
