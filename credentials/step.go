package credentials

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/trace"
)

// step says, to who looks for a fault, what was found or decided on the way to a
// token, and why. Among the attributes is nothing that signs anybody in, and no error
// of a person's command: only what this package words itself.
func (c *Credential) step(ctx context.Context, decided string, attributes ...slog.Attr) {
	if !c.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	all := append([]slog.Attr{slog.String("service", c.Service.Name), slog.String("account", c.Settings.Account)}, attributes...)
	c.Log.LogAttrs(ctx, slog.LevelDebug, "credential: "+decided, all...)
}

// cause is why something was decided; the words of an error are as a person reads
// them.
func cause(err error) slog.Attr {
	var required *SignInRequired
	var refused *oauth.Error
	switch {
	case errors.As(err, &required), errors.Is(err, ErrNotSignedIn):
		// Its words may hold the code.
		return slog.String("because", "a person has to approve a sign-in")
	case errors.As(err, &refused):
		return slog.String("because", "the server answered "+refused.Code)
	}
	return slog.String("because", err.Error())
}

// expires is when a token or a sign-in ends.
func expires(at time.Time) slog.Attr {
	if at.IsZero() {
		return slog.String("expires", "never")
	}
	return slog.Time("expires", at)
}

// took is how long something has lasted.
func took(since time.Time) slog.Attr {
	return slog.Duration("took", time.Since(since).Round(time.Microsecond))
}

// endSpan ends the span of a search.
func (c *Credential) endSpan(span *trace.Span, found *grant, err error) {
	if span == nil {
		return
	}
	defer span.End()
	span.Set("valetkey.service", c.Service.Name)
	if found != nil {
		source, _ := c.Settings.keySource(c.Service.Name)
		span.Set("valetkey.credential.source", string(cmp.Or(source, c.Store.Source())))
	}
	var failed *StoreError
	var required *SignInRequired
	switch {
	case err == nil:
	case errors.As(err, &required), errors.Is(err, ErrNotSignedIn):
		span.Fail("sign_in_required")
	case errors.As(err, &failed):
		span.Fail("store_" + string(failed.Outcome))
	default:
		span.Fail("_OTHER")
	}
}

// toldStore is a store whose every answer is a step.
type toldStore struct {
	Store
	credential *Credential
}

func (s toldStore) tell(ctx context.Context, operation string, began time.Time, r *Record, err error) {
	found, source := string(OutcomeOf(err)), slog.String("store", string(s.Source()))
	switch {
	case errors.Is(err, ErrNotFound):
		found = "no entry"
	case err == nil && r != nil && operation == "read":
		found = "an entry"
	}
	attributes := []slog.Attr{source, slog.String("found", found), took(began)}
	if err != nil && !errors.Is(err, ErrNotFound) {
		attributes = append(attributes, cause(err))
	}
	if r != nil {
		attributes = append(attributes, slog.Group("entry",
			slog.Int("generation", r.Generation), slog.Bool("token", !r.Token.Access.IsZero()), expires(r.Token.Expiry),
			slog.Bool("renewable", !r.Token.Refresh.IsZero()), slog.Bool("refused", r.SignInNeeded), slog.Bool("sign-in waits", r.Pending != nil)))
	}
	s.credential.step(ctx, "store "+operation, attributes...)
}

func (s toldStore) Read(ctx context.Context, entry string) (*Record, error) {
	began := time.Now()
	r, err := s.Store.Read(ctx, entry)
	s.tell(ctx, "read", began, r, err)
	return r, err
}

func (s toldStore) Write(ctx context.Context, entry string, r *Record) error {
	began := time.Now()
	err := s.Store.Write(ctx, entry, r)
	s.tell(ctx, "written", began, r, err)
	return err
}

func (s toldStore) Delete(ctx context.Context, entry string) error {
	began := time.Now()
	err := s.Store.Delete(ctx, entry)
	s.tell(ctx, "deleted", began, nil, err)
	return err
}
