package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kelseyhightower/envconfig"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// githubClientID is the client id of a GitHub OAuth App to build in:
//
//	go build -ldflags "-X github.com/valetkey/valetkey/cli.githubClientID=Iv1…"
//
// It works at github.com only. GITHUB_CLIENT_ID comes before it.
var githubClientID string

// services is the table of what valetkey knows: one line each.
func services() []tools.Service {
	return []tools.Service{
		github.Service(githubClientID),
	}
}

// settings are valetkey's own variables. Their prefix is VALET, since some
// hosts drop variables with KEY in their name.
type settings struct {
	Store, Browser, Keyring, Dir string

	Toolsets, Tools, Repos string
	MaxTokens              string `split_words:"true"`
	// maxAnswer is MaxTokens in bytes.
	maxAnswer int

	Proxy  oauth.Secret
	CAFile string `split_words:"true"`

	PassphraseFile    string `split_words:"true"`
	PassphraseCommand string `split_words:"true"`
}

// folder is where locks and sealed files lie: one for each keyring name, so
// that the tokens of one never stand in the way of another's. Without a place
// for it, whoever needs it says so.
func (s settings) folder() *credentials.Folder {
	path := s.Dir
	if parent, err := os.UserConfigDir(); path == "" && err == nil {
		path = filepath.Join(parent, credentials.KeyringName)
	}
	if path != "" && s.Keyring != credentials.KeyringName {
		path = filepath.Join(path, s.Keyring)
	}
	folder := &credentials.Folder{Path: path}
	if s.Store == "auto" || s.Store == "keyring" {
		folder.Beside = credentials.BesideKeyring(s.Keyring)
	}
	return folder
}

// loadSettings reads them and takes those that hold a secret, or say where one
// is, out of the environment, whatever else is wrong with them.
func loadSettings() (settings, error) {
	var s settings
	err := envconfig.Process("valet", &s)
	if err := errors.Join(err, credentials.TakeOut("VALET_PROXY", "VALET_PASSPHRASE_FILE", "VALET_PASSPHRASE_COMMAND")); err != nil {
		return settings{}, fmt.Errorf("reading the VALET_ variables: %w", err)
	}
	s.Store, s.Browser = word(s.Store), word(s.Browser)
	s.Keyring = cmp.Or(credentials.Given(s.Keyring), credentials.KeyringName)
	if err := s.findPaths(); err != nil {
		return settings{}, err
	}
	if s.maxAnswer, err = bytesOf(credentials.Given(s.MaxTokens)); err != nil {
		return settings{}, err
	}
	if err := s.check(); err != nil {
		return settings{}, err
	}
	return s, nil
}

// findPaths expands the variables that name a file or a directory.
func (s *settings) findPaths() error {
	var dir, roots, passphrase error
	s.Dir, dir = credentials.Path("VALET_DIR", s.Dir)
	s.CAFile, roots = credentials.Path("VALET_CA_FILE", s.CAFile)
	s.PassphraseFile, passphrase = credentials.Path("VALET_PASSPHRASE_FILE", s.PassphraseFile)
	return errors.Join(dir, roots, passphrase)
}

// bytesOf answers how long a text of so many tokens is, at four bytes each; 0
// for "".
func bytesOf(tokens string) (int, error) {
	const bytesPerToken, least, most = 4, 500, 100_000
	if tokens == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(tokens)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("VALET_MAX_TOKENS=%.60q is not a number from %d to %d", tokens, least, most)
	}
	return n * bytesPerToken, nil
}

// word answers one of a setting's fixed words, in lower case.
func word(value string) string {
	return cmp.Or(strings.ToLower(credentials.Given(value)), "auto")
}

