package cli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kelseyhightower/envconfig"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
	"github.com/valetkey/valetkey/trace"
)

// settings are valetkey's own variables. Their prefix is VALET, since some
// hosts drop variables with KEY in their name.
type settings struct {
	Store, Browser, Keyring, Dir string
	// Services is read by chosen, which is there without the other settings.
	Services string

	Toolsets, Tools, Repos string
	// Role and Grant are layers of a [policy.Policy].
	Role, Grant string
	MaxTokens   string `split_words:"true"`
	// Log is one of [levels], or "".
	Log string
	// Confirm is a [gate.Confirm].
	Confirm string
	// Audit is one of on, off and required, and AuditArgs 1 or nothing.
	Audit     string
	AuditArgs string `split_words:"true"`
	// auditMode is Audit, or the usual.
	auditMode string
	// dirFault is why there is no place for the log; see [onlyAudit].
	dirFault error
	// These are numbers.
	WritesPerMinute  string `split_words:"true"`
	WritesPerSession string `split_words:"true"`
	// maxAnswer is MaxTokens in bytes.
	maxAnswer int
	// telemetry says where traces go, and telemetryFault why they go nowhere.
	telemetry      trace.Config
	telemetryFault error
	// rules are what every service's requests are held against.
	rules *gate.Rules

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
// is, out of the environment, whatever else is wrong with them. With an error come
// those about the log.
func loadSettings() (settings, error) {
	s, err := readSettings()
	if err != nil {
		return onlyAudit(), err
	}
	return s, nil
}

func readSettings() (settings, error) {
	var s settings
	err := envconfig.Process("valet", &s)
	var left error
	s.telemetry, s.telemetryFault, left = readTelemetry()
	if err := errors.Join(err, left, credentials.TakeOut("VALET_PROXY", "VALET_PASSPHRASE_FILE", "VALET_PASSPHRASE_COMMAND")); err != nil {
		return settings{}, fmt.Errorf("reading the VALET_ variables: %w", err)
	}
	s.Store, s.Browser = word(s.Store), word(s.Browser)
	s.Log = strings.ToLower(credentials.Given(s.Log))
	s.auditMode, s.AuditArgs = auditModeOf(s.Audit), credentials.Given(s.AuditArgs)
	s.Keyring = cmp.Or(credentials.Given(s.Keyring), credentials.KeyringName)
	if err := s.findPaths(); err != nil {
		return settings{}, err
	}
	if s.maxAnswer, err = bytesOf(credentials.Given(s.MaxTokens)); err != nil {
		return settings{}, err
	}
	if s.rules, err = s.makeRules(); err != nil {
		return settings{}, err
	}
	if _, err := s.policyOf("", ""); err != nil {
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

// levels are the words of VALET_LOG.
func levels() map[string]slog.Level {
	return map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
}

// level is that of VALET_LOG, or the usual one.
func (s settings) level(usual slog.Level) slog.Level {
	if level, given := levels()[s.Log]; given {
		return level
	}
	return usual
}

func (s settings) check() error {
	_, isLevel := levels()[s.Log]
	switch {
	case s.Log != "" && !isLevel:
		return fmt.Errorf("VALET_LOG=%.60q is not one of debug, info, warn, error", s.Log)
	case s.Browser != "auto" && s.Browser != "never":
		return fmt.Errorf("VALET_BROWSER=%q is neither auto nor never", s.Browser)
	case s.auditMode != auditOn && s.auditMode != auditOff && s.auditMode != auditRequired:
		return fmt.Errorf("VALET_AUDIT=%.60q is not one of on, off, required", s.Audit)
	case s.AuditArgs != "" && s.AuditArgs != "0" && s.AuditArgs != "1":
		return fmt.Errorf("VALET_AUDIT_ARGS=%.60q is neither 0 nor 1", s.AuditArgs)
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
func (s settings) selection(service string, given credentials.Settings) tools.Selection {
	return tools.Selection{
		Variable: strings.ToUpper(service) + "_TOOLSETS",
		Shared:   given.Toolsets == "",
		Toolsets: credentials.Words(strings.ToLower(cmp.Or(given.Toolsets, credentials.Given(s.Toolsets)))),
		Patterns: credentials.Words(credentials.Given(s.Tools)),
	}
}
