package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

// maxTokenInput is more than any token has, and less than a file that was piped by
// mistake.
const maxTokenInput = 64 << 10

// check refuses flags that mean nothing together.
func (o loginOptions) check() error {
	if o.withToken && (o.all || o.again || o.qr || o.copy || o.noBrowser) {
		return usage("--with-token is no sign-in, so of the other flags only --switch and --account go with it")
	}
	return nil
}

// loginWithToken keeps a token that a person has, and says whose it is.
func (a *app) loginWithToken(ctx context.Context, s service, own settings, options loginOptions) error {
	if err := s.credential.MayBring(ctx); err != nil {
		return err
	}
	if err := a.isWhereMeant(s); err != nil {
		return err
	}
	token, err := a.readToken(ctx, "Token for "+withAccount(s.Title, s.options.Settings.Account)+" (typed unseen): ")
	if err != nil {
		return err
	}
	bring := s.credential.Bring
	if options.change {
		bring = s.credential.BringAnyones
	}
	brought, err := bring(ctx, token)
	if err != nil {
		return err
	}
	status, err := s.credential.Status(ctx)
	if err != nil {
		return err
	}
	a.say("The key for %s is kept%s, in %s.", s.Title, asAccount(brought.Account), place(status, s, own))
	if brought.Unverified != nil {
		a.say("It was not tried: %v.", brought.Unverified)
	}
	if brought.Replaced != "" {
		a.sayReplaced(brought.Replaced, brought.ReplacedAt)
	}
	a.sayNeeds("it", slices.DeleteFunc(hostNeeds(s, own), a.isBorrowed))
	return nil
}

// isWhereMeant refuses a token for a service whose address is from a host's entry: what
// a person gives here may be for another.
func (a *app) isWhereMeant(s service) error {
	for _, l := range a.borrowed {
		name, isItsOwn := strings.CutPrefix(l.name, strings.ToUpper(s.Name)+"_")
		if isItsOwn && slices.ContainsFunc([]string{"HOST", "URL", "ISSUER", "TENANT"}, func(end string) bool { return strings.HasSuffix(name, end) }) {
			return usage("%s is from the entry of %s, and the token may be for another place; if it is for %s, set %s here too", l.name, l.host, s.at.Host, l.name)
		}
	}
	return nil
}

// sayReplaced says what isn't used any more, and where a person ends it.
func (a *app) sayReplaced(what, page string) {
	at := ""
	if page != "" {
		at = " at " + page
	}
	a.say("It takes the place of %s, which is valid until you end it%s.", what, at)
}

// readToken reads one from a person who types it unseen, or else all of stdin, which
// holds it in one line. The error never quotes it.
func (a *app) readToken(ctx context.Context, question string) (oauth.Secret, error) {
	if ask := a.asker(); ask != nil {
		return ask(ctx, question)
	}
	type answer struct {
		text []byte
		err  error
	}
	// The read goes on until the process ends, since a pipe can't be interrupted.
	answered := make(chan answer, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(a.in, maxTokenInput+1))
		answered <- answer{text, err}
	}()
	select {
	case got := <-answered:
		switch text := strings.TrimSpace(string(got.text)); {
		case got.err != nil:
			return oauth.Secret{}, got.err
		case len(got.text) > maxTokenInput:
			return oauth.Secret{}, usage("stdin has more than %d bytes, so not a token", maxTokenInput)
		case text == "":
			return oauth.Secret{}, usage("there is no token on stdin; pipe one in, or run this in a terminal and type it")
		case strings.ContainsAny(text, "\r\n"):
			return oauth.Secret{}, usage("stdin has more than one line; a token is one")
		default:
			return oauth.NewSecret(text), nil
		}
	case <-ctx.Done():
		return oauth.Secret{}, errors.New("stopped; nothing has been stored")
	}
}
