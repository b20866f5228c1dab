package microsoft_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/microsoft"
)

// guarded puts a gate before the practice Graph, and answers the one tool that writes.
func (p *practice) guarded(rules *gate.Rules) tools.Tool {
	p.t.Helper()
	base := p.box.URL() + "/v1.0/"
	all := microsoft.Offer(tools.Setup{
		API: &http.Client{Transport: &gate.Gate{Next: p.client.Transport, Service: "microsoft", Base: base, Rules: rules}},
		At:  credentials.Service{Name: "microsoft", Title: "Microsoft 365", HostVariable: "MICROSOFT_API_URL", APIURL: base},
		Now: func() time.Time { return time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC) },
	}).Tools
	writes := slices.DeleteFunc(slices.Clone(all), func(t tools.Tool) bool { return t.Access == tools.Read || t.Toolset == "api" })
	if len(writes) != 1 {
		p.t.Fatalf("%d tools write", len(writes))
	}
	return writes[0]
}

func (p *practice) runs(tool tools.Tool, arguments string) (*gate.Call, string, error) {
	p.t.Helper()
	call := tool.NewCall()
	answer, err := tools.Run(gate.With(p.t.Context(), call), slog.New(slog.DiscardHandler), tool, json.RawMessage(arguments))
	return call, answer, err
}

// changes are the requests from a number on that change something.
func (p *practice) changes(from int) []sentRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.asked[from:]), func(r sentRequest) bool { return r.Method == http.MethodGet })
}

// TestDryRuns: every action shows the request that it sends without a dry run, and
// sends none but what reads. What the gate keeps back comes out as it is.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	for action, c := range map[string][2]string{
		"create":  {"", `"title":"Tea <&> Ж","start":"2026-10-28T10:00Z"`},
		"update":  {"Lunch", `"title":"Late lunch"`},
		"delete":  {"Lunch", ""},
		"cancel":  {"Stand-up", `"comment":"Storm"`},
		"respond": {"Tide tables", `"response":"accepted"`},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			p := practise(t)
			arguments := `{"action":"` + action + `",` + c[1]
			if c[0] != "" {
				arguments = strings.TrimSuffix(arguments, ",") + `,"id":"` + idOf(t, p.says("microsoft_events", `{"from":"2026-10-24","to":"2026-10-29"}`), c[0]) + `"`
			}
			for want, rules := range map[string]*gate.Rules{
				"nothing was sent: the person has everything": {Confirm: gate.Never, Stop: gate.StopFile{t.TempDir()}},
				"nothing was sent: the person has to agree":   {Confirm: gate.Writes},
			} {
				if _, answer, err := p.runs(p.guarded(rules), arguments+"}"); !gate.IsHeld(err) || !strings.HasPrefix(err.Error(), want) || len(p.changes(0)) > 0 {
					t.Errorf("%q, %v", answer, err)
				}
			}
			tool := p.guarded(&gate.Rules{Confirm: gate.Never})
			dry, shown, err := p.runs(tool, arguments+`,"dry_run":true}`)
			if err != nil || len(dry.Held()) != 1 || len(p.changes(0)) > 0 {
				t.Fatalf("%q, %v, %v", shown, err, p.changes(0))
			}
			plan := dry.Held()[0]
			if _, answer, err := p.runs(tool, arguments+`}`); err != nil || len(p.changes(0)) != 1 {
				t.Fatalf("%q, %v, %v", answer, err, p.changes(0))
			}
			sent := p.changes(0)[0]
			address := p.box.URL() + "/v1.0" + sent.Path
			if sent.Query != "" {
				address += "?" + sent.Query
			}
			if plan.Method != sent.Method || plan.URL != address || plan.Body != sent.Body || plan.Header.Get("If-Match") != sent.header.Get("If-Match") {
				t.Errorf("the plan is\n%+v, and sent was\n%+v", plan, sent)
			}
			p.holds("the dry run", shown, []string{"dry run: nothing was sent.", "\n" + plan.Method + " " + plan.URL + "\n"})
		})
	}
}
