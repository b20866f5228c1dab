package credentials

import (
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// What the store has decides what becomes of a token that it did not take.
func TestSuperseded(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC) }
	token := func(name string) oauth.Token { return oauth.Token{Access: oauth.NewSecret("example-" + name)} }
	shared := &Pending{shared: true}
	first := Record{Token: token("first"), SignedIn: at(8), from: shared}
	alone := Record{Token: token("first"), SignedIn: at(8), from: &Pending{}}
	renewed := Record{Token: token("renewed"), SignedIn: at(8), Refreshed: at(9), replaces: oauth.NewSecret("example-old")}
	mark := Record{Token: token("old"), SignInNeeded: true}
	c := New(Options{Store: &Memory{}})
	for name, test := range map[string]struct {
		r     Record
		there *Record
		want  bool
	}{
		"a first token, and nothing there":     {alone, nil, false},
		"a first token after a sign-out":       {first, nil, true},
		"a first token beside another sign-in": {first, &Record{Pending: &Pending{}}, false},
		"a renewed token after a sign-out":     {renewed, nil, true},
		"after a sign-out and a new sign-in":   {renewed, &Record{Pending: &Pending{}}, true},
		"what it replaces, by a clock ahead":   {renewed, &Record{Token: token("old"), SignedIn: at(8), Refreshed: at(23)}, false},
		"itself":                               {renewed, &Record{Token: token("renewed"), SignedIn: at(8), Refreshed: at(9)}, false},
		"a stranger, renewed later":            {renewed, &Record{Token: token("other"), SignedIn: at(8), Refreshed: at(10)}, true},
		"a stranger, renewed earlier":          {renewed, &Record{Token: token("other"), SignedIn: at(8), Refreshed: at(8)}, false},
		"a stranger, signed in later":          {renewed, &Record{Token: token("other"), SignedIn: at(10)}, true},
		"a stranger of an earlier sign-in":     {renewed, &Record{Token: token("other"), SignedIn: at(7), Refreshed: at(23)}, false},
		"a stranger that was refused":          {renewed, &Record{Token: token("other"), SignedIn: at(10), SignInNeeded: true}, false},
		"a mark for the token there":           {mark, &Record{Token: token("old")}, false},
		"a mark for a token that isn't there":  {mark, &Record{Token: token("other")}, true},
		"a mark, and nothing there":            {mark, nil, true},
	} {
		if got := c.superseded(&test.r, test.there); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A registration that another process has made in the meantime stays.
func TestSaveKeepsALaterRegistration(t *testing.T) {
	t.Parallel()
	c := New(Options{Service: Service{Name: "acme"}, Store: &Memory{}})
	there, held := registeredRecord(), registeredRecord()
	there.Registration.ClientID, held.Token.Access = "later", oauth.NewSecret("example")
	if err := c.Store.Write(t.Context(), "acme", there); err != nil {
		t.Fatal(err)
	}
	c.hold(held)
	if err := c.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Store.Read(t.Context(), "acme"); err != nil || r.Registration.ClientID != "later" || r.Token.Access.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
}

// A token that the store has taken is not lost to an answer about the keyring
// that comes late.
func TestAutoStoreWithALateAnswer(t *testing.T) {
	t.Parallel()
	a := &autoStore{keyring: working()}
	absent := &StoreError{Outcome: Absent, Reason: "no bus"}
	if !a.isAbsent(absent) {
		t.Fatal("the keyring is there")
	}
	if err := a.current().Write(t.Context(), "github", fullRecord()); err != nil {
		t.Fatal(err)
	}
	a.written = true
	if !a.isAbsent(absent) {
		t.Error("the keyring is there now")
	}
	if _, err := a.current().Read(t.Context(), "github"); err != nil {
		t.Errorf("the token is gone: %v", err)
	}
}
