package microsoft_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/services"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// offered are all tools of the service, as a client gets them for tools/list.
func offered(t *testing.T) (offer tools.Offer, list []byte) {
	t.Helper()
	service := services.Microsoft()
	at, err := service.At(credentials.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	offer = service.Offer(tools.Setup{API: http.DefaultClient, At: at})
	s := tools.NewServer(tools.Options{Version: "test", Offer: offer})
	list, err = json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	return offer, list
}

// The list is read by every model at the start of every conversation.
func TestListSize(t *testing.T) {
	t.Parallel()
	_, list := offered(t)
	t.Logf("%d bytes", len(list))
	if len(list) > 6000 {
		t.Errorf("%d bytes, 6,000 at most", len(list))
	}
}

// What a model sees of each tool is a golden file, so that a change is a
// decision: go test ./tools/microsoft -update
func TestDeclarations(t *testing.T) {
	t.Parallel()
	_, list := offered(t)
	var answer struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(list, &answer); err != nil || len(answer.Result.Tools) != 5 {
		t.Fatalf("%d tools, %v", len(answer.Result.Tools), err)
	}
	for _, raw := range answer.Result.Tools {
		var named struct{ Name string }
		var indented bytes.Buffer
		if err := json.Unmarshal(raw, &named); err != nil || json.Indent(&indented, raw, "", "  ") != nil {
			t.Fatal(err)
		}
		if strings.Contains(named.Name, "_api") {
			continue
		}
		indented.WriteByte('\n')
		golden := filepath.Join("testdata", named.Name+".json")
		if *update {
			if err := os.WriteFile(golden, indented.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), indented.Bytes()) {
			t.Errorf("it differs from %s (%v); look at it, then: go test ./tools/microsoft -update\n%s", golden, err, indented.Bytes())
		}
	}
}

// A sign-in asks for no more than the tools that are offered need.
func TestScopes(t *testing.T) {
	t.Parallel()
	offer, _ := offered(t)
	for _, c := range []struct {
		toolsets, patterns []string
		want               string
	}{
		{nil, nil, "Calendars.Read Calendars.ReadWrite Mail.Read User.Read"},
		{[]string{"mail"}, nil, "Mail.Read User.Read"},
		{nil, []string{"-*_write"}, "Calendars.Read Mail.Read User.Read"},
		{[]string{"api"}, nil, "User.Read"},
	} {
		selected, err := tools.Selection{Toolsets: c.toolsets, Patterns: c.patterns}.Of(offer, services.Microsoft().Toolsets)
		if got := strings.Join(tools.ScopesOf(selected.Tools), " "); err != nil || got != c.want {
			t.Errorf("%v %v: %s, want %s, %v", c.toolsets, c.patterns, got, c.want, err)
		}
	}
}
