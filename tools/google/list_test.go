package google_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/google"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func offered() tools.Offer {
	return google.Offer(tools.Setup{API: http.DefaultClient, At: credentials.Service{Name: "google", Title: "Google", APIURL: "https://www.googleapis.com/"}})
}

// TestGolden: how a model sees the tools is a decision.
func TestGolden(t *testing.T) {
	t.Parallel()
	s := tools.NewServer(tools.Options{Version: "test", Offer: offered()})
	answer, err := json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Result.Tools) != 4 {
		t.Fatalf("%d tools, %v", len(list.Result.Tools), err)
	}
	if len(answer) > 4_000 {
		t.Errorf("%d bytes; 4,000 at most", len(answer))
	}
	t.Logf("%d bytes", len(answer))
	for _, declaration := range list.Result.Tools {
		var named struct{ Name string }
		var text bytes.Buffer
		if json.Unmarshal(declaration, &named) != nil || json.Indent(&text, declaration, "", "  ") != nil {
			t.Fatal(string(declaration))
		}
		text.WriteByte('\n')
		golden := filepath.Join("testdata", named.Name+".json")
		if *update {
			if err := os.WriteFile(golden, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || strings.ReplaceAll(string(want), "\r\n", "\n") != text.String() {
			t.Errorf("%s differs (%v); go test ./tools/google -update rewrites it:\n%s", golden, err, text.String())
		}
	}
}

// TestScopes: each tool asks for the narrowest scope that does, and for the one
// that says whose a token is.
// https://developers.google.com/workspace/calendar/api/auth
func TestScopes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"google_calendar_events": "calendar.events.readonly", "google_calendar_event_write": "calendar.events",
		"google_calendar_free_busy": "calendar.events.freebusy", "google_calendar_calendars": "calendar.calendarlist.readonly",
	}
	offer := offered()
	for _, tool := range offer.Tools {
		if !slices.Contains(tool.Scopes, google.Scope(want[tool.Name])) || !slices.Contains(tool.Scopes, "https://www.googleapis.com/auth/calendar.calendarlist.readonly") || len(tool.Scopes) > 2 {
			t.Errorf("%s: %v", tool.Name, tool.Scopes)
		}
		if tool.Toolset != "calendar" {
			t.Errorf("%s is in %s", tool.Name, tool.Toolset)
		}
	}
	for accepted, want := range map[string]string{
		"calendar calendar.events.freebusy calendar.freebusy calendar.readonly":                        "calendar.events.freebusy",
		"calendar calendar.events calendar.events.freebusy calendar.events.readonly calendar.readonly": "calendar.events.readonly",
		"calendar calendar.app.created calendar.events calendar.events.owned":                          "calendar.events",
		"calendar calendar.readonly calendar.settings calendar.settings.readonly":                      "calendar.readonly",
		"drive drive.file drive.readonly":                                                              "drive.readonly",
		"gmail.readonly gmail.addons.current.action":                                                   "gmail.readonly",
		"drive drive.file": "drive.file",
		"":                 "",
	} {
		whole := ""
		for name := range strings.FieldsSeq(accepted) {
			whole += " " + google.Scope(name)
		}
		refusal := &http.Response{Header: http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/", error=insufficient_scope, scope="` + strings.TrimSpace(whole) + `"`}}}
		got := google.MissingScopes(refusal)
		if want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0] != google.Scope(want) {
			t.Errorf("%s: %v", accepted, got)
		}
	}
	refused := &http.Response{Header: http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/", error="invalid_token", scope="https://www.googleapis.com/auth/calendar"`}}}
	if got := google.MissingScopes(refused); got != nil {
		t.Errorf("no scope is missing: %v", got)
	}
}
