package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// setup says how a command uses credentials.
type setup struct {
	// interactive: a person is there to unlock the keyring.
	interactive bool
	// waiting is called when a person should look for the keyring's prompt.
	waiting func()
	// ask asks a person for the passphrase of the file store; nil: nobody can.
	ask func(ctx context.Context, question string) (oauth.Secret, error)
	// brief: the process is gone before anybody could approve a code.
	brief bool
	// warn is given the variables that nobody reads; nil: nobody is told.
	warn func([]stray)
	log  *slog.Logger
	// borrow: what isn't set here is as hosts have it.
	borrow bool
}

// open builds every service from the environment. It touches neither network
// nor keyring. All variables are read before anything can fail, so that no
// secret stays in the environment for child processes. A service whose own
// variables are wrong says so itself; the error is about all of them, or the
// only one, and comes with them, or about valetkey's own, and comes alone.
func (a *app) open(use setup) ([]service, settings, error) {
	if use.borrow {
		a.borrow()
	}
	unread := strays(environmentNames(os.Environ()), readers(chosen()), runtime.GOOS)
	loaded, own, err := a.openAll(use, unread)
	for _, s := range loaded {
		unread = append(unread, s.unreadAddress()...)
	}
	if use.warn != nil && len(unread) > 0 {
		use.warn(unread)
	}
	return loaded, own, err
}

func (a *app) openAll(use setup, unread []stray) ([]service, settings, error) {
	own, err := loadSettings()
	loaded := loadServices(unread)
	if err != nil {
		return nil, own, errors.Join(append([]error{err}, faultsOf(loaded)...)...)
	}
	a.level.Set(own.level(a.level.Level()))
	if err := credentials.CheckAccount(a.account); err != nil {
		return nil, own, usage("--account: %v", err)
	}
	folder := own.folder()
	store, err := openStore(own, folder, use)
	if err != nil {
		return nil, own, err
	}
	way, err := own.network()
	if err != nil {
		return nil, own, err
	}
	common := credentials.Options{Store: store, Folder: folder, Network: way, Log: use.log, SignInElsewhere: use.brief, Watch: watching(use.log)}
	for i := range loaded {
		loaded[i].start(common, own, a.account)
		loaded[i].tellOf(unread)
	}
	if err := selectTools(loaded, own); err != nil {
		return nil, own, err
	}
	if faults := faultsOf(loaded); len(faults) == len(loaded) {
		return loaded, own, errors.Join(faults...)
	}
	return loaded, own, nil
}

// loadServices reads what a person has set for each of the chosen services.
func loadServices(unread []stray) []service {
	var all []service
	for _, entry := range chosen() {
		s := loadService(entry)
		s.options.Settings.Stray = listed(straysOf(s.Name, unread))
		all = append(all, s)
	}
	return all
}

// tellOf adds to what is wrong with a service which of its variables nobody reads.
func (s *service) tellOf(unread []stray) {
	if s.wrong == nil || s.options.Settings.Stray == "" {
		return
	}
	s.wrong = fmt.Errorf("%w; %s", s.wrong, s.options.Settings.Stray)
	for i := range unread {
		unread[i].told = unread[i].told || unread[i].service == s.Name
	}
}

func loadService(entry tools.Service) service {
	s := service{Service: entry}
	s.options.Settings, s.wrong = credentials.LoadSettings(entry.Name, entry.KeyVariables)
	return s
}

func faultsOf(all []service) []error {
	var faults []error
	for _, s := range all {
		if s.wrong != nil {
			faults = append(faults, s.wrong)
		}
	}
	return faults
}

// working are those whose variables make sense.
func working(all []service) []service {
	return slices.DeleteFunc(slices.Clone(all), func(s service) bool { return s.wrong != nil })
}

