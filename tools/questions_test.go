package tools_test

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

var codePattern = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

func code(t *testing.T, text string) string {
	t.Helper()
	found := codePattern.FindString(text)
	if found == "" {
		t.Fatalf("no code in %q", text)
	}
	return found
}

// client is a kind of host: its revision and what it declares.
type client struct {
	era         string
	elicitation map[string]any
	mode        string
}

func clients() map[string]client {
	form := map[string]any{"form": map[string]any{}}
	both := map[string]any{"form": map[string]any{}, "url": map[string]any{}}
	all := map[string]client{
		"2024-11-05 none":  {"2024-11-05", nil, ""},
		"2025-06-18 empty": {"2025-06-18", map[string]any{}, "form"},
		"2025-06-18 url":   {"2025-06-18", both, "url"},
	}
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		all[era+" none"] = client{era, nil, ""}
		all[era+" form"] = client{era, form, "form"}
		all[era+" url"] = client{era, both, "url"}
	}
	return all
}

// question is what the client is asked, however it is carried.
type question struct {
	id     any
	key    string
	state  string
	params map[string]any
}

// ask starts a call and receives the question.
func (h *host) ask(mode string) question {
	h.t.Helper()
	h.call(nil)
	q := h.asked()
	h.checkQuestion(q, mode)
	return q
}

// asked receives a question instead of an answer.
func (h *host) asked() question {
	h.t.Helper()
	q := question{}
	if !h.modern() {
		message := h.receive()
		if message["method"] != "elicitation/create" {
			h.t.Fatalf("not a question: %v", message)
		}
		q.id, q.params = message["id"], message["params"].(map[string]any)
	} else {
		result := h.result()
		if result["resultType"] != "input_required" {
			h.t.Fatalf("not a question: %v", result)
		}
		q.state = result["requestState"].(string)
		for key, request := range result["inputRequests"].(map[string]any) {
			q.key, q.params = key, request.(map[string]any)["params"].(map[string]any)
		}
	}
	return q
}

// checkQuestion holds a question against the specification, revision
// 2025-11-25 and 2026-07-28, "Elicitation".
func (h *host) checkQuestion(q question, mode string) {
	h.t.Helper()
	if got, _ := q.params["mode"].(string); got != mode && !(mode == "form" && got == "") {
		h.t.Errorf("mode is %q, want %q", got, mode)
	}
	message := q.params["message"].(string)
	if !strings.Contains(message, h.box.URL()+"/login/device") || !codePattern.MatchString(message) {
		h.t.Errorf("the message lacks the address or the code: %q", message)
	}
	_, hasID := q.params["elicitationId"]
	if hasID != (mode == "url" && !h.modern()) {
		h.t.Errorf("elicitationId is there: %v", hasID)
	}
	switch mode {
	case "url":
		if !strings.HasPrefix(q.params["url"].(string), h.box.URL()+"/login/device") {
			h.t.Errorf("url is %v", q.params["url"])
		}
	case "form":
		schema := q.params["requestedSchema"].(map[string]any)
		properties, _ := schema["properties"].(map[string]any)
		if schema["type"] != "object" || len(properties) == 0 {
			h.t.Errorf("requestedSchema is not a flat object: %v", schema)
		}
		for name, property := range properties {
			if kind := property.(map[string]any)["type"]; kind != "boolean" && kind != "string" {
				h.t.Errorf("property %s is a %v", name, kind)
			}
		}
	}
}

// reply answers a question.
func (h *host) reply(q question, action string) {
	h.t.Helper()
	answer := map[string]any{"action": action}
	if action == "accept" {
		answer["content"] = map[string]any{"approved": true}
	}
	if h.modern() {
		h.call(map[string]any{"requestState": q.state, "inputResponses": map[string]any{q.key: answer}})
		return
	}
	h.send(map[string]any{"id": q.id, "result": answer})
}

func (h *host) expectSignedIn(result map[string]any) {
	h.t.Helper()
	if text := textOf(h.t, result); !strings.Contains(text, "mona-example") || result["isError"] == true {
		h.t.Errorf("not the tool's own answer: %v", result)
	}
}

func (h *host) expectWords(result map[string]any, code string) {
	h.t.Helper()
	text := textOf(h.t, result)
	again := "call the same tool again"
	if h.resource != "" {
		again = "read the same resource again"
	}
	for _, want := range []string{code, h.box.URL() + "/login/device", "minutes", again} {
		if !strings.Contains(text, want) {
			h.t.Errorf("the words lack %q: %q", want, text)
		}
	}
	if result["isError"] == true {
		h.t.Error("a missing sign-in is given as an error")
	}
}

func (h *host) lastCode() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := codePattern.FindAllString(h.transcript.String(), -1)
	return all[len(all)-1]
}

func (h *host) count(path string) int {
	n := 0
	for _, r := range h.box.Requests() {
		if r.Path == path {
			n++
		}
	}
	return n
}

func (h *host) expectNoSecrets() {
	h.t.Helper()
	secrets := append(h.secrets(), sandbox.ClientSecret)
	if len(secrets) < 3 {
		h.t.Fatalf("only %d secrets to look for", len(secrets))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, secret := range secrets {
		if strings.Contains(h.transcript.String()+h.stderr.String(), secret) {
			h.t.Errorf("a secret of %d bytes was shown", len(secret))
		}
	}
}
