package rest

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
)

// TestDryRuns: every method with every kind of body shows the request that it sends
// without a dry run. A redirect makes no second request of a change.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{
		`{"method":"POST","path":"a/b","body":{"z":1,"a":"<&>"}`,
		`{"method":"PUT","path":"a%2Fb","query":{"q":"x y"},"body":[1,2]`,
		`{"method":"PATCH","path":"a","form":{"one":"1","two":"ä"},"headers":{"If-Match":"\"tag\""}`,
		`{"method":"DELETE","path":"a"`,
		`{"method":"POST","path":"moved","body":"text"`,
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			f := start(t, map[string]func(http.ResponseWriter){"POST /base/moved": says(307, "", "Location", "/base/a")})
			f.guarded(&gate.Rules{Confirm: gate.Never})
			dry, shown, err := f.runs(arguments + `,"dry_run":true}`)
			if err != nil || len(dry.Held()) != 1 || len(f.asked) > 0 {
				t.Fatalf("%q, %v, %v", shown, err, f.asked)
			}
			plan := dry.Held()[0]
			if _, _, err := f.runs(arguments + "}"); gate.IsHeld(err) || len(f.asked) != 1 {
				t.Fatalf("%v, %v", err, f.asked)
			}
			sent := f.asked[0]
			if plan.Method != sent.Method || plan.URL != f.url+sent.URL.RequestURI() || plan.Body != f.bodies[0] || plan.Header.Get("Content-Type") != sent.Header.Get("Content-Type") {
				t.Errorf("the plan is\n%+v, and sent was\n%s %s %s", plan, sent.Method, sent.URL, f.bodies[0])
			}
			for _, part := range []string{"dry run: nothing was sent.", "\n" + plan.Method + " " + plan.URL + "\n"} {
				if !strings.Contains(shown, part) {
					t.Errorf("no %q in\n%s", part, shown)
				}
			}
		})
	}
}

// TestHeldIsNotLost: what was never sent can't have been carried out.
func TestHeldIsNotLost(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.guarded(&gate.Rules{Confirm: gate.Never, Stop: gate.StopFile{t.TempDir()}})
	call, _, err := f.runs(`{"method":"POST","path":"a"}`)
	if !gate.IsHeld(err) || IsLost(err) || !strings.HasPrefix(err.Error(), "nothing was sent: the person has everything") || call.Passed() || len(f.asked) > 0 {
		t.Error(err)
	}
	// The client's own error says that it is one of the network.
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, raw := (&http.Client{Transport: &gate.Gate{Next: server.Client().Transport, Base: server.URL}}).Post(server.URL, "", strings.NewReader("x"))
	if !gate.IsHeld(raw) || IsLost(raw) {
		t.Error(raw)
	}
}

// guarded puts a gate before the API.
func (f *fake) guarded(rules *gate.Rules) {
	f.offer = Offer(tools.Setup{
		API: &http.Client{Transport: &gate.Gate{Next: http.DefaultTransport, Service: "acme", Base: f.url + "/base/", Rules: rules}},
		At:  credentials.Service{Name: "acme", Title: "Acme", APIURL: f.url + "/base/", HostVariable: "ACME_API_URL"},
	}, nil, nil)
}

func (f *fake) runs(arguments string) (*gate.Call, string, error) {
	f.t.Helper()
	tool := f.offer.Tools[1]
	call := tool.NewCall()
	answer, err := tools.Run(gate.With(f.t.Context(), call), slog.New(slog.DiscardHandler), tool, json.RawMessage(arguments))
	return call, answer, err
}
