package gate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// moving answers a change by where to send it (RFC 9110 §15.4.8), and everything
// there.
type moving struct{ behind }

func (m *moving) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := m.behind.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/old") {
		answer.StatusCode, answer.Header = http.StatusTemporaryRedirect, http.Header{"Location": {"/v1/new"}}
	}
	return answer, err
}

// TestAgreedIsThere: what the person has agreed to is sent where they were shown,
// and nowhere that the service leads to.
func TestAgreedIsThere(t *testing.T) {
	t.Parallel()
	for confirm, want := range map[gate.Confirm]int{gate.Writes: 1, gate.Never: 2} {
		service := &moving{}
		g := &gate.Gate{Next: service, Service: "acme", Base: base, Rules: &gate.Rules{Confirm: confirm, Untrusted: &gate.Untrusted{}}}
		call := &gate.Call{Access: policy.Write, Confirmed: gate.Request{Method: "POST", URL: base + "old", Body: "{}"}.Fingerprint()}
		r, err := http.NewRequestWithContext(gate.With(t.Context(), call), "POST", base+"old", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := (&http.Client{Transport: g}).Do(r)
		if err == nil {
			answer.Body.Close()
		}
		if service.count() != want || (want == 1) != (outcome(err) == "unconfirmed") {
			t.Errorf("%s: %d sent: %v", confirm, service.count(), err)
		}
	}
}

// TestFurtherThanItBegan: a call that nobody had to be asked about doesn't go on
// where somebody has to be.
func TestFurtherThanItBegan(t *testing.T) {
	t.Parallel()
	service := &behind{}
	rules := &gate.Rules{Confirm: gate.AfterStranger, Untrusted: &gate.Untrusted{Elsewhere: true}}
	g := &gate.Gate{Next: service, Service: "acme", Base: base, Rules: rules}
	call := &gate.Call{Access: policy.Write}
	if err := send(t, g, call, "POST", "own", "{}"); err != nil {
		t.Fatal(err)
	}
	call.Outward = gate.Anywhere
	if err := send(t, g, call, "POST", "gists", "{}"); outcome(err) != "unconfirmed" || service.count() != 1 {
		t.Errorf("%d sent: %v", service.count(), err)
	}
}

// TestPathsAndOtherMethods: a list of paths is not got round by asking a server to
// take a request for another.
func TestPathsAndOtherMethods(t *testing.T) {
	t.Parallel()
	paths, err := policy.ParsePaths("POST:issues/**")
	if err != nil {
		t.Fatal(err)
	}
	service := &behind{}
	g := &gate.Gate{Next: service, Service: "acme", Base: base, Paths: paths, Rules: &gate.Rules{Confirm: gate.Never}}
	for _, path := range []string{"issues/1?_method=DELETE", "issues/1"} {
		call := &gate.Call{Access: policy.Admin, ByPath: true}
		body, mediaType := "{}", "application/json"
		if path == "issues/1" {
			body, mediaType = "_method=DELETE", "application/x-www-form-urlencoded"
		}
		if err := send(t, g, call, "POST", path, body, "Content-Type", mediaType); outcome(err) != "path" || service.count() != 0 {
			t.Errorf("%s: %d sent: %v", path, service.count(), err)
		}
	}
}
