package credentials

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Status is what a credential knows about itself without asking anybody over
// the network. It holds no secret.
type Status struct {
	Service string `json:"service"`
	// Entry is the credential's name: that of the service and, for a further
	// account, of the account.
	Entry string `json:"entry"`
	Title string `json:"title"`
	// Host is where a person signs in, and APIHost where the API is, if it has an
	// authorization server of its own beside it.
	Host     string `json:"host"`
	APIHost  string `json:"api_host,omitempty"`
	SignedIn bool   `json:"signed_in"`
	Source   Source `json:"source,omitempty"`
	Variable string `json:"variable,omitempty"`
	// Idle are the variables that give a key too, and come after Variable.
	Idle    []string   `json:"idle,omitempty"`
	Account string     `json:"account,omitempty"`
	Scopes  []string   `json:"scopes,omitempty"`
	Expiry  *time.Time `json:"expiry,omitempty"`
	// Key says that it is a key that a person has given, and that is kept.
	Key bool `json:"key,omitempty"`
	// Grant is client_credentials for a token of this program itself, which asks
	// for it when it is needed.
	Grant string `json:"grant,omitempty"`
	// Refreshable says that an expired token is renewed without a person.
	Refreshable bool `json:"refreshable"`
	// Store is where tokens of this credential are kept, and StoreNote what a
	// person should know about that.
	Store     Source  `json:"store,omitempty"`
	Outcome   Outcome `json:"store_outcome,omitempty"`
	StoreNote string  `json:"store_note,omitempty"`
	// Reason is why the token that is there can't be used, or can't be known.
	Reason string `json:"reason,omitempty"`
	// Mend is what to do when there is no usable token.
	Mend string `json:"mend,omitempty"`
}

// Status answers where the token comes from and how long it lasts. The error
// is the store's; the rest of the answer holds all the same.
func (c *Credential) Status(ctx context.Context) (Status, error) {
	s := Status{Service: c.Service.Name, Entry: c.Name(), Title: c.Service.Title}
	s.Host, s.APIHost, _ = strings.Cut(c.Service.Host, BoundTo)
	if source, variable := c.Settings.keySource(c.Service.Name); source != SourceNone {
		s.Source, s.Variable, s.Idle, s.SignedIn = source, variable, c.Settings.Idle, true
		c.step(ctx, "a variable gives the key", slog.String("variable", variable), slog.String("from", string(source)))
		if err := c.findKey(); err != nil {
			s.SignedIn = false
			s.Reason, s.Mend = Advice(err)
		}
		return s, nil
	}
	r, err := c.read(ctx)
	s.Store, s.Outcome, s.StoreNote = c.Store.Source(), OutcomeOf(err), c.Store.Note()
	if c.isMachine() && OutcomeOf(err) == Ready {
		return c.ownStatus(s, r), nil
	}
	switch {
	case errors.Is(err, ErrNotFound):
		s.Mend = c.howToSignIn()
		return s, nil
	case err == nil && r.Token.Access.IsZero():
		s.Mend = c.howToSignIn()
		return s, nil
	case err != nil:
		s.Reason, s.Mend = Advice(err)
		return s, err
	}
	s.Source, s.Account, s.Key = c.Store.Source(), r.Account, r.isKey()
	if r == c.held() {
		s.Source, s.StoreNote = SourceMemory, "the "+string(s.Store)+" has not taken the token yet, so it is held in memory"
	}
	s.Scopes, s.Expiry, s.Refreshable = granted(r), optional(r.Token.Expiry), c.isRefreshable(r.Token)
	s.SignedIn = c.usable(r) && (s.Refreshable || c.isValid(r.Token))
	if !s.SignedIn {
		s.Reason, s.Mend = c.whyNot(r, c.want()), c.howToSignIn()
		if s.Key && !c.HasClient() {
			s.Mend = "run: " + c.LoginCommand()
		}
	}
	return s, nil
}

// whyNot answers what is wrong with a token that is there.
func (c *Credential) whyNot(r *Record, want Record) string {
	if otherwise := r.otherwise(want); otherwise != "" {
		return "there is a token, but " + otherwise
	}
	switch {
	case r.SignInNeeded && r.isKey():
		return "the key that was given is refused"
	case r.SignInNeeded:
		return "the token was refused"
	}
	return "the token has expired"
}

