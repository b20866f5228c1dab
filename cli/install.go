package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/hosts"
)

type installOptions struct {
	dryRun, yes, uninstall, undo, adopt bool
	// areNamed says that the person has named the hosts.
	areNamed bool
}

func (a *app) installCommand() *cobra.Command {
	var options installOptions
	command := &cobra.Command{
		Use:   "install [host...]",
		Short: "Put valetkey into the hosts on this machine",
		Long: "Put valetkey into the configuration of the hosts that are named, or of all that are found here.\n" +
			"Each change is shown first, and made once you agree; the file as it was is kept. Everything else in it\n" +
			"stays as it is, and no secret is written. The variables that are set now go along, such as GITHUB_CLIENT_ID.\n" +
			"\n" +
			"Hosts: " + strings.Join(hostNames(hosts.All()), ", ") + ".",
		Example: "  valetkey install                     every host that is found\n" +
			"  valetkey install cursor --dry-run    show what would change\n" +
			"  valetkey install --adopt             move tokens that lie in those files into the keyring\n" +
			"  valetkey install --undo              take back what the last run has done",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return hostNames(hosts.All()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.install(ctx, args, options)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.dryRun, "dry-run", false, "show what would change, and change nothing")
	flags.BoolVarP(&options.yes, "yes", "y", false, "ask nothing")
	flags.BoolVar(&options.uninstall, "uninstall", false, "take valetkey out again")
	flags.BoolVar(&options.undo, "undo", false, "take back what the last run has done, or the last change to the hosts that are named")
	flags.BoolVar(&options.adopt, "adopt", false, "move the tokens of known services that lie in those files into the keyring, and let valetkey take the place of their servers")
	return command
}

func hostNames(all []hosts.Host) []string {
	var names []string
	for _, host := range all {
		names = append(names, host.Name)
	}
	return names
}

// installation is one run of install.
type installation struct {
	*app
	installOptions
	own    settings
	opened []service
	// extra are those of opened that only this run has opened.
	extra   []service
	backups hosts.Backups
	// written are the files that were changed, and notes are said at the end.
	written []string
	notes   []string
	// done, failed and idle count hosts; idle are those with nothing to do.
	done, failed, idle int
}

func (a *app) install(ctx context.Context, names []string, options installOptions) error {
	if options.undo && options.uninstall || options.adopt && (options.undo || options.uninstall) {
		return usage("--adopt, --uninstall and --undo are for different things; use one of them")
	}
	options.areNamed = len(names) > 0
	machine, err := hosts.ThisMachine()
	if err != nil {
		return err
	}
	places, err := chosenPlaces(machine, names, options)
	if err != nil {
		return err
	}
	if !options.yes && !options.dryRun && !a.isAttended() {
		return usage("nobody can be asked here; see what would change with --dry-run, and make it so with --yes")
	}
	if options.undo || options.uninstall {
		a.borrowOnly("VALET_DIR", "VALET_KEYRING")
		own, err := loadSettings()
		if err != nil {
			return err
		}
		return a.installWith(ctx, places, options, nil, own)
	}
	return a.withServices(setup{interactive: true}, func(ctx context.Context, opened []service, own settings) error {
		if err := errors.Join(faultsOf(opened)...); err != nil {
			return err
		}
		return a.installWith(ctx, places, options, opened, own)
	})
}

func (a *app) installWith(ctx context.Context, places []hosts.Place, options installOptions, opened []service, own settings) error {
	run := &installation{app: a, installOptions: options, own: own, opened: opened}
	run.backups = hosts.Backups{Folder: filepath.Join(own.folder().Path, "backups"), Time: time.Now()}
	if !options.dryRun {
		if _, err := own.folder().Make("backups"); err != nil {
			return err
		}
	}
	defer func() { closeAll(run.extra) }()
	return run.work(ctx, places)
}

// isAttended reports whether a person can be asked.
func (a *app) isAttended() bool { return isTerminal(a.in) && isTerminal(a.out) }

// chosenPlaces are those that a person has named, else those that are there.
func chosenPlaces(machine hosts.Machine, names []string, options installOptions) ([]hosts.Place, error) {
	all := machine.Places(hosts.All())
	isNamed := func(p hosts.Place, name string) bool {
		return strings.EqualFold(p.Name, name) || strings.EqualFold(p.Title, name)
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(p hosts.Place) bool { return isNamed(p, name) }) {
			return nil, usage("there is no host %.60q; known: %s", name, strings.Join(hostNames(hosts.All()), ", "))
		}
	}
	chosen := slices.DeleteFunc(all, func(p hosts.Place) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return isNamed(p, name) }) || len(names) == 0 && !p.IsPresent && !options.undo
	})
	if len(chosen) == 0 {
		return nil, usage("no host was found; name one that you know is here: %s", strings.Join(hostNames(hosts.All()), ", "))
	}
	return chosen, nil
}

