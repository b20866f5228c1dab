package main

import (
	"strings"
	"testing"
)

// TestShortKey: a key of a letter, as people try things out with, damages neither
// an answer nor what valetkey says itself.
func TestShortKey(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme")
	for key, c := range map[string]struct {
		api, want string
		code      int
	}{
		"e":       {a.url, "GET widgets: 200; next: query with {\"cursor\":\"abc\"}\n\n" + `[{"id":1,"name":"one","seen":"Bearer e"}]`, 0},
		"widgets": {a.url, "GET widgets: 200", 0},
		"k":       {"http://127.0.0.1:1", "check the network", 1},
	} {
		got := run(t, with(p.env, "ACME_API_URL="+c.api, "ACME_TOKEN="+key), "", "call", "acme_api", `{"path":"widgets"}`)
		if said := got.stdout + got.stderr; got.code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q, got %+v", key, c.want, got)
		}
	}
}