func (s settings) check() error {
	switch {
	case s.Browser != "auto" && s.Browser != "never":
		return fmt.Errorf("VALET_BROWSER=%q is neither auto nor never", s.Browser)
	case s.Dir != "" && !filepath.IsAbs(s.Dir):
		return fmt.Errorf("VALET_DIR=%.200q is not a whole path; hosts start in directories of their own", s.Dir)
	case strings.ContainsAny(s.Keyring, "/\\:") || strings.Trim(s.Keyring, ".") == "":
		return fmt.Errorf("VALET_KEYRING=%q is not a name: it may hold no slash, backslash or colon", s.Keyring)
	case credentials.Given(s.Repos) != "" && len(s.repositories()) == 0:
		return errors.New("VALET_REPOS holds no repository; write it like octocat/*, or unset it")
	}
	return github.CheckRepositories(s.repositories())
}

// repositories are the only ones the tools may touch; none: all.
func (s settings) repositories() []string {
	return credentials.Words(credentials.Given(s.Repos))
}

// network is the way to all servers. Hosts strip HTTPS_PROXY and SSL_CERT_FILE
// from the environment, so there are variables of valetkey's own.
func (s settings) network() (oauth.Network, error) {
	var way oauth.Network
	var err error
	if way.Proxy, err = oauth.ParseProxy(oauth.NewSecret(credentials.Given(s.Proxy.Reveal()))); err != nil {
		return way, fmt.Errorf("VALET_PROXY: %w", err)
	}
	if s.CAFile == "" {
		return way, nil
	}
	if way.Roots, err = oauth.ReadRoots(s.CAFile); err != nil {
		return way, fmt.Errorf("VALET_CA_FILE=%.200q can't be used: %w; give it a PEM file of certificates, or unset it", s.CAFile, err)
	}
	return way, nil
}

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
		if err == nil {
			err = s.offer(own)
		}
		if err != nil {
			return nil, own, err
		}
		opened = append(opened, s)
	}
	return opened, own, nil
}

// loadedService is a table entry and what a person has set for it.
type loadedService struct {
	tools.Service
	given credentials.Settings
}

func loadServices() (all []loadedService, failed error) {
	for _, entry := range services() {
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
	at, err := loaded.At(loaded.given.Host)
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

// offer makes the tools a person has selected, signed in by the service's
// credential, which asks for no more than they need.
func (s *service) offer(own settings) error {
	about := func(ctx context.Context) (string, error) {
		status, err := s.credential.Status(ctx)
		return status.Describe(), err
	}
	all := s.Offer(tools.Setup{API: s.credential.Client(), At: s.at, About: about, Repositories: own.repositories(), MaxAnswer: own.maxAnswer, Version: version()})
	selected, err := own.selection(s.options.Settings).Of(all, s.Toolsets)
	if err != nil {
		return fmt.Errorf("%s: %w", s.selectedBy(err), err)
	}
	s.offered, s.options.Service.Scopes = selected.Limited(own.maxAnswer, s.credential.Mask), tools.ScopesOf(selected.Tools)
	s.credential.Service.Scopes = s.options.Service.Scopes
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

// selection is which tools a person wants: what is said of one service comes
// before what is said of all.
func (s settings) selection(given credentials.Settings) tools.Selection {
	return tools.Selection{
		Toolsets: credentials.Words(strings.ToLower(cmp.Or(given.Toolsets, credentials.Given(s.Toolsets)))),
		Patterns: credentials.Words(credentials.Given(s.Tools)),
	}
}

func closeAll(opened []service) {
	for _, s := range opened {
		s.credential.Close()
	}
}

func allOffered(opened []service) tools.Offer {
	var all tools.Offer
	for _, s := range opened {
		all = all.And(s.offered)
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
	for _, entry := range services() {
		at, err := entry.At("")
		if err != nil {
			continue
		}
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
		return service{}, usage("name a service: %s", joinNames())
	}
	return service{}, usage("there is no service %.100q; known: %s", name, joinNames())
}

// instructions tell a model how the tools behave, in less than 2 KB, where
// some hosts cut.
func instructions(offered tools.Offer) string {
	text := "The tools work before sign-in: one that needs it answers with a link and a code. " +
		"Show both to the person word for word; when they say it is approved, call the same tool again. " +
		"Never ask for a token or password. A sign-in is kept for later."
	for _, instruction := range offered.Instructions {
		text += "\n" + instruction.Text
	}
	return text
}
