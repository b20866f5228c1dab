package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// canary collects everything people and programs get to see.
type canary struct {
	w *world

	mu   sync.Mutex
	seen []string
}

// see notes a value in every way a program prints one.
func (k *canary) see(values ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	for _, v := range values {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			k.seen = append(k.seen, fmt.Sprintf(format, v))
		}
		if _, live := v.(*credentials.Credential); !live {
			text, _ := json.Marshal(v)
			k.seen = append(k.seen, string(text))
			logger.Info("seen", "value", v)
		}
		if err, ok := v.(error); ok {
			k.seen = append(k.seen, err.Error())
		}
	}
	k.seen = append(k.seen, log.String())
}

// secrets are all that the server has given out or was given, and the key.
func (k *canary) secrets() []string {
	secrets := []string{exampleKey, sandbox.ClientSecret}
	for _, r := range k.w.box.Requests() {
		for _, name := range []string{"device_code", "refresh_token", "token"} {
			secrets = append(secrets, r.Form.Get(name))
		}
		secrets = append(secrets, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	return secrets
}

func (k *canary) check() {
	k.w.t.Helper()
	k.see(k.w.log.String())
	checked := 0
	for _, secret := range k.secrets() {
		if secret == "" {
			continue
		}
		checked++
		for _, text := range k.seen {
			// %x of a text is its bytes in hexadecimal.
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				k.w.t.Fatalf("%s is shown in %s", secret, text)
			}
		}
	}
	if checked < 4 {
		k.w.t.Errorf("only %d secrets were looked for", checked)
	}
}

// life is what befalls a credential, one step a call.
func (k *canary) life(c *credentials.Credential, store *faulty) []func() {
	w, t := k.w, k.w.t
	return []func(){
		func() {},
		func() { w.approve(required(t, w.call(c))) },
		func() { w.clock.Advance(8*time.Hour - 30*time.Second); w.box.FailToken(sandbox.Fault{Status: 503}) },
		func() { w.clock.Advance(time.Minute); w.box.FailToken(sandbox.Fault{Status: 429}) },
		func() { w.clock.Advance(time.Minute) },
		func() { w.box.RevokeTokens() },
		func() {
			w.clock.Advance(8 * time.Hour)
			store.refuse(nil, refusal(credentials.Locked))
		},
		func() {
			store.refuse(refusal(credentials.Broken), refusal(credentials.Broken))
			w.clock.Advance(8 * time.Hour)
		},
		func() {
			store.refuse(nil, nil)
			w.box.FailToken(sandbox.Fault{Lost: true})
			w.clock.Advance(8 * time.Hour)
		},
		func() { w.box.RevokeGrants(); w.clock.Advance(time.Minute) },
		func() {
			r := required(t, w.call(c))
			must(t, w.box.Deny(r.UserCode))
			w.clock.tick(t)
			wait(t, "the end of the sign-in", r.Done())
			k.see(r.Err())
		},
		func() { w.clock.Advance(time.Minute); w.approve(required(t, w.call(c))) },
	}
}

// Not a secret of a whole life, with everything that can go wrong in it, is
// ever shown: no error, no log line, no status, no formatted value.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.faulty()
	w.settings.ClientSecret = oauth.NewSecret(sandbox.ClientSecret)
	k := &canary{w: w}
	c := w.credential()
	look := func() {
		t.Helper()
		status, err := c.Status(t.Context())
		k.see(c, c.Settings, status, status.Describe(), err)
		if r, err := store.Read(t.Context(), c.Name()); err == nil {
			k.see(r, *r)
		}
	}
	call := func() {
		t.Helper()
		err := w.call(c)
		var r *credentials.SignInRequired
		if errors.As(err, &r) {
			k.see(r, *r, r.Err())
		}
		k.see(err)
		look()
	}
	for _, step := range k.life(c, store) {
		step()
		call()
	}
	out, err := c.SignOut(t.Context())
	k.see(out, err)
	c.Close()
	call()
	k.check()
}

// A key that is refused, in all three ways it can come.
func TestNoKeyIsShown(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	k := &canary{w: w}
	for _, settings := range []credentials.Settings{
		{Token: oauth.NewSecret(exampleKey), KeyVariable: "GITHUB_TOKEN", ClientSecret: oauth.NewSecret(sandbox.ClientSecret)},
		{TokenFile: keyFile(t, exampleKey)},
		{TokenCommand: myself(t, "file", keyFile(t, exampleKey))},
		{TokenCommand: myself(t, "fail", exampleKey)},
		{TokenFile: exampleKey},
		{TokenCommand: exampleKey},
	} {
		w.settings = settings
		c := w.credential()
		err := w.call(c)
		if err == nil {
			t.Fatalf("%+v: no error", settings)
		}
		status, statusErr := c.Status(t.Context())
		_, signIn := c.SignIn(t.Context())
		k.see(err, errors.Unwrap(err), status, statusErr, signIn, status.Describe(), c)
	}
	k.see(w.log.String())
	for _, text := range k.seen {
		if strings.Contains(text, exampleKey) || strings.Contains(text, sandbox.ClientSecret) {
			t.Fatalf("a secret is shown in %s", text)
		}
	}
}

// The transport's own errors don't show the header either.
func TestNoSecretIsShownByTheTransport(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings = credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GITHUB_TOKEN"}
	for name, fail := range map[string]roundTrip{
		"an error": func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") },
		"a cancel": func(r *http.Request) (*http.Response, error) { return nil, context.Cause(r.Context()) },
	} {
		c := w.with(options(w, func(o *credentials.Options) { o.Transport = fail }))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := login(ctx, c.Client(), w.service.APIURL)
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, exampleKey) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
