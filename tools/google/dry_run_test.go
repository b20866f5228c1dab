package google_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/google"
)

// guarded puts a gate before the practice calendar.
func (b *bench) guarded(rules *gate.Rules) {
	b.offer = google.Offer(tools.Setup{
		API: &http.Client{Transport: &gate.Gate{Next: b, Service: "google", Base: b.box.URL() + "/", Rules: rules}}, Now: now, Version: "1.2.3",
		At: credentials.Service{Name: "google", Title: "Google", APIURL: b.box.URL() + "/", HostVariable: "GOOGLE_API_URL"},
	})
}

// runs makes a call as the server does.
func (b *bench) runs(tool, arguments string) (*gate.Call, string, error) {
	b.t.Helper()
	i := slices.IndexFunc(b.offer.Tools, func(t tools.Tool) bool { return t.Name == "google_calendar_"+tool })
	call := b.offer.Tools[i].NewCall()
	answer, err := tools.Run(gate.With(b.t.Context(), call), slog.New(slog.DiscardHandler), b.offer.Tools[i], json.RawMessage(arguments))
	return call, answer, err
}

// writes are arguments for every action.
func writes() map[string]string {
	return map[string]string{
		"create":  `{"action":"create","title":"Tea <&> Ж","start":"2026-10-26T15:00","meet":true`,
		"update":  `{"action":"update","id":"watch00","title":"Coffee"`,
		"delete":  `{"action":"delete","id":"watch00"`,
		"respond": `{"action":"respond","id":"review00","response":"accepted"`,
	}
}

// TestDryRuns: every action shows the request that it sends without a dry run, and
// sends none but what reads.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	for action, arguments := range writes() {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			b.guarded(&gate.Rules{Confirm: gate.Never})
			dry, shown, err := b.runs("event_write", arguments+`,"dry_run":true}`)
			if sent := b.changes(); err != nil || len(dry.Held()) != 1 || len(sent) > 0 {
				t.Fatalf("%q, %v, %v", shown, err, sent)
			}
			plan := dry.Held()[0]
			real, answer, err := b.runs("event_write", arguments+`}`)
			sent := b.changes()
			if err != nil || !real.Passed() || len(sent) != 1 {
				t.Fatalf("%q, %v", answer, err)
			}
			address := b.box.URL() + sent[0].path
			if sent[0].query != "" {
				address += "?" + sent[0].query
			}
			if plan.Method != sent[0].method || plan.URL != address || plan.Body != sent[0].body || plan.Header.Get("If-Match") != sent[0].ifMatch {
				t.Errorf("the plan is\n%+v, and sent was\n%+v", plan, sent[0])
			}
			b.holds(shown, "dry run: nothing was sent.", "\n"+plan.Method+" "+plan.URL+"\n")
		})
	}
}

// TestHeldBack: what the gate keeps back comes out as it is, and never as an answer
// that was lost.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	for action, arguments := range writes() {
		for want, rules := range map[string]*gate.Rules{
			"nothing was sent: the person has everything": {Confirm: gate.Never, Stop: gate.StopFile{t.TempDir()}},
			"nothing was sent: the person has to agree":   {Confirm: gate.Writes},
		} {
			b := start(t)
			b.guarded(rules)
			_, _, err := b.runs("event_write", arguments+`}`)
			if sent := b.changes(); !gate.IsHeld(err) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "all the same") || len(sent) > 0 {
				t.Errorf("%s: %v; sent %v", action, err, sent)
			}
		}
	}
}

// TestStoppedBeforeTheSecondTry: an answer that was lost stays so if the second try
// is stopped, and the id as well.
func TestStoppedBeforeTheSecondTry(t *testing.T) {
	t.Parallel()
	b := start(t)
	stopping := &gate.Rules{Confirm: gate.Never}
	b.guarded(stopping)
	b.instead = func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		if r.Method == http.MethodPost {
			stopping.Stop = gate.StopFile{t.TempDir()}
			httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			return nil, lost{}
		}
		return nil, nil
	}
	_, _, err := b.runs("event_write", `{"action":"create","title":"Tea","start":"2026-10-26T15:00"}`)
	var refusal *gate.Refused
	if !errors.As(err, &refusal) || refusal.By != "stop" || !strings.Contains(err.Error(), "the call had sent a change before: look at what is there now") {
		t.Fatal(err)
	}
	first := b.changes()
	stopping.Stop, b.instead = nil, nil
	if _, answer, err := b.runs("event_write", `{"action":"create","title":"Tea","start":"2026-10-26T15:00"}`); err != nil {
		t.Errorf("%s, %v", answer, err)
	}
	if second := b.changes(); len(first) != 1 || len(second) != 1 || first[0].body != second[0].body {
		t.Errorf("%v, then %v", first, second)
	}
}