func (i *installation) work(ctx context.Context, places []hosts.Place) error {
	var err error
	switch {
	case i.undo:
		err = i.undoAll(ctx, places, i.areNamed)
	case i.uninstall:
		err = i.eachHost(ctx, places, takeOut, nil)
	default:
		err = i.putIn(ctx, places)
	}
	if err == nil && i.failed > 0 {
		err = &exitError{exitFailed}
	}
	return err
}

// eachHost changes the files one by one. One that can't be changed holds up no other.
func (i *installation) eachHost(ctx context.Context, places []hosts.Place, edit func(*hosts.Config) error, hide func(string) string) error {
	for _, place := range places {
		config, err := place.Read()
		if err == nil {
			err = edit(config)
		}
		if err == nil {
			err = i.apply(ctx, config, hide)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			i.failed++
			i.complain("valetkey: %s: %v", place.Title, err)
		}
	}
	return nil
}

// agreeUnlessYes asks, unless --yes has answered already.
func (i *installation) agreeUnlessYes(ctx context.Context, question string) (bool, error) {
	if i.yes {
		return true, nil
	}
	return i.agree(ctx, question)
}

// takeOut removes valetkey's entry.
func takeOut(config *hosts.Config) error {
	if _, there := config.Server(hosts.Entry); !there {
		return nil
	}
	return config.Remove(hosts.Entry)
}

// apply shows a change, asks and writes it.
func (i *installation) apply(ctx context.Context, config *hosts.Config, hide func(string) string) error {
	if !config.IsChanged() {
		i.idle++
		i.say("%s: nothing to do in %s.", config.Title, config.File)
		return nil
	}
	i.say("%s: %s", config.Title, config.File)
	i.sayChange(config.Shown())
	if i.dryRun {
		return nil
	}
	agreed, err := i.agreeUnlessYes(ctx, "Write this?")
	if err != nil || !agreed {
		return err
	}
	if err := i.backups.Write(config, hide); err != nil {
		return err
	}
	i.done++
	i.written = append(i.written, config.File)
	if i.uninstall {
		i.say("%s: done.", config.Title)
	} else {
		i.say("%s: done. %s", config.Title, config.Next)
	}
	return nil
}

// undoAll takes back what the latest run has done, or the latest change to each of
// the hosts that are named.
func (i *installation) undoAll(ctx context.Context, places []hosts.Place, areNamed bool) error {
	if !areNamed {
		latest := i.backups.Latest(hosts.All())
		places = slices.DeleteFunc(places, func(p hosts.Place) bool {
			return !slices.Contains(hostNames(latest), p.Name)
		})
	}
	for _, place := range places {
		if err := i.undoOne(ctx, place); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			i.failed++
			i.complain("valetkey: %v", err)
		}
	}
	if len(places) == 0 {
		i.say("There is nothing to undo.")
	}
	return nil
}

func (i *installation) undoOne(ctx context.Context, place hosts.Place) error {
	undoing, err := i.backups.Undo(place)
	if err != nil {
		return err
	}
	what, question := "as it was", "Put it back as it was?"
	switch {
	case undoing.IsIdle:
		what = "already as it was"
	case undoing.IsRemoved:
		what, question = "gone, as it was", "It wasn't there before. Remove it?"
	case undoing.IsPartial:
		what = "as it was, but for the tokens that were adopted: where they stood, the file says so"
	}
	i.say("%s: %s", place.Title, undoing.File)
	if i.dryRun {
		i.say("%s: it would be %s.", place.Title, what)
		return nil
	}
	if agreed, err := i.agreeUnlessYes(ctx, question); err != nil || !agreed {
		return err
	}
	if err := undoing.Write(); err != nil {
		return err
	}
	i.done++
	i.say("%s: it is %s.", place.Title, what)
	return nil
}
