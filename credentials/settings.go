package credentials

import (
	"fmt"
	"os"
	"slices"
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
	Account      string
	Host         string

	// KeyVariable is the variable Token was read from.
	KeyVariable string `ignored:"true"`
}

// LoadSettings reads a service's variables and takes those that hold a secret
// out of the environment, so that no child process inherits them.
// keyVariables are the names an API key may have, first wins.
func LoadSettings(name string, keyVariables []string) (Settings, error) {
	var s Settings
	if err := envconfig.Process(name, &s); err != nil {
		return Settings{}, fmt.Errorf("%s: reading the %s_ variables: %w", name, strings.ToUpper(name), err)
	}
	for _, text := range []*string{&s.TokenFile, &s.TokenCommand, &s.ClientID, &s.Scopes, &s.Account, &s.Host} {
		*text = given(*text)
	}
	s.ClientSecret = oauth.NewSecret(given(s.ClientSecret.Reveal()))
	s.Token = oauth.Secret{}
	for _, variable := range keyVariables {
		if key := given(os.Getenv(variable)); key != "" && s.Token.IsZero() {
			s.Token, s.KeyVariable = oauth.NewSecret(key), variable
		}
	}
	for _, variable := range append(slices.Clone(keyVariables), strings.ToUpper(name)+"_CLIENT_SECRET") {
		if err := os.Unsetenv(variable); err != nil {
			return Settings{}, fmt.Errorf("%s: taking %s out of the environment: %w", name, variable, err)
		}
	}
	return s, s.check(name)
}

// Given answers a variable's value, or "" for what counts as unset: hosts pass
// on optional variables as an empty string or as the placeholder itself, such
// as ${user_config.token} or ${input:token}.
func Given(value string) string { return given(value) }

func given(value string) string {
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}") {
		return ""
	}
	return value
}

func (s Settings) check(name string) error {
	if !s.Token.IsZero() && !usableAsHeader(s.Token.Reveal()) {
		return fmt.Errorf("%s: %s holds a space or a control character, which no token has; copy it again", name, s.KeyVariable)
	}
	if len(s.Account) > maxAccount {
		return fmt.Errorf("%s: %s_ACCOUNT is longer than %d bytes", name, strings.ToUpper(name), maxAccount)
	}
	for _, r := range s.Account {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@", r) {
			return fmt.Errorf("%s: %s_ACCOUNT may hold letters, digits and -_.@ only", name, strings.ToUpper(name))
		}
	}
	return nil
}

// scopes answers the scopes to ask for, sorted: those of the variable, which
// separates them by commas or spaces, else the service's.
func (s Settings) scopes(service Service) []string {
	asked := strings.FieldsFunc(s.Scopes, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(asked) == 0 {
		asked = slices.Clone(service.Scopes)
	}
	slices.Sort(asked)
	return slices.Compact(asked)
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
