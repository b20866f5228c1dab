package credentials_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

// only answers 401 to every token but the ones the test names.
type only struct {
	mu   sync.Mutex
	good string
}

func (o *only) accept(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.good = "Bearer " + token
}

func (o *only) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Header.Get("Authorization") != o.good {
		w.WriteHeader(http.StatusUnauthorized)
	}
	io.WriteString(w, "answer")
}

// rekeyed is a client whose key file holds an old key when the first request
// reads it and the good one from then on.
func rekeyed(t *testing.T) (client *http.Client, home *site) {
	t.Helper()
	o := &only{}
	home = newSite(t, false, o.serve)
	file := keyFile(t, "example-old")
	c := credentials.New(credentials.Options{
		Service:  credentials.Service{Name: "github", Host: "github.com", Hosts: []string{home.host()}},
		Settings: credentials.Settings{TokenFile: file}, Store: forbidden{t},
	})
	t.Cleanup(c.Close)
	o.accept("example-old")
	response, err := c.Client().Get(home.URL + "/first")
	must(t, err)
	response.Body.Close()
	overwrite(t, file, "example-new")
	o.accept("example-new")
	return c.Client(), home
}

func TestRecoveryRepeatsTheBody(t *testing.T) {
	t.Parallel()
	client, home := rekeyed(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, home.URL+"/issue", strings.NewReader("the body"))
	must(t, err)
	response, err := client.Do(r)
	must(t, err)
	response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusOK)
	equal(t, "requests", strings.Join(home.requests()[1:], " "), "PATCH|/issue|Bearer example-old|the body PATCH|/issue|Bearer example-new|the body")
}

// A body that can't be had again: the caller sees the 401, and its next
// attempt has the good token.
func TestRecoveryWithoutTheBody(t *testing.T) {
	t.Parallel()
	client, home := rekeyed(t)
	for _, want := range []int{http.StatusUnauthorized, http.StatusOK} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, home.URL+"/issue", io.MultiReader(strings.NewReader("the body")))
		must(t, err)
		response, err := client.Do(r)
		must(t, err)
		text, err := io.ReadAll(response.Body)
		must(t, err)
		response.Body.Close()
		equal(t, "status", response.StatusCode, want)
		equal(t, "answer", string(text), "answer")
	}
	equal(t, "requests", len(home.requests()), 3)
}

func TestRecoveryWithABodyThatBreaks(t *testing.T) {
	t.Parallel()
	client, home := rekeyed(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, home.URL+"/issue", strings.NewReader("the body"))
	must(t, err)
	r.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
	response, err := client.Do(r)
	must(t, err)
	response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusUnauthorized)
}
