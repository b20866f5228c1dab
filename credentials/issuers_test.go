package credentials_test

import (
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// Two realms of one host are two issuers: a token of the one is neither sent to
// the other, nor thrown away, nor does it say who has to approve there.
func TestTwoIssuersAtOneHost(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	i := w.issued(nil)
	w.service.Issuer = i.URL + "/realms/a"
	c := w.credential()
	w.signIn(c)
	first := w.record(c).Token.Refresh
	w.service.Issuer = i.URL + "/realms/b"
	other := w.credential()
	out, err := other.SignOut(t.Context())
	if err == nil || out.Revoked {
		t.Fatalf("signed out of the other: %+v", out)
	}
	contains(t, "the error", err.Error(), "the token there is for "+i.URL+"/realms/a", "set ACME_ISSUER to that")
	w.clock.Advance(9 * time.Hour)
	required(t, w.call(other))
	equal(t, "refreshes", w.refreshes(), 0)
	equal(t, "the first token", w.record(c).Token.Refresh.Equal(first), true)
	w.box.SetAccount("hubot-example")
	w.approve(required(t, w.call(other)))
	equal(t, "account", w.record(other).Account, "hubot-example")
}

// A sign-in that waits is taken up for the same issuer and audience only.
func TestSignInOfAnIssuerIsShared(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	i := w.issued(nil)
	w.shared()
	w.service.Issuer, w.settings.Audience = i.URL+"/realms/a", "https://audience.example/"
	first := required(t, w.call(w.credential()))
	equal(t, "code", required(t, w.call(w.credential())).UserCode, first.UserCode)
	equal(t, "sign-ins", w.signIns(), 1)
	w.settings.Audience = "https://other.example/"
	required(t, w.call(w.credential()))
	equal(t, "sign-ins for another audience", w.signIns(), 2)
	w.service.Issuer = i.URL + "/realms/b"
	required(t, w.call(w.credential()))
	equal(t, "sign-ins at another issuer", w.signIns(), 3)
}

// What a process that was killed has left is used and revoked where it comes
// from, and is shown to nobody else.
func TestApprovedTokenOfAnIssuer(t *testing.T) {
	t.Parallel()
	for realm, ours := range map[string]bool{"/realms/a": true, "/realms/b": false} {
		w := renewing(t)
		i := w.issued(nil)
		store := w.shared()
		w.service.Issuer = i.URL + "/realms/a"
		c := w.credential()
		w.signIn(c)
		left := *w.record(c)
		left.Pending = &credentials.Pending{
			Host: left.Host, Issuer: i.URL + realm, ClientID: left.ClientID, Scopes: left.Scopes,
			Authorization: &deviceflow.Authorization{DeviceCode: oauth.NewSecret("example-code"), Expiry: w.clock.Now().Add(time.Hour)},
			Token:         oauth.Token{Access: oauth.NewSecret("example-left")},
		}
		must(t, store.Write(t.Context(), c.Name(), &left))
		_, err := w.credential().SignOut(t.Context())
		must(t, err)
		sent := false
		for _, r := range w.sentTo("/login/oauth/revoke") {
			sent = sent || r.Form.Get("token") == "example-left"
		}
		equal(t, realm+": revoked here", sent, ours)

		must(t, store.Write(t.Context(), c.Name(), &left))
		w.clock.Advance(9 * time.Hour)
		_ = w.call(w.credential())
		used := false
		for _, r := range w.sentTo("/api/v3/user") {
			used = used || r.Header.Get("Authorization") == "Bearer example-left"
		}
		equal(t, realm+": used here", used, ours)
	}
}
