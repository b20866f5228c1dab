package credentials

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kelseyhightower/envconfig"

	"github.com/valetkey/valetkey/oauth"
)

// maxAccount keeps the name of an entry short enough for every keyring.
const maxAccount = 64

// Settings are one service's environment variables, read by envconfig with
// the service's name as the prefix: GITHUB_TOKEN, GITHUB_CLIENT_ID and so on.
// Every field is a string or a Secret, because envconfig prints the value of a
// variable it cannot convert.
type Settings struct {
	Token        oauth.Secret
	TokenFile    string       `split_words:"true"`
	TokenCommand string       `split_words:"true"`
	ClientID     string       `split_words:"true"`
	ClientSecret oauth.Secret `split_words:"true"`
	Scopes       string
	Toolsets     string
	// Role is one of package policy's, and Paths are patterns of it.
	Role, Paths string
	Account     string
	Host        string
	// Tenant is the organization that a provider signs people in for.
	Tenant string
	// Flow is auto, device or loopback, RedirectPort the only port for the last, and
	// Grant client_credentials where no person signs in (RFC 6749 §4.4).
	Flow         string
	RedirectPort string `split_words:"true"`
	Grant        string
	// Issuer is the authorization server of a service that has no endpoints
	// built in; whoever makes the [Service] puts it there.
	Issuer string
	// Audience (Auth0's parameter) and Resource (RFC 8707, several are separated
	// like scopes) are the APIs a token is asked for.
	Audience string
	Resource string

	// What a service is described by that isn't built in, or is elsewhere. An API
	// key goes into TokenHeader, behind TokenScheme.
	API              struct{ URL string }
	AuthorizationURL string `split_words:"true"`
	DeviceURL        string `split_words:"true"`
	TokenURL         string `split_words:"true"`
	RevocationURL    string `split_words:"true"`
	TokenHeader      string `split_words:"true"`
	TokenScheme      string `split_words:"true"`

	// KeyVariable is the variable Token was read from.
	KeyVariable string `ignored:"true"`
	// Idle are the variables that would give a key, but for one that comes first.
	Idle []string `ignored:"true"`
	// Stray says which variables of the service are set that nobody reads, and what
	// was probably meant; whoever looks for them puts it there.
	Stray string `ignored:"true"`
}

// LoadSettings reads a service's variables and takes those that hold a secret,
// or say where one is, out of the environment, whatever else is wrong with them.
// keyVariables are the names an API key may have, first wins.
func LoadSettings(name string, keyVariables []string) (Settings, error) {
	var s Settings
	prefix := strings.ToUpper(name)
	err := envconfig.Process(name, &s)
	ways := append(slices.Clone(keyVariables), prefix+"_TOKEN_FILE", prefix+"_TOKEN_COMMAND")
	s.Token, s.KeyVariable = firstKey(keyVariables)
	s.Idle = allButFirst(ways)
	secret := append(ways, prefix+"_CLIENT_SECRET")
	if err := errors.Join(err, TakeOut(secret...)); err != nil {
		return Settings{}, fmt.Errorf("%s: reading the %s_ variables: %w", name, prefix, err)
	}
	for _, text := range []*string{
		&s.TokenFile, &s.TokenCommand, &s.ClientID, &s.Scopes, &s.Toolsets, &s.Role, &s.Paths, &s.Account, &s.Host, &s.Tenant, &s.Issuer, &s.Resource,
		&s.Flow, &s.RedirectPort, &s.Grant, &s.API.URL, &s.AuthorizationURL, &s.DeviceURL, &s.TokenURL, &s.RevocationURL, &s.Audience, &s.TokenHeader, &s.TokenScheme,
	} {
		*text = Given(*text)
	}
	s.Flow, s.Grant = strings.ToLower(s.Flow), strings.ToLower(s.Grant)
	s.ClientSecret = oauth.NewSecret(Given(s.ClientSecret.Reveal()))
	if s.TokenFile, err = Path(prefix+"_TOKEN_FILE", s.TokenFile); err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, s.Check(name)
}

