package oauth_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/valetkey/valetkey/oauth"
)

type exported struct{ Secret oauth.Secret }

type unexported struct {
	name   string
	secret oauth.Secret
	more   *oauth.Secret
	inner  struct{ secret oauth.Secret }
	list   []oauth.Secret
	table  map[string]oauth.Secret
	any    any
}

// holders are the ways a secret is kept in other values.
func holders() map[string]any {
	s := oauth.NewSecret(canary)
	u := unexported{name: "u", secret: s, more: &s, list: []oauth.Secret{s}, table: map[string]oauth.Secret{"k": s}, any: s}
	u.inner.secret = s
	return map[string]any{
		"itself":            s,
		"pointer":           &s,
		"exported field":    exported{s},
		"pointer to struct": &exported{s},
		"unexported field":  u,
		"pointer to those":  &u,
		"slice":             []oauth.Secret{s, s},
		"slice of pointers": []*oauth.Secret{&s},
		"array":             [1]oauth.Secret{s},
		"map value":         map[string]oauth.Secret{"k": s},
		"map key":           map[oauth.Secret]int{s: 1},
		"interface":         []any{s, &s, exported{s}},
		"reflected":         reflect.ValueOf(s),
		"token":             oauth.Token{Access: s, Refresh: s},
		"client":            &oauth.Client{Secret: s},
	}
}

func TestSecretIsNotFormatted(t *testing.T) {
	t.Parallel()
	for name, holder := range holders() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%10.3s", "%T", "%p", "%!"} {
			if out := fmt.Sprintf(verb, holder); shows(out) {
				t.Errorf("%s under %s shows the secret: %s", name, verb, out)
			}
		}
		if out := fmt.Sprint(holder) + fmt.Sprintln(holder); shows(out) {
			t.Errorf("%s printed shows the secret: %s", name, out)
		}
		if err := errors.Join(fmt.Errorf("one: %v", holder), fmt.Errorf("two: %+v", holder)); shows(err.Error()) {
			t.Errorf("%s in an error shows the secret: %s", name, err)
		}
	}
}

func TestSecretIsNotMarshalled(t *testing.T) {
	t.Parallel()
	for name, holder := range holders() {
		if out, err := json.Marshal(holder); shows(string(out)) || err != nil && shows(err.Error()) {
			t.Errorf("%s as JSON shows the secret: %s, %v", name, out, err)
		}
		if out, err := xml.Marshal(holder); shows(string(out)) || err != nil && shows(err.Error()) {
			t.Errorf("%s as XML shows the secret: %s, %v", name, out, err)
		}
		var out bytes.Buffer
		if err := gob.NewEncoder(&out).Encode(holder); shows(out.String()) || err != nil && shows(err.Error()) {
			t.Errorf("%s as gob shows the secret: %v", name, err)
		}
	}
}

func TestSecretIsNotLogged(t *testing.T) {
	t.Parallel()
	for name, holder := range holders() {
		var out bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(handler)
			log.Info("said", "value", holder, slog.Group("group", "value", holder))
			log.With("value", holder).WithGroup("group").Info(fmt.Sprint(holder), "value", holder)
		}
		if shows(out.String()) {
			t.Errorf("%s in a log shows the secret: %s", name, out.String())
		}
	}
}

func TestSecretIsNotExecuted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	page := template.Must(template.New("").Parse(`{{.}} {{.Secret}} {{printf "%#v" .Secret}} {{js .Secret}}`))
	if err := page.Execute(&out, exported{oauth.NewSecret(canary)}); err != nil || shows(out.String()) {
		t.Errorf("a template shows the secret: %s, %v", out.String(), err)
	}
}

func TestSecretShowsWhetherItIsThere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		secret     oauth.Secret
		text, json string
	}{
		{oauth.NewSecret(canary), "[redacted]", `{"Secret":"[redacted]"}`},
		{oauth.NewSecret(""), "", `{"Secret":""}`},
		{oauth.Secret{}, "", `{"Secret":""}`},
	} {
		marshalled, err := json.Marshal(exported{test.secret})
		if err != nil || string(marshalled) != test.json {
			t.Errorf("got JSON %s, %v; want %s", marshalled, err, test.json)
		}
		plain, err := test.secret.MarshalText()
		for _, got := range []string{test.secret.String(), fmt.Sprintf("%#v", test.secret), test.secret.GoString(), string(plain), test.secret.LogValue().String()} {
			if err != nil || got != test.text {
				t.Errorf("got %q, want %q (%v)", got, test.text, err)
			}
		}
	}
}

func TestSecretIsNotUnmarshalled(t *testing.T) {
	t.Parallel()
	var into exported
	err := json.Unmarshal([]byte(`{"Secret":"`+canary+`"}`), &into)
	if err == nil || shows(err.Error()) || !into.Secret.IsZero() {
		t.Errorf("got %v and secret present: %v; want an error without the value", err, !into.Secret.IsZero())
	}
}

func TestSecretRevealsAndCompares(t *testing.T) {
	t.Parallel()
	one, same, other := oauth.NewSecret(canary), oauth.NewSecret(canary), oauth.NewSecret(canary+"x")
	if one.Reveal() != canary || one.IsZero() || !one.Equal(same) || one.Equal(other) || one.Equal(oauth.Secret{}) {
		t.Error("a secret doesn't equal its like, or equals others")
	}
	var zero oauth.Secret
	if zero.Reveal() != "" || !zero.IsZero() || !zero.Equal(oauth.NewSecret("")) {
		t.Error("the zero secret isn't empty")
	}
}

func TestSecretDecodesAnything(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", canary, "\x00\xff", "${TOKEN}"} {
		var secret oauth.Secret
		if err := secret.Decode(text); err != nil || secret.Reveal() != text || secret.IsZero() != (text == "") {
			t.Errorf("%q was decoded as something else: %v", text, err)
		}
	}
}
