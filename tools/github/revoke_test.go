package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools/github"
)

// GitHub answers a token it doesn't know and a secret it doesn't accept with
// the same 404; only the former is a token that is worth nothing.
func TestRevoke(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deleted, user int
		want          string
	}{
		"revoked":            {http.StatusNoContent, http.StatusOK, ""},
		"unknown already":    {http.StatusNotFound, http.StatusUnauthorized, ""},
		"a wrong secret":     {http.StatusNotFound, http.StatusOK, "check GITHUB_CLIENT_SECRET"},
		"nobody can tell":    {http.StatusNotFound, http.StatusServiceUnavailable, "check GITHUB_CLIENT_SECRET"},
		"refused as a fault": {http.StatusUnprocessableEntity, http.StatusOK, "answered 422"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				w.WriteHeader(c.deleted)
				return
			}
			w.WriteHeader(c.user)
		}))
		t.Cleanup(server.Close)
		at, err := github.Service("").At(credentials.Settings{Host: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		client := &oauth.Client{ID: "client-example", Secret: oauth.NewSecret("secret-example"), HTTP: server.Client()}
		err = at.Revoke(t.Context(), client, at, oauth.Token{Access: oauth.NewSecret("token-example")})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
