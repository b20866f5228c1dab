package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
	"github.com/valetkey/valetkey/tools/services"
)

// githubClientID is the client id of a GitHub OAuth App to build in:
//
//	go build -ldflags "-X github.com/valetkey/valetkey/cli.githubClientID=Iv1…"
//
// It works at github.com only. GITHUB_CLIENT_ID comes before it.
var githubClientID string

// builtIn is the table of what valetkey knows: one line each.
func builtIn() []tools.Service {
	return []tools.Service{
		github.Service(githubClientID),
		services.GitLab(),
		services.Google(),
		services.HuggingFace(),
		services.Sentry(),
	}
}

// chosen are the services that VALET_SERVICES names, in its order: one at least,
// and what is wrong with the names of others.
func chosen() (all []tools.Service, failed error) {
	known := builtIn()
	for _, name := range credentials.Words(strings.ToLower(credentials.Given(os.Getenv(servicesVariable)))) {
		isNamed := func(s tools.Service) bool { return s.Name == name }
		if slices.ContainsFunc(all, isNamed) {
			continue
		}
		if i := slices.IndexFunc(known, isNamed); i >= 0 {
			all = append(all, known[i])
			continue
		}
		custom, err := services.Custom(name)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w; built in: %s", servicesVariable, err, joinNames(known)))
			continue
		}
		all = append(all, custom)
	}
	if len(all) == 0 {
		all = known[:1]
	}
	return all, failed
}

const servicesVariable = "VALET_SERVICES"

// service is a table entry at work: at its host, with its credential.
type service struct {
	tools.Service
	at         credentials.Service
	options    credentials.Options
	credential *credentials.Credential
	// offered is what a person has selected.
	offered tools.Offer
}

// forAccount is the same service for another account.
func (s service) forAccount(name string) service {
	s.options.Settings.Account = name
	s.credential = credentials.New(s.options)
	return s
}

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
	// account comes before the one the environment names.
	account string
	log     *slog.Logger
}

