package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/hosts"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// plainToken is a token of a service that lies in a host's file.
type plainToken struct {
	service tools.Service
	// at is where its service is, once that is known.
	at    credentials.Service
	host  hosts.Place
	entry hosts.Listed
	// path is where it stands in the entry.
	path  []string
	token oauth.Secret
}

// where says in words where it lies.
func (p plainToken) where() string {
	return fmt.Sprintf("%s, %s: %s", p.host.Title, p.entry.Name, strings.Join(p.path, "."))
}

// adoption is the tokens that went from hosts' files to the store.
type adoption struct{ tokens []plainToken }

// adoptAll moves the tokens that lie in the hosts' files to the store, each once a
// person agrees. The files are changed later.
func (i *installation) adoptAll(ctx context.Context, places []hosts.Place) (*adoption, error) {
	adopted := &adoption{}
	if !i.adopt {
		return adopted, nil
	}
	found := i.findTokens(places)
	if len(found) == 0 {
		i.say("No token of %s lies in the lists of these hosts.", joinNames(builtIn()))
	}
	for _, token := range found {
		err := i.adoptOne(ctx, token, adopted)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			i.failed++
			i.complain("valetkey: %s: %v", token.where(), err)
			i.notes = append(i.notes, "a token is left where it is: "+token.where()+".")
		}
	}
	return adopted, nil
}

// findTokens looks for tokens in hosts' lists. Those that lie elsewhere in their files
// are told.
func (i *installation) findTokens(places []hosts.Place) []plainToken {
	var found []plainToken
	for _, place := range places {
		config, err := place.Read()
		if err != nil {
			// It is told when the file's turn comes.
			continue
		}
		for _, entry := range config.Servers() {
			for _, token := range tokensIn(place, entry) {
				// One in a form that can't be hidden from what is kept stays.
				if strings.Contains(config.Before(), token.token.Reveal()) {
					found = append(found, token)
				}
			}
		}
		beside := tokensIn(place, hosts.Listed{Texts: config.Elsewhere()})
		for _, token := range beside[:min(len(beside), 5)] {
			i.notes = append(i.notes, fmt.Sprintf("a token of %s lies in %s too, at %s: that is left alone.", token.service.Title, place.File, strings.Join(token.path, ".")))
		}
	}
	return found
}

// adoptOne moves a token to the store, unless it is there already.
func (i *installation) adoptOne(ctx context.Context, found plainToken, adopted *adoption) error {
	s, err := i.serviceOf(found.service)
	if err != nil {
		return err
	}
	found.at = s.at
	if host := elsewhere(found, s); host != "" {
		return fmt.Errorf("its server works with %s, and not with %s; if the token is for that, set %s", host, s.at.Host, s.at.HostVariable)
	}
	i.say("A token of %s lies in plain text in %s (%s).", s.Title, found.host.File, found.where())
	if before := adopted.of(found.service.Name); before != nil && !before.token.Equal(found.token) {
		return fmt.Errorf("it is another one than the one before; keep it beside that, with a name for its account: valetkey login %s --account NAME --with-token", s.Name)
	} else if before != nil {
		adopted.tokens = append(adopted.tokens, found)
		return nil
	}
	if i.dryRun {
		i.say("Whether %s takes it isn't tried in a dry run.", s.Title)
		adopted.tokens = append(adopted.tokens, found)
		return nil
	}
	status, err := s.credential.Status(ctx)
	if err != nil {
		return err
	}
	if err := s.credential.MayBring(ctx); err != nil {
		return err
	}
	question := fmt.Sprintf("Move it to %s, and let valetkey take the place of that server?", place(status, s, i.own))
	if status.SignedIn {
		if i.yes {
			return fmt.Errorf("%s is signed in to already%s; run it without --yes", s.Title, asAccount(status.Account))
		}
		question = fmt.Sprintf("You are signed in to %s already%s. Forget this token, and let valetkey take the place of that server?", s.Title, asAccount(status.Account))
	}
	if agreed, err := i.agreeUnlessYes(ctx, question); err != nil || !agreed {
		return err
	}
	if !status.SignedIn {
		if err := i.bring(ctx, s, found.token); err != nil {
			return err
		}
	}
	adopted.tokens = append(adopted.tokens, found)
	return nil
}

// bring puts a token into the store.
func (i *installation) bring(ctx context.Context, s service, token oauth.Secret) error {
	brought, err := s.credential.Bring(ctx, token)
	if err != nil {
		return err
	}
	status, err := s.credential.Status(ctx)
	if err != nil {
		return err
	}
	i.say("%s: the token%s is in %s.", s.Title, ofAccount(brought.Account), place(status, s, i.own))
	if brought.Unverified != nil {
		i.say("It couldn't be tried: %v.", brought.Unverified)
	}
	return nil
}

