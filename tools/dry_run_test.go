package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
)

// changer is a tool that changes something by a body, as often as it is told, and may
// not care for errors.
type changer struct {
	server *httptest.Server
	rules  *gate.Rules
	sent   atomic.Int32
	// after is called after each request that was sent.
	after func()
}

func newChanger(t *testing.T, rules *gate.Rules) *changer {
	c := &changer{rules: rules, after: func() {}}
	c.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		c.sent.Add(1)
		c.after()
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *changer) tool(body string, times int, careless bool) tools.Tool {
	client := &http.Client{Transport: &gate.Gate{Next: c.server.Client().Transport, Base: c.server.URL, Rules: c.rules}}
	return tools.Define(tools.Tool{Name: "acme_write", Title: "Write", Description: "Writes.", Access: tools.Write}, func(ctx context.Context, _ struct{}) (string, error) {
		for i := range times {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/things/%d", c.server.URL, i), strings.NewReader(body))
			if err != nil {
				return "", err
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Example", "hidden")
			answer, err := client.Do(r)
			if err == nil {
				answer.Body.Close()
			} else if !careless {
				return "", err
			}
		}
		return "all is done", nil
	})
}

func runTool(t *testing.T, tool tools.Tool, arguments string) (string, error) {
	t.Helper()
	return tools.Run(t.Context(), slog.New(slog.DiscardHandler), tool, json.RawMessage(arguments))
}

// TestCarelessTools: a tool that swallows errors can't show a success for what was
// never sent, nor hide what was.
func TestCarelessTools(t *testing.T) {
	t.Parallel()
	stop := gate.StopFile{t.TempDir()}
	c := newChanger(t, &gate.Rules{Confirm: gate.Never})
	answer, err := runTool(t, c.tool("{}", 2, true), `{"dry_run":true}`)
	if err != nil || strings.Contains(answer, "all is done") || strings.Count(answer, "\nPOST ") != 2 || c.sent.Load() != 0 {
		t.Errorf("%q, %v", answer, err)
	}
	c.rules.Stop = stop
	if answer, err := runTool(t, c.tool("{}", 2, true), `{}`); answer != "" || !gate.IsHeld(err) || c.sent.Load() != 0 || strings.Contains(err.Error(), "before") {
		t.Errorf("%q, %v", answer, err)
	}
	for _, careless := range []bool{true, false} {
		c := newChanger(t, &gate.Rules{Confirm: gate.Never})
		c.after = func() { c.rules.Stop = stop }
		answer, err := runTool(t, c.tool("{}", 3, careless), `{}`)
		if answer != "" || !gate.IsHeld(err) || c.sent.Load() != 1 || !strings.HasPrefix(err.Error(), "nothing was sent: the person has everything") ||
			!strings.Contains(err.Error(), "the call had sent a change before: look at what is there now") || strings.Contains(err.Error(), "all is done") != careless {
			t.Errorf("%q, %v", answer, err)
		}
	}
	if answer, err := runTool(t, newChanger(t, nil).tool("", 0, false), `{"dry_run":true}`); err != nil || !strings.HasPrefix(answer, "dry run: nothing would be sent.") {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestShownBodies: a dry run shows what would be sent, so that a person can read it:
// all of it that there is room for, and what nobody sees escaped.
func TestShownBodies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 4000)
	for body, want := range map[string]string{
		`{"b":1,"a":[true,{"c":"x"}]}`:          "\n\n{\n  \"b\": 1,\n  \"a\": [\n    true,\n    {\n      \"c\": \"x\"\n    }\n  ]\n}\n",
		`{"n":12345678901234567890,"f":1.10}`:   "\"n\": 12345678901234567890,\n  \"f\": 1.10\n",
		"{\"a\":\"x\u200by\U000E0041z\u202e\"}": `"a": "x\u200by\udb40\udc41z\u202e"`,
		"a=1&b=\u200b":                          "\n\na=1&b=\\u200b\n",
		"plain\ttext":                           "\n\nplain\ttext\n",
		"\x1f\x8b\x08binary\xff":                "[10 bytes that are no text]",
		long:                                    "[cut here: ",
		`{"a":"` + long + `"}`:                  "bytes shown; all of it would be sent]",
		`[` + strings.Repeat(`1,`, 2000) + `1]`: "[1,1,1,1,",
		"example-secret-0123":                   "\n\n*******************\n",
		"":                                      "Content-Type: application/json\n",
	} {
		tool := newChanger(t, nil).tool(body, 1, false).Masked(func(text string) string {
			return strings.ReplaceAll(text, "example-secret-0123", "*******************")
		})
		answer, err := runTool(t, tool, `{"dry_run":true}`)
		if err != nil || !strings.Contains(answer, want) || len(answer) > 9000 || strings.Contains(answer, "hidden") || strings.Contains(answer, "example-secret") {
			t.Errorf("%.100q: no %q in\n%s\n%v", body, want, answer, err)
		}
	}
}

// TestDryRunValues: it is a boolean like any other, and what isn't one sends nothing.
func TestDryRunValues(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`true`: "dry", `"true"`: "dry", `false`: "real", `"false"`: "real", `null`: "real",
		`1`: "wrong", `0`: "wrong", `"yes"`: "wrong", `""`: "wrong", `[true]`: "wrong", `{}`: "wrong", `"TRUE "`: "wrong",
	} {
		c := newChanger(t, nil)
		answer, err := runTool(t, c.tool("{}", 1, false), `{"dry_run":`+value+`}`)
		var wrong *tools.ArgumentError
		got := "real"
		switch {
		case errors.As(err, &wrong):
			got = "wrong"
		case strings.HasPrefix(answer, "dry run: "):
			got = "dry"
		}
		if got != want || (c.sent.Load() == 1) != (want == "real") {
			t.Errorf("dry_run=%s: %q, %v, %d sent; want %s", value, answer, err, c.sent.Load(), want)
		}
	}
	if answer, err := runTool(t, newChanger(t, nil).tool("{}", 1, false), `{"dry_run":true,"dry_run":false}`); err != nil || answer != "all is done" {
		t.Errorf("the last of two counts, as with any argument: %q, %v", answer, err)
	}
}

// TestDryRunWithoutAGate isn't one.
func TestDryRunWithoutAGate(t *testing.T) {
	t.Parallel()
	c := newChanger(t, nil)
	if _, err := c.tool("{}", 1, false).Call(t.Context(), json.RawMessage(`{"dry_run":true}`)); err == nil || c.sent.Load() != 0 {
		t.Error(err)
	}
}