// open builds every service from the environment. It touches neither network
// nor keyring. All variables are read before anything can fail, so that no
// secret stays in the environment for child processes.
func (a *app) open(use setup) ([]service, settings, error) {
	own, err := loadSettings()
	loaded, failed := loadServices()
	if err := errors.Join(err, failed); err != nil {
		return nil, own, err
	}
	use.account = a.account
	if err := credentials.CheckAccount(use.account); err != nil {
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
	common := credentials.Options{Store: store, Folder: folder, Network: way, Log: use.log, SignInElsewhere: use.brief}
	var opened []service
	for _, l := range loaded {
		s, err := openService(l, common, use.account)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.offerAll(own)
		opened = append(opened, s)
	}
	if failed == nil {
		failed = selectTools(opened, own)
	}
	if failed != nil {
		return nil, own, failed
	}
	return opened, own, nil
}

// loadedService is a table entry and what a person has set for it.
type loadedService struct {
	tools.Service
	given credentials.Settings
}

func loadServices() (all []loadedService, failed error) {
	entries, failed := chosen()
	for _, entry := range entries {
		given, err := credentials.LoadSettings(entry.Name, entry.KeyVariables)
		all, failed = append(all, loadedService{entry, given}), errors.Join(failed, err)
	}
	return all, failed
}

func openStore(own settings, folder *credentials.Folder, use setup) (credentials.Store, error) {
	keyring := &credentials.Keyring{Name: own.Keyring, Interactive: use.interactive, Waiting: use.waiting, Folder: folder}
	files := &credentials.SealedFiles{Folder: folder, Passphrase: credentials.Passphrase{
		File: own.PassphraseFile, Command: own.PassphraseCommand, Ask: use.ask,
	}}
	return credentials.OpenStore(own.Store, keyring, files)
}

func openService(loaded loadedService, common credentials.Options, account string) (service, error) {
	at, err := loaded.At(loaded.given)
	if err != nil {
		return service{}, err
	}
	options := common
	options.Service, options.Settings = at, loaded.given
	if account == "" {
		account = loaded.given.Account
	}
	return service{Service: loaded.Service, at: at, options: options}.forAccount(account), nil
}

// offerAll makes all of the service's tools, signed in by its credential.
func (s *service) offerAll(own settings) {
	about := func(ctx context.Context) (string, error) {
		status, err := s.credential.Status(ctx)
		return status.Describe(), err
	}
	s.offered = s.Offer(tools.Setup{API: s.credential.Client(), At: s.at, About: about, Repositories: own.repositories(), MaxAnswer: own.maxAnswer, Version: version()})
}

// selectTools leaves the tools that a person has selected, and each credential
// asks for no more than they need.
func selectTools(opened []service, own settings) error {
	everything := make([]tools.Offer, len(opened))
	for i, s := range opened {
		everything[i] = s.offered
	}
	for i := range opened {
		s := &opened[i]
		selection := own.selection(s.options.Settings)
		selection.Others = all(slices.Delete(slices.Clone(everything), i, i+1)).Tools
		selected, err := selection.Of(s.offered, s.Toolsets)
		if err != nil {
			return fmt.Errorf("%s: %w", s.selectedBy(err), err)
		}
		s.offered, s.options.Service.Scopes = selected.Limited(own.maxAnswer, s.credential.Mask), tools.ScopesOf(selected.Tools)
		s.credential.Service.Scopes = s.options.Service.Scopes
	}
	if len(allOffered(opened).Tools) == 0 {
		return errors.New("VALET_TOOLS: no tool is left; leave out fewer")
	}
	return nil
}

// selectedBy names the variable that a selection goes wrong by.
func (s *service) selectedBy(err error) string {
	switch {
	case !errors.Is(err, tools.ErrToolset):
		return "VALET_TOOLS"
	case s.options.Settings.Toolsets != "":
		return strings.ToUpper(s.Name) + "_TOOLSETS"
	}
	return "VALET_TOOLSETS"
}

func closeAll(opened []service) {
	for _, s := range opened {
		s.credential.Close()
	}
}

func allOffered(opened []service) tools.Offer {
	var offers []tools.Offer
	for _, s := range opened {
		offers = append(offers, s.offered)
	}
	return all(offers)
}

func all(offers []tools.Offer) tools.Offer {
	var all tools.Offer
	for _, offer := range offers {
		all = all.And(offer)
	}
	return all
}

// misconfigured answers the same offer with a client that explains, at each
// call, what is wrong with the configuration. A server that doesn't start can
// tell nobody.
func misconfigured(reason error) tools.Offer {
	client := &http.Client{Transport: refusal{reason}}
	about := func(context.Context) (string, error) { return "", reason }
	var all tools.Offer
	entries, _ := chosen()
	for _, entry := range entries {
		// Where it is doesn't matter to what it offers, nor what is missing.
		at, _ := entry.At(credentials.Settings{})
		usual, err := tools.Selection{}.Of(entry.Offer(tools.Setup{API: client, At: at, About: about}), entry.Toolsets)
		if err != nil {
			continue
		}
		all = all.And(usual)
	}
	return all
}

type refusal struct{ reason error }

func (r refusal) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		request.Body.Close()
	}
	return nil, r.reason
}

// named picks the service a person has named; "" is the only one there is.
func named(opened []service, name string) (service, error) {
	if name == "" && len(opened) == 1 {
		return opened[0], nil
	}
	for _, s := range opened {
		if strings.EqualFold(s.Name, name) {
			return s, nil
		}
	}
	if name == "" {
		return service{}, usage("name a service: %s", namesOfServices(opened))
	}
	return service{}, usage("there is no service %.100q; known: %s; for others set %s", name, namesOfServices(opened), servicesVariable)
}

// instructions tell a model how the tools behave. What is over 2 KB is left out,
// since some hosts would cut there, in the middle of a sentence.
func instructions(offered tools.Offer) string {
	const most = 2000
	text := "The tools work before sign-in: one that needs it answers with a link and a code. " +
		"Show both to the person word for word; when they say it is approved, call the same tool again. " +
		"Never ask for a token or password. A sign-in is kept for later."
	for _, instruction := range offered.Instructions {
		if len(text)+len("\n")+len(instruction.Text) <= most {
			text += "\n" + instruction.Text
		}
	}
	return text
}