// HasKey reports whether there is an API key, or a way to one.
func (s Settings) HasKey() bool {
	return s.KeyVariable != "" || s.TokenFile != "" || s.TokenCommand != ""
}

func firstKey(variables []string) (key oauth.Secret, variable string) {
	for _, variable := range variables {
		if key := Given(os.Getenv(variable)); key != "" {
			return oauth.NewSecret(key), variable
		}
	}
	return oauth.Secret{}, ""
}

// allButFirst answers which variables are set, but for the first that is.
func allButFirst(variables []string) []string {
	given := slices.DeleteFunc(slices.Clone(variables), func(variable string) bool { return Given(os.Getenv(variable)) == "" })
	if len(given) == 0 {
		return nil
	}
	return given[1:]
}

// Path is Given for a variable that names a file or a directory: a ~ before the
// first slash is the home directory, since hosts start programs without a shell.
// The error names the variable, and not its value, which may be a key.
func Path(variable, value string) (string, error) {
	value = Given(value)
	rest, found := strings.CutPrefix(value, "~")
	if !found || rest == "" || !os.IsPathSeparator(rest[0]) {
		return value, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s begins with ~, and %w; write the whole path", variable, err)
	}
	return filepath.Join(home, rest), nil
}

// TakeOut takes variables out of the environment, so that no child process
// inherits them: all it can, even if one stays.
func TakeOut(variables ...string) error {
	var failed error
	for _, variable := range variables {
		if err := os.Unsetenv(variable); err != nil {
			failed = errors.Join(failed, fmt.Errorf("taking %s out of the environment: %w", variable, err))
		}
	}
	return failed
}

// Given turns what counts as unset into "": hosts pass on optional variables
// as an empty string or as the placeholder itself, such as
// ${user_config.token}, ${input:token} or $TOKEN.
func Given(value string) string {
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}") || isShellVariable(value) {
		return ""
	}
	return value
}