func ofAccount(account string) string {
	if account == "" {
		return ""
	}
	return " of " + account
}

// serviceOf is a service at work, whether it is chosen or not.
func (i *installation) serviceOf(entry tools.Service) (service, error) {
	for _, s := range i.opened {
		if s.Name == entry.Name {
			return s, nil
		}
	}
	s := loadService(entry)
	s.start(i.opened[0].options, i.own, i.account)
	if s.wrong == nil {
		i.opened = append(i.opened, s)
	}
	return s, s.wrong
}

// tokensIn finds the tokens of known services in an entry: what stands in a variable
// that holds one, or begins as one does.
func tokensIn(place hosts.Place, entry hosts.Listed) []plainToken {
	var found []plainToken
	for _, text := range entry.Texts {
		for _, service := range builtIn() {
			if token := tokenOf(service, text); token != "" {
				found = append(found, plainToken{service: service, host: place, entry: entry, path: text.Path, token: oauth.NewSecret(token)})
				break
			}
		}
	}
	return found
}

// tokenOf answers the token of a service that a text holds, "" for none.
func tokenOf(service tools.Service, text hosts.Text) string {
	const least = 16
	name := text.Path[len(text.Path)-1]
	words := regexp.MustCompile(`[\w.\-]+`).FindAllString(text.Value, -1)
	if slices.Contains(service.KeyVariables, name) && len(words) == 1 && len(text.Value) >= least {
		return credentials.Given(text.Value)
	}
	for _, word := range words {
		for _, prefix := range service.TokenPrefixes {
			if strings.HasPrefix(word, prefix) && len(word) >= len(prefix)+least {
				return word
			}
		}
	}
	return ""
}

// elsewhere answers a host that the entry names and that isn't the service's; "" for
// none. A token goes nowhere else than where its person used it.
func elsewhere(found plainToken, s service) string {
	known := slices.Concat(s.at.Hosts, s.at.Pages, []string{s.at.Host}, s.RemoteHosts)
	for _, text := range found.entry.Texts {
		value := text.Value
		if strings.HasSuffix(text.Path[len(text.Path)-1], "_HOST") && !strings.Contains(value, "://") {
			value = "https://" + value
		}
		for _, address := range regexp.MustCompile(`https?://[^\s"']+`).FindAllString(value, -1) {
			if u, err := url.Parse(address); err != nil || !slices.Contains(known, u.Host) {
				return address
			}
		}
	}
	return ""
}

// of answers the token of a service that was adopted first; nil for none.
func (a *adoption) of(service string) *plainToken {
	for i := range a.tokens {
		if a.tokens[i].service.Name == service {
			return &a.tokens[i]
		}
	}
	return nil
}

// services are those whose tokens were adopted.
func (a *adoption) services() []string {
	var names []string
	for _, t := range a.tokens {
		if !slices.Contains(names, t.service.Name) {
			names = append(names, t.service.Name)
		}
	}
	return names
}

// has reports whether a variable of an entry was adopted.
func (a *adoption) has(file, entry, name string) bool {
	return slices.ContainsFunc(a.tokens, func(t plainToken) bool {
		return t.host.File == file && t.entry.Name == entry && t.path[len(t.path)-1] == name
	})
}

// takeFrom removes from a file the entries whose tokens were adopted.
func (a *adoption) takeFrom(config *hosts.Config) error {
	var gone []string
	for _, t := range a.tokens {
		if t.host.File == config.File && t.entry.Name != hosts.Entry && !slices.Contains(gone, t.entry.Name) {
			gone = append(gone, t.entry.Name)
		}
	}
	var errs []error
	for _, name := range gone {
		errs = append(errs, config.Remove(name))
	}
	return errors.Join(errs...)
}

// hide puts something else of the same length in the place of the adopted tokens.
func (a *adoption) hide(text string) string {
	for _, t := range a.tokens {
		token := t.token.Reveal()
		text = strings.ReplaceAll(text, token, (adopted + strings.Repeat("*", len(token)))[:len(token)])
	}
	return text
}

// adopted stands in the place of a token.
const adopted = "adopted-by-valetkey"

// sayRotate says what to do about tokens that others may have read.
func (i *installation) sayRotate(adopted *adoption) {
	if len(adopted.tokens) == 0 || i.dryRun {
		return
	}
	i.say("These tokens lay in plain text, where backups and other programs may have read them:")
	for _, t := range adopted.tokens {
		i.say("  %s: %s", t.service.Title, t.where())
	}
	i.say("Sign in instead, or make new ones, and revoke these:")
	for _, name := range adopted.services() {
		t := adopted.of(name)
		i.say("  valetkey login %s; revoke at %s", name, t.at.KeysURL)
	}
}
