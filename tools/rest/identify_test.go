package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools/rest"
)

// TestIdentifyAndFetch: both are told alike that a token is refused, that there was
// another answer, and that it can't be read.
func TestIdentifyAndFetch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status            int
		body              string
		name, who, anyway string // "": no error
		refused           bool
	}{
		{200, `{"login":"octocat\nx"}`, "octocat x", "", "", false},
		{200, `{"login":1}`, "", "gave no readable user", "", false},
		{200, `{"login":"oct`, "", "gave no readable answer", "gave no readable answer", false},
		{200, `{"login":"` + strings.Repeat("x", 1<<20) + `"}`, "", "gave no readable answer", "gave no readable answer", false},
		{401, `{"login":"octocat"}`, "", credentials.ErrTokenRefused.Error(), credentials.ErrTokenRefused.Error(), true},
		{403, `{"login":"octocat"}`, "", "answered 403", "answered 403", false},
		{204, ``, "", "answered 204", "answered 204", false},
	} {
		t.Run(fmt.Sprintf("%d %.20s", c.status, c.body), func(t *testing.T) {
			t.Parallel()
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/user" {
					t.Errorf("asked for %s %s", r.Method, r.URL)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(api.Close)
			host := strings.TrimPrefix(api.URL, "http://")
			holds := func(err error, words string) bool {
				return (err == nil) == (words == "") && (err == nil || strings.HasPrefix(err.Error(), host) && strings.Contains(err.Error(), words))
			}
			name, err := rest.Identify("user", "login")(t.Context(), api.Client(), api.URL+"/")
			if name != c.name || !holds(err, c.who) || errors.Is(err, credentials.ErrTokenRefused) != c.refused {
				t.Errorf("Identify: %q, %v", name, err)
			}
			var into map[string]any
			if err := rest.Fetch(t.Context(), api.Client(), api.URL+"/user", &into); !holds(err, c.anyway) || errors.Is(err, credentials.ErrTokenRefused) != c.refused {
				t.Errorf("Fetch: %v", err)
			}
		})
	}
}
