//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStopWhileAChangeWaits: a change that was let through and waits for its key isn't
// sent after valetkey stop, and none is sent again.
func TestStopWhileAChangeWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys []string
		want []string
	}{
		"for its first key":  {[]string{acmeKey}, nil},
		"for its second key": {[]string{"example-old-key", acmeKey}, []string{"Bearer example-old-key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var changes []string
			arrived := make(chan struct{}, 10)
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				changes = append(changes, r.Header.Get("Authorization"))
				arrived <- struct{}{}
				if !strings.HasSuffix(r.Header.Get("Authorization"), acmeKey) {
					w.WriteHeader(http.StatusUnauthorized)
				}
			}))
			t.Cleanup(api.Close)
			home := t.TempDir()
			pipe := filepath.Join(home, "key")
			if err := unix.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			env := environment(home, busIn(privateFolder(t)), "VALET_STORE=memory", "VALET_ROLE=developer", "VALET_CONFIRM=never", "VALET_SERVICES=acme",
				"ACME_API_URL="+api.URL+"/v1", "ACME_TOKEN_COMMAND=cat '"+pipe+"'")
			s := serve(t, env)
			s.initialize()
			s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":"acme_api_write","arguments":%s}}`, widget))
			for i, key := range c.keys {
				if i > 0 {
					<-arrived
				}
				// This waits until the command reads, for which the change waits in turn.
				to, err := os.OpenFile(pipe, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				if i == len(c.keys)-1 {
					if got := run(t, env, "", "stop", "look first"); got.code != 0 {
						t.Errorf("valetkey stop: %+v", got)
					}
				}
				fmt.Fprintln(to, key)
				to.Close()
			}
			result := s.receive()["result"].(map[string]any)
			if text := textOf(t, result); result["isError"] != true || !strings.Contains(text, "nothing was sent: the person has everything that would change something stopped since") {
				t.Errorf("the model is told %q", text)
			}
			s.end()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(changes, c.want) {
				t.Errorf("the service was sent %q, want %q", changes, c.want)
			}
			if got := run(t, env, "", "audit", "--json", "--decision", "stop"); strings.Count(got.stdout, "\n") != 1 {
				t.Errorf("the log says %q %q", got.stdout, got.stderr)
			}
		})
	}
}
