package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/hosts"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// adoption is the tokens that went from hosts' files to the store.
type adoption struct {
	tokens []plainToken
	// left are the entries that keep a token, by their files and names.
	left [][2]string
}

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
		agreed, err := i.adoptOne(ctx, token, adopted)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			i.failed++
			i.complain("valetkey: %s: %v", token.where(), err)
		}
		if err != nil || !agreed {
			adopted.left = append(adopted.left, [2]string{token.host.File, token.entry.Name})
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
			i.notes = append(i.notes, fmt.Sprintf("a token of %s lies in %s too, at %s: that is left alone.", token.service.Title, place.File, printable(strings.Join(token.path, "."))))
		}
	}
	return found
}

// adoptOne moves a token to the store, unless it is there already, if the person agrees.
func (i *installation) adoptOne(ctx context.Context, found plainToken, adopted *adoption) (agreed bool, err error) {
	s, err := i.serviceOf(found.service)
	if err != nil {
		return false, err
	}
	found.at = s.at
	if host := elsewhere(found, s); host != "" {
		return false, fmt.Errorf("its server works with %s, and valetkey with %s; if the token is for that, say so by %s", host, s.at.Host, s.at.HostVariable)
	}
	i.say("A token of %s lies in plain text in %s (%s).", s.Title, found.host.File, found.where())
	before := adopted.of(found.service.Name)
	switch {
	case before != nil && !before.token.Equal(found.token):
		return false, fmt.Errorf("it is another one than the one before; keep it beside that, with a name for its account: valetkey login %s --account NAME --with-token", s.Name)
	case i.yes && len(found.foreign()) > 0 && found.entry.Name != hosts.Entry:
		return false, fmt.Errorf("its server has %s as well, which would go; run this without --yes", strings.Join(found.foreign(), ", "))
	case i.dryRun:
		i.say("Whether %s takes it isn't tried in a dry run.", s.Title)
		agreed = true
	default:
		agreed, err = i.adoptAsked(ctx, s, found, before != nil)
	}
	if agreed {
		adopted.tokens = append(adopted.tokens, found)
	}
	return agreed, err
}

// adoptAsked asks the person, and moves a token that the store doesn't have yet.
func (i *installation) adoptAsked(ctx context.Context, s service, found plainToken, isKept bool) (agreed bool, err error) {
	status, err := s.credential.Status(ctx)
	if err == nil && !isKept {
		isKept, err = s.credential.IsKept(ctx, found.token)
	}
	if err == nil && !isKept {
		err = s.credential.MayBring(ctx)
	}
	if err != nil {
		return false, err
	}
	question := fmt.Sprintf("Move it to %s, and let valetkey take the place of that server", place(status, s, i.own))
	switch {
	case isKept:
		question = fmt.Sprintf("It is in %s already. Let valetkey take the place of that server", place(status, s, i.own))
	case status.SignedIn && i.yes:
		return false, fmt.Errorf("%s is signed in to already%s; run this without --yes", s.Title, asAccount(status.Account))
	case status.SignedIn:
		question = fmt.Sprintf("You are signed in to %s already%s. Forget this token, and let valetkey take the place of that server", s.Title, asAccount(status.Account))
	}
	if foreign := found.foreign(); len(foreign) > 0 && found.entry.Name != hosts.Entry {
		question += ", which has " + strings.Join(foreign, ", ") + " as well"
	}
	agreed, err = i.agreeUnlessYes(ctx, question+"?")
	if agreed && !isKept && !status.SignedIn {
		err = i.bring(ctx, s, found.token)
	}
	return agreed && err == nil, err
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
		i.opened, i.extra = append(i.opened, s), append(i.extra, s)
	}
	return s, s.wrong
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
		isLeft := slices.Contains(a.left, [2]string{t.host.File, t.entry.Name})
		if t.host.File == config.File && t.entry.Name != hosts.Entry && !isLeft && !slices.Contains(gone, t.entry.Name) {
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

// sayRotate says what to do about tokens that others may have read, and which of them
// still lie there.
func (i *installation) sayRotate(adopted *adoption) {
	if len(adopted.tokens) == 0 || i.dryRun {
		return
	}
	i.say("These tokens lay in plain text, where backups and other programs may have read them:")
	for _, t := range adopted.tokens {
		i.say("  %s: %s", t.service.Title, t.where())
		isLeft := slices.Contains(adopted.left, [2]string{t.host.File, t.entry.Name})
		if isLeft || !slices.Contains(i.written, t.host.File) {
			i.notes = append(i.notes, "a token is in the store, and still lies where it was: "+t.where()+".")
		}
	}
	i.say("Sign in instead, or make new ones, and revoke these:")
	for _, name := range adopted.services() {
		i.say("  valetkey login %s; revoke at %s", name, adopted.of(name).at.KeysURL)
	}
}