func openStore(own settings, folder *credentials.Folder, use setup) (credentials.Store, error) {
	keyring := &credentials.Keyring{Name: own.Keyring, Interactive: use.interactive, Waiting: use.waiting, Folder: folder}
	files := &credentials.SealedFiles{Folder: folder, Passphrase: credentials.Passphrase{
		File: own.PassphraseFile, Command: own.PassphraseCommand, Ask: use.ask,
	}}
	return credentials.OpenStore(own.Store, keyring, files)
}

// start gives a service that has been read its credential and all of its tools.
func (s *service) start(common credentials.Options, own settings, account string) {
	given := s.options.Settings
	s.options = common
	s.options.Settings = given
	if s.wrong == nil {
		s.at, s.wrong = s.At(given)
	}
	if err := s.readPolicy(own); s.wrong == nil {
		s.wrong = err
	}
	if s.wrong != nil {
		return
	}
	if account == "" {
		account = given.Account
	}
	s.options.Service = s.at
	*s = s.forAccount(account)
	about := func(ctx context.Context) (string, error) {
		status, err := s.credential.Status(ctx)
		return status.Describe(), err
	}
	s.offered = s.Offer(tools.Setup{API: s.guarded(own.rules), At: s.at, About: about, Repositories: own.repositories(), MaxAnswer: own.maxAnswer, Version: version()})
}

// selectTools leaves the tools that a person has selected, and each credential
// asks for no more than they need.
func selectTools(opened []service, own settings) error {
	everything := make([]tools.Offer, len(opened))
	for i := range opened {
		if s := &opened[i]; s.wrong != nil {
			s.offered = explaining(s.Service, s.wrong)
		}
		everything[i] = opened[i].offered
	}
	if err := checkGrant(own, opened, everything); err != nil {
		return err
	}
	for i := range opened {
		s := &opened[i]
		selection := own.selection(s.Name, s.options.Settings)
		selection.Others = all(slices.Delete(slices.Clone(everything), i, i+1)).Tools
		if err := s.choose(selection, own.maxAnswer); err != nil {
			return err
		}
	}
	if left := allOffered(opened); len(faultsOf(opened)) < len(opened) && len(left.Tools) == 0 {
		if err := lacksToolset(opened, everything); err != nil && credentials.Given(own.Tools) == "" {
			return err
		}
		if err := left.WhyNothing(); err != nil {
			return fmt.Errorf("no tool is left of those selected: %w", err)
		}
		return errors.New("VALET_TOOLS: no tool is left; leave out fewer")
	}
	return nil
}

// choose leaves the service's tools that are selected. The error is about a
// variable for all services; one of its own makes only this service wrong, whose
// usual tools then explain.
func (s *service) choose(selection tools.Selection, maxAnswer int) error {
	if s.wrong == nil {
		selected, err := selection.Of(s.offered, s.Toolsets)
		switch {
		case err == nil:
			selected = selected.Under(s.Name, s.policy)
			s.options.Service.Scopes = tools.ScopesOf(selected.Tools)
			s.credential.Service.Scopes = s.options.Service.Scopes
			s.offered = selected.Limited(maxAnswer, s.credential.Mask)
			return nil
		case errors.Is(err, tools.ErrToolset) && s.options.Settings.Toolsets != "":
			s.wrong = fmt.Errorf("%s_TOOLSETS: %w", strings.ToUpper(s.Name), err)
		case errors.Is(err, tools.ErrToolset):
			return fmt.Errorf("VALET_TOOLSETS: %w", err)
		default:
			return fmt.Errorf("VALET_TOOLS: %w", err)
		}
		s.offered = explaining(s.Service, s.wrong)
	}
	if len(s.offered.Tools) == 0 {
		// One that can't have its name has none to select from.
		return nil
	}
	selection.Toolsets = nil
	selected, err := selection.Of(s.offered, s.Toolsets)
	if err != nil {
		return fmt.Errorf("VALET_TOOLS: %w", err)
	}
	s.offered = selected.Under(s.Name, s.policy).Explaining(s.wrong)
	return nil
}
