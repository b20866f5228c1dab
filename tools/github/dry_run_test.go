package github_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// gated are the tools behind a gate, at an address.
func gated(server *httptest.Server, rules *gate.Rules) []tools.Tool {
	client := *server.Client()
	client.Transport = &gate.Gate{Next: client.Transport, Service: "github", Base: server.URL, Reads: github.Service("").Reads, Rules: rules}
	return toolsAt(&client, server.URL)
}

// runGated makes a call as the server does.
func runGated(t *testing.T, all []tools.Tool, name, arguments string) (*gate.Call, string, error) {
	t.Helper()
	i := slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == name })
	if i < 0 {
		t.Fatalf("no tool %s", name)
	}
	call := all[i].NewCall()
	answer, err := tools.Run(gate.With(t.Context(), call), slog.New(slog.DiscardHandler), all[i], json.RawMessage(arguments))
	return call, answer, err
}

// isChange tells a recorded request that changes something, by what GitHub would do
// with it and not by what the gate thinks.
func (r relayed) isChange() bool {
	return r.method != http.MethodGet && r.method != http.MethodHead && (r.path != "/graphql" || strings.Contains(r.body, `"query":"mutation`))
}

// withDryRun are the same arguments for a dry run.
func withDryRun(t *testing.T, arguments, value string) string {
	t.Helper()
	if !strings.HasPrefix(arguments, "{") {
		t.Fatal(arguments)
	}
	return strings.Replace(`{"dry_run":`+value+`,`+arguments[1:], ",}", "}", 1)
}

// writingCalls are those of the rows that change something.
func writingCalls(t *testing.T) []parityCall {
	t.Helper()
	var all []parityCall
	for _, row := range rowsOf(t, "calls") {
		for _, call := range row.calls {
			if strings.HasSuffix(call.tool, "_write") {
				all = append(all, call)
			}
		}
	}
	if len(all) < 100 {
		t.Fatalf("%d calls", len(all))
	}
	return all
}

// TestDryRuns: every action of every tool that writes sends nothing but what reads in
// a dry run, and shows the very request that it sends first without one.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	to := standIn(t)
	for i, call := range writingCalls(t) {
		t.Run(fmt.Sprint(i, " ", call.tool), func(t *testing.T) {
			t.Parallel()
			relay, server := relayTo(t, to, call)
			all := gated(server, &gate.Rules{Confirm: gate.Never})
			held, answer, err := runGated(t, all, call.tool, withDryRun(t, call.arguments, "true"))
			before := relay.asked()
			if slices.ContainsFunc(before, relayed.isChange) {
				t.Fatalf("%s: a dry run sent %+v", call.arguments, before)
			}
			sent, _, failed := runGated(t, all, call.tool, call.arguments)
			after := relay.asked()[len(before):]
			first := slices.IndexFunc(after, relayed.isChange)
			switch {
			case first < 0 && len(held.Held()) == 0 && !strings.HasPrefix(answer, "dry run: nothing was sent"):
				t.Logf("%s: changes nothing: %v", call.arguments, failed)
			case first < 0 || len(held.Held()) == 0 || err != nil:
				t.Errorf("%s: the dry run is %q, %v; sent is %+v", call.arguments, answer, err, after)
			default:
				checkPlan(t, held.Held()[0], answer, after[first], server.URL)
			}
			if first >= 0 != sent.Passed() {
				t.Errorf("%s: the gate saw %v", call.arguments, sent.Requests())
			}
		})
	}
}

// checkPlan holds what a dry run has shown against what was sent.
func checkPlan(t *testing.T, plan gate.Request, shown string, sent relayed, base string) {
	t.Helper()
	address, err := url.Parse(plan.URL)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Method != sent.method || address.EscapedPath() != sent.path || address.Query().Encode() != sent.query.Encode() || strings.TrimSpace(plan.Body) != sent.body {
		t.Errorf("the plan is\n%+v, and sent was\n%+v", plan, sent)
	}
	if !strings.Contains(shown, "\n"+sent.method+" "+base+sent.path) {
		t.Errorf("%s %s isn't shown in\n%s", sent.method, sent.path, shown)
	}
	_, body, _ := strings.Cut(shown, "\n{")
	body, _, _ = strings.Cut("{"+body, "\n\n")
	if sent.body != "" && len(sent.body) < 4000 && !sameJSON(body, sent.body) {
		t.Errorf("the body\n%s\nis shown as\n%s", sent.body, shown)
	}
}

// TestStoppedCalls: every action of every tool that writes is refused while changes
// are stopped, sends nothing but what reads, and takes the refusal for nothing else.
func TestStoppedCalls(t *testing.T) {
	t.Parallel()
	to := standIn(t)
	stopped := &gate.Rules{Confirm: gate.Never, Stop: gate.StopFile{t.TempDir()}}
	asks := &gate.Rules{Confirm: gate.Writes}
	for i, call := range writingCalls(t) {
		t.Run(fmt.Sprint(i, " ", call.tool), func(t *testing.T) {
			t.Parallel()
			for want, rules := range map[string]*gate.Rules{"nothing was sent: the person has everything that would change something stopped since ": stopped, "nothing was sent: the person has to agree first": asks} {
				relay, server := relayTo(t, to, call)
				judged, answer, err := runGated(t, gated(server, rules), call.tool, call.arguments)
				if slices.ContainsFunc(relay.asked(), relayed.isChange) || judged.Passed() {
					t.Errorf("%s: sent %+v", call.arguments, relay.asked())
				}
				if judged.Refusal() == nil {
					t.Logf("%s: changes nothing", call.arguments)
				} else if answer != "" || err == nil || !strings.HasPrefix(err.Error(), want) || !gate.IsHeld(err) {
					t.Errorf("%s: %q, %v", call.arguments, answer, err)
				}
			}
		})
	}
}