func (c *Credential) isRefreshable(token oauth.Token) bool {
	return !token.Refresh.IsZero() && (token.RefreshExpiry.IsZero() || c.Now().Before(token.RefreshExpiry))
}

// howToSignIn is the command that mends a missing sign-in, or what has to be
// done before that command can work.
func (c *Credential) howToSignIn() string {
	switch {
	case !c.HasClient():
		return c.howToGetClient()
	case c.Store.Source() == SourceMemory:
		return fmt.Sprintf("set %s_TOKEN to an API key, or let an assistant's first call ask for a sign-in; %s", strings.ToUpper(c.Service.Name), c.Store.Note())
	case c.Store.Note() != "":
		return "run: " + c.LoginCommand() + "; " + c.Store.Note()
	}
	return "run: " + c.LoginCommand()
}

// howToSignInFor answers why the token that is there, if any, isn't good for these
// scopes, and what to do about it.
func (c *Credential) howToSignInFor(r *Record, scopes []string) string {
	how, want := c.howToSignIn(), c.want()
	if !includes(want.Scopes, scopes) {
		want.Scopes = scopes
		how = fmt.Sprintf("set %s_SCOPES=%s and run: %s", strings.ToUpper(c.Service.Name), strings.Join(scopes, ","), c.LoginCommand())
	}
	if r == nil || r.Token.Access.IsZero() {
		return how
	}
	return c.whyNot(r, want) + "; " + how
}

// LoginCommand is what a person types to sign in to this very account, or to give
// it a key where there is no client to sign in with.
func (c *Credential) LoginCommand() string {
	if !c.HasClient() {
		return c.keyCommand()
	}
	return c.loginCommand()
}

// keyCommand is what a person types to give this very account a key.
func (c *Credential) keyCommand() string { return c.loginCommand() + " --with-token" }

func (c *Credential) loginCommand() string {
	command := "valetkey login " + c.Service.Name
	if c.Settings.Account != "" {
		command += " --account " + c.Settings.Account
	}
	return command
}

func granted(r *Record) []string {
	if r.Token.Scopes != nil {
		return r.Token.Scopes
	}
	return r.Scopes
}

// Describe answers the status in one line, for people and models alike.
func (s Status) Describe() string { return s.DescribeAs("") }

// DescribeAs is Describe with whose the token is, as the service says; "": nobody's.
func (s Status) DescribeAs(account string) string {
	if s.Outcome != Ready && s.Outcome != "" {
		return s.Fault()
	}
	if !s.SignedIn {
		return "not signed in; " + s.Fault()
	}
	words := []string{"token from the " + string(s.Source)}
	switch {
	case s.Source == SourceNone:
		words[0] = "the first call asks for a token"
	case s.Variable != "":
		words[0] = "token from " + s.Variable + s.over()
	case s.Source == SourceMemory:
		words[0] = "token kept in memory"
	case s.Key:
		words[0] = "key from the " + string(s.Source) + " (given by hand)"
	}
	if account != "" {
		words[0] += " as " + account
	}
	if s.Grant != "" {
		words = append([]string{"for this program itself, by its client secret"}, words...)
	}
	if len(s.Scopes) > 0 {
		words = append(words, "scopes "+strings.Join(s.Scopes, ", "))
	}
	switch {
	case s.Variable != "", s.Source == SourceNone, s.Key:
	case s.Expiry == nil:
		words = append(words, "doesn't expire")
	case s.Refreshable:
		words = append(words, "renewed by itself, next at "+s.Expiry.Local().Format(time.RFC3339))
	default:
		words = append(words, "expires at "+s.Expiry.Local().Format(time.RFC3339))
	}
	if s.StoreNote != "" {
		words = append(words, s.StoreNote)
	}
	return strings.Join(words, "; ")
}

// Fault answers why there is no usable token and what to do about it, as far as
// that is known.
func (s Status) Fault() string {
	return strings.Join(slices.DeleteFunc([]string{s.Reason, s.Mend}, func(text string) bool { return text == "" }), "; ")
}

// over says which variables give way.
func (s Status) over() string {
	if len(s.Idle) == 0 {
		return ""
	}
	return " (which comes before " + strings.Join(s.Idle, " and ") + ")"
}