func isShellVariable(value string) bool {
	name, found := strings.CutPrefix(value, "$")
	return found && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// Check answers what is wrong with the settings of a service of this name, in words
// that name the variable; nil for nothing.
func (s Settings) Check(name string) error {
	switch key := s.Token.Reveal(); {
	case !usableAsHeader(key):
		return fmt.Errorf("%s: %s holds a space or a control character, which no token has; copy it again", name, s.KeyVariable)
	case strings.ContainsAny(key, `"'`):
		return fmt.Errorf("%s: %s holds quotes, which no token has; leave them out", name, s.KeyVariable)
	case len(key) > maxKeySize:
		return fmt.Errorf("%s: %s holds more than %d bytes, so not a token", name, s.KeyVariable, maxKeySize)
	}
	if strings.ContainsFunc(s.ClientID, unicode.IsSpace) {
		return fmt.Errorf("%s: %s_CLIENT_ID is not a client id: it holds a space", name, strings.ToUpper(name))
	}
	for _, scope := range Words(s.Scopes) {
		if !usableScope.MatchString(scope) {
			return fmt.Errorf("%s: %s_SCOPES: %.60q is not a scope; separate scopes by spaces or commas: repo, gist", name, strings.ToUpper(name), scope)
		}
	}
	if err := CheckAccount(s.Account); err != nil {
		return fmt.Errorf("%s: %s_ACCOUNT: %w", name, strings.ToUpper(name), err)
	}
	return errors.Join(s.checkFlow(name), s.checkIssuer(name))
}

// checkFlow makes sure that the words of these variables are known.
func (s Settings) checkFlow(name string) error {
	prefix := strings.ToUpper(name)
	if port, err := strconv.Atoi(s.RedirectPort); s.RedirectPort != "" && (err != nil || port < 1 || port > 65535) {
		return fmt.Errorf("%s: %s_REDIRECT_PORT is not a port; write a number from 1 to 65535", name, prefix)
	}
	if flows := []string{"", "auto", "device", "loopback"}; !slices.Contains(flows, s.Flow) {
		return fmt.Errorf("%s: %s_FLOW=%.60q is none of auto, device and loopback", name, prefix, s.Flow)
	}
	if strings.Contains(s.Grant, ":") {
		return fmt.Errorf("%s: %s_GRANT=%.60q isn't known: it is for client_credentials; what the tools may do stands in VALET_GRANT, for all services", name, prefix, s.Grant)
	}
	if grants := []string{"", "client_credentials"}; !slices.Contains(grants, s.Grant) {
		return fmt.Errorf("%s: %s_GRANT=%.60q isn't known; write client_credentials, or unset it for a person's sign-in", name, prefix, s.Grant)
	}
	return nil
}

func (s Settings) checkIssuer(name string) error {
	if s.Issuer != "" {
		err := CheckAddress(s.Issuer)
		if err == nil {
			err = oauth.CheckIssuer(s.Issuer)
		}
		if err != nil {
			return fmt.Errorf("%s: %s_ISSUER: %w", name, strings.ToUpper(name), err)
		}
	}
	for _, resource := range Words(s.Resource) {
		if address, err := url.Parse(resource); err != nil || !address.IsAbs() || strings.Contains(resource, "#") {
			return fmt.Errorf("%s: %s_RESOURCE is not the whole address of an API; write it like https://api.example.com/", name, strings.ToUpper(name))
		}
	}
	return nil
}

// CheckAddress answers nil for an address that a variable may hold: https, or http
// on this machine. The error shows what was given up to the host, since what is
// before or behind that may be a secret, and what to write instead.
func CheckAddress(given string) error {
	if oauth.CheckAddress(given) == nil {
		return nil
	}
	scheme := schemeOf.FindString(given)
	host := given[len(scheme):]
	rest := ""
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host, rest = host[:end], "/…"
	}
	better := "https://"
	if oauth.CheckAddress("http://"+host) == nil {
		better = "http://"
	}
	switch {
	case strings.Contains(given, "@"):
		return errors.New("it has a user name in it; leave that out")
	case oauth.CheckAddress(better+host) != nil:
		return fmt.Errorf("%.100q is not an address; write it like https://api.example.com/v1", scheme+host+rest)
	case !strings.Contains(scheme, "://"):
		return fmt.Errorf("%.100q has no https:// before it; write %s", scheme+host+rest, better+host+rest)
	}
	return fmt.Errorf("%.100q is neither https nor http on this machine; write %s", scheme+host+rest, better+host+rest)
}

// schemeOf finds that of an address, also a mistyped http.
var schemeOf = regexp.MustCompile(`(?i)^([a-z0-9+.-]+://|https?[:/]+)`)

// usableScope is less than RFC 6749 §3.3 allows, which is all that is printed but
// quotes and backslashes: no provider's scope holds the rest, and people take
// semicolons and plus signs for separators.
var usableScope = regexp.MustCompile(`^[A-Za-z0-9:/._*~-]+$`)

// CheckAccount answers nil for a name that a second account may have here; ""
// is the first one.
func CheckAccount(name string) error {
	if len(name) > maxAccount {
		return fmt.Errorf("an account's name has at most %d bytes", maxAccount)
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@", r) {
			return errors.New("an account's name may hold letters, digits and -_.@ only")
		}
	}
	return nil
}

// Words splits a list in a variable at commas and spaces.
func Words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// scopes answers the scopes to ask for, sorted: those of the variable, which
// separates them by commas or spaces, else the service's.
func (s Settings) scopes(service Service) []string {
	asked := Words(s.Scopes)
	if len(asked) == 0 {
		asked = slices.Clone(service.Scopes)
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

// redirectPort is checked by then.
func (s Settings) redirectPort() int {
	port, _ := strconv.Atoi(s.RedirectPort)
	return port
}

// audience answers the APIs to ask for, in one line; "" for none.
func (s Settings) audience() string {
	return strings.Join(append(Words(s.Audience), Words(s.Resource)...), " ")
}

func (s Settings) clientID(service Service) string {
	if s.ClientID != "" {
		return s.ClientID
	}
	return service.ClientID
}

func usableAsHeader(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r > unicode.MaxASCII })
}
