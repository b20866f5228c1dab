package cli

import (
	"cmp"
	"errors"
	"fmt"
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

// settings are valetkey's own variables. Their prefix is VALET, since some
// hosts drop variables with KEY in their name.
type settings struct {
	Store, Browser, Keyring, Dir string
	// Services is read by chosen, which is there without the other settings.
	Services string

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
	path := s.base()
	if path != "" && s.Keyring != credentials.KeyringName {
		path = filepath.Join(path, s.Keyring)
	}
	folder := &credentials.Folder{Path: path}
	if s.Store == "auto" || s.Store == "keyring" {
		folder.Beside = credentials.BesideKeyring(s.Keyring)
	}
	return folder
}

// base is the directory above those folders; "" if there is no place for one.
func (s settings) base() string {
	if parent, err := os.UserConfigDir(); s.Dir == "" && err == nil {
		return filepath.Join(parent, credentials.KeyringName)
	}
	return s.Dir
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

// selection is which tools a person wants: what is said of one service comes
// before what is said of all.
func (s settings) selection(given credentials.Settings) tools.Selection {
	return tools.Selection{
		Shared:   given.Toolsets == "",
		Toolsets: credentials.Words(strings.ToLower(cmp.Or(given.Toolsets, credentials.Given(s.Toolsets)))),
		Patterns: credentials.Words(credentials.Given(s.Tools)),
	}
}
