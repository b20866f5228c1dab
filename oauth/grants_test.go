package oauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, refresh string }{
		"rotated": {`{"access_token":"example-new","refresh_token":"example-r2","expires_in":3600,"token_type":"bearer"}`, "example-r2"},
		"kept":    {`{"access_token":"example-new","expires_in":3600,"token_type":"bearer"}`, "example-r1"},
		"emptied": {`{"access_token":"example-new","refresh_token":"","expires_in":3600}`, "example-r1"},
	} {
		server := record(t, answering(200, "application/json", test.body))
		token, err := server.client().Refresh(t.Context(), oauth.NewSecret("example-r1"))
		if err != nil || token.Access.Reveal() != "example-new" || token.Refresh.Reveal() != test.refresh || !token.Expiry.Equal(noon().Add(time.Hour)) {
			t.Errorf("%s: got %v, %v", name, token, err)
		}
		want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"example-r1"}, "client_id": {"example-client"}, "client_secret": {canary}}
		if got := server.requests(); len(got) != 1 || !reflect.DeepEqual(got[0].form, want) || got[0].header.Get("Authorization") != "" {
			t.Errorf("%s: sent %v", name, got)
		}
	}
}

// RFC 8707 §2.2: each token request names the resources, one parameter each.
func TestResourcesGoWithEachGrant(t *testing.T) {
	t.Parallel()
	server := record(t, answering(200, "application/json", `{"access_token":"example"}`))
	client := server.client()
	client.Resources = []string{"https://cal.example.com/", "https://contacts.example.com/"}
	form := url.Values{"grant_type": {"example"}}
	_, first := client.Exchange(t.Context(), form)
	_, second := client.Refresh(t.Context(), oauth.NewSecret("example-r1"))
	if first != nil || second != nil || len(form) != 1 {
		t.Fatalf("got %v, %v, and the caller's form became %v", first, second, form)
	}
	for _, got := range server.requests() {
		if !reflect.DeepEqual(got.form["resource"], client.Resources) || !got.form.Has("grant_type") {
			t.Errorf("sent %v", got.form)
		}
	}
}

// A refresh token that rotates may be sent once. Sent again it reads as stolen.
func TestRefreshIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"refused":       answering(400, "application/json", `{"error":"invalid_grant"}`),
		"unauthorized":  answering(401, "application/json", `{"error":"invalid_client"}`),
		"unavailable":   answering(503, "", ""),
		"nonsense":      answering(200, "text/html", "<html>"),
		"no token":      answering(200, "application/json", `{"ok":true}`),
		"lost":          hangUp,
		"lost half-way": half,
		"sent elsewhere": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "/other", http.StatusTemporaryRedirect)
		},
		"sent round once": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "/token", http.StatusPermanentRedirect)
		},
	} {
		server := record(t, answer)
		for _, transport := range []*http.Client{nil, {}, server.Client()} {
			client := server.client()
			client.HTTP = transport
			before := len(server.requests())
			if token, err := client.Refresh(t.Context(), oauth.NewSecret("example-r1")); err == nil {
				t.Errorf("%s: got %v", name, token)
			}
			if got := len(server.requests()) - before; got != 1 {
				t.Errorf("%s: %d requests, want 1", name, got)
			}
		}
	}
}

func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.Write([]byte(`{"access_token":"`))
}

func TestRefreshWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	server := record(t, nil)
	if _, err := server.client().Refresh(t.Context(), oauth.Secret{}); err == nil || len(server.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(server.requests()))
	}
}

func TestExchangeNeedsAToken(t *testing.T) {
	t.Parallel()
	server := record(t, answering(200, "application/json", `{"token_type":"bearer"}`))
	if token, err := server.client().Exchange(t.Context(), nil); token != nil || !errors.Is(err, oauth.ErrAnswer) {
		t.Errorf("got %v, %v", token, err)
	}
}

func TestExchangeUsesTheSystemsClock(t *testing.T) {
	t.Parallel()
	server := record(t, answering(200, "application/json", `{"access_token":"example","expires_in":3600}`))
	client := server.client()
	client.Now = nil
	before := time.Now()
	token, err := client.Exchange(t.Context(), nil)
	if err != nil || token.Expiry.Before(before.Round(0).Add(time.Hour)) || token.Expiry.After(time.Now().Round(0).Add(time.Hour)) {
		t.Errorf("got %v, %v", token, err)
	}
}

// RFC 7009 §2.2 and §2.2.1.
func TestRevoke(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		fine   bool
	}{
		"an empty 200":        {200, "", true},
		"a web page":          {200, "<html>", true},
		"an object":           {200, "{}", true},
		"no content":          {204, "", true},
		"a token long gone":   {400, `{"error":"invalid_token","error_description":"Token expired or revoked"}`, true},
		"an unsupported type": {400, `{"error":"unsupported_token_type"}`, false},
		"unavailable":         {503, "", false},
		"an error with 200":   {200, `{"error":"invalid_client"}`, false},
	} {
		server := record(t, answering(test.status, "", test.body))
		err := server.client().Revoke(t.Context(), server.URL+"/revoke", oauth.NewSecret("example-token"), "refresh_token")
		if (err == nil) != test.fine || err != nil && !errors.As(err, new(*oauth.Error)) {
			t.Errorf("%s: got %v", name, err)
		}
		want := url.Values{"token": {"example-token"}, "token_type_hint": {"refresh_token"}, "client_id": {"example-client"}, "client_secret": {canary}}
		if got := server.requests(); len(got) != 1 || got[0].path != "/revoke" || !reflect.DeepEqual(got[0].form, want) {
			t.Errorf("%s: sent %v", name, got)
		}
	}
}

func TestRevokeWithoutHint(t *testing.T) {
	t.Parallel()
	server := record(t, nil)
	if err := server.client().Revoke(t.Context(), server.URL, oauth.NewSecret("example-token"), ""); err != nil {
		t.Fatal(err)
	}
	if _, sent := server.requests()[0].form["token_type_hint"]; sent {
		t.Error("an empty hint was sent")
	}
}
