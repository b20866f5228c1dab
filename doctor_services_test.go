package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestDoctorEndpoints: the line says which endpoints there are and who says so;
// an issuer is asked.
func TestDoctorEndpoints(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme")
	nowhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"issuer":"http://%[1]s","token_endpoint":"http://%[1]s/token"}`, r.Host)
	}))
	t.Cleanup(nowhere.Close)
	env := with(p.env, "ACME_API_URL="+a.url, "ACME_CLIENT_ID="+sandbox.ClientID)
	for name, c := range map[string]struct {
		variables []string
		ok        bool
		said      string
	}{
		"metadata":    {[]string{"ACME_ISSUER=" + p.URL()}, true, "codes from " + p.URL() + "/login/device/code, tokens from " + p.URL() + "/login/oauth/access_token, from the metadata of " + p.URL()},
		"environment": {[]string{"ACME_DEVICE_URL=" + p.URL() + "/d", "ACME_TOKEN_URL=" + p.URL() + "/t"}, true, "codes from " + p.URL() + "/d, tokens from " + p.URL() + "/t, from the environment"},
		"built in":    {[]string{"VALET_SERVICES=github"}, true, "/login/oauth/access_token, built in"},
		"a key":       {[]string{"ACME_TOKEN=" + acmeKey, "ACME_CLIENT_ID="}, true, "none: this service takes a key"},
		"no metadata": {[]string{"ACME_ISSUER=" + a.elsewhere}, false, "the endpoints of " + a.elsewhere + " can't be found"},
		"no approval": {[]string{"ACME_ISSUER=" + nowhere.URL}, false, "tokens from " + nowhere.URL + "/token, from the metadata of " + nowhere.URL + ", but nowhere to approve a sign-in"},
		"a machine":   {[]string{"ACME_ISSUER=" + nowhere.URL, "ACME_GRANT=client_credentials", "ACME_CLIENT_SECRET=example"}, true, "tokens from " + nowhere.URL + "/token, by the client secret, from the metadata of " + nowhere.URL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, with(env, c.variables...), "", "doctor")
			mark := "✗ "
			if c.ok {
				mark = "✓ "
			}
			at := slices.IndexFunc(strings.Split(got.stdout, "\n"), func(line string) bool {
				return strings.HasPrefix(line, mark) && strings.Contains(line, " endpoints ") && strings.HasSuffix(line, c.said) || !c.ok && strings.HasPrefix(line, mark) && strings.Contains(line, c.said)
			})
			if at < 0 || !c.ok && got.code != 1 {
				t.Errorf("want %q, got %+v", c.said, got)
			}
		})
	}
}

// TestDoctorAsksServicesAtOnce: the services are asked beside each other, and
// their lines stand in the order they were named in. The first one answers only
// when all have been asked.
func TestDoctorAsksServicesAtOnce(t *testing.T) {
	t.Parallel()
	const count = 5
	here := make(chan struct{}, count)
	all := make(chan struct{})
	go func() {
		defer close(all)
		for range count {
			select {
			case <-here:
			case <-t.Context().Done():
				return
			}
		}
	}()
	env := environment(t.TempDir(), "VALET_STORE=memory", "VALET_BROWSER=never")
	var names, checks []string
	for i := range count {
		name := string(rune('e' - i))
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			here <- struct{}{}
			select {
			case <-all:
			case <-r.Context().Done():
			}
		}))
		t.Cleanup(server.Close)
		prefix := strings.ToUpper(name) + "_"
		env = with(env, prefix+"API_URL="+server.URL, prefix+"TOKEN="+acmeKey)
		names = append(names, name)
		checks = append(checks, name+" endpoints", name+" flow", name+" network", name+" clock", name+" sign-in", name+" allowed")
	}
	got := run(t, with(env, "VALET_SERVICES="+strings.Join(names, ",")), "", "doctor")
	var lines []string
	for line := range strings.Lines(got.stdout) {
		if name, rest, found := strings.Cut(strings.TrimPrefix(line, "✓ "), " "); found && slices.Contains(names, name) {
			lines = append(lines, name+" "+strings.Fields(rest)[0])
		}
	}
	if got.code != 0 || !slices.Equal(lines, checks) {
		t.Errorf("%q: %+v", lines, got)
	}
}
