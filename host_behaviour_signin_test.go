//go:build unix

package main

import (
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/sandbox"
)

// shown is a sign-in as a host's person, or its model, gets to see it.
type shown struct {
	text, mode, page string
	// answer goes back with what was made of the question; it answers the id of
	// the request that is answered then.
	answer func(action string) (id string)
}

// call calls the tool that takes a sign-in.
func (h *hostSeat) call(more map[string]any) (id string) {
	h.t.Helper()
	params := map[string]any{"name": "github_whoami", "arguments": map[string]any{}}
	for name, value := range more {
		params[name] = value
	}
	return h.asks("tools/call", params)
}

// signIn calls a tool, is shown a sign-in, answers as the host does and goes on.
func (h *hostSeat) signIn() {
	h.t.Helper()
	s := h.shows(h.call(nil))
	if h.progress > 1 {
		h.t.Errorf("the sign-in came after %v lines of progress, so not at once", h.progress)
	}
	if h.row.hearsProgress && s.mode != inWords && h.progress == 0 {
		h.t.Error("nothing was heard of the wait for the person")
	}
	code := h.expectSteps(s)
	switch {
	case s.answer == nil:
		h.approves(code)
	case h.row.answers == "":
		h.approves(code)
		if text, isError := textIn(h.result(s.answer("accept"))); isError || !strings.Contains(text, "@mona-example") {
			h.t.Errorf("the call that was waiting answers %q", text)
		}
	default:
		text, isError := textIn(h.result(s.answer(h.row.answers)))
		if again := h.expectSteps(shown{text: text}); again != code || isError != (h.row.answers == "decline") {
			h.t.Errorf("the answer after %s is %q, error: %t", h.row.answers, text, isError)
		}
		h.approves(code)
	}
	eventually(h.t, "the sign-in", func() bool {
		text, _ := textIn(h.result(h.call(nil)))
		return strings.Contains(text, "@mona-example")
	})
	if n := h.asked(deviceCodePath); n != 1 {
		h.t.Errorf("%d codes were asked for", n)
	}
}

func (h *hostSeat) approves(code string) {
	h.t.Helper()
	if err := sandbox.ApproveInPage(h.t.Context(), h.URL()+"/login/device", code); err != nil {
		h.t.Fatal(err)
	}
}

// shows receives the sign-in in the host's form.
func (h *hostSeat) shows(id string) shown {
	h.t.Helper()
	message := h.hears()
	if message["method"] == "elicitation/create" {
		params := message["params"].(map[string]any)
		return h.dialog(params, func(action string) string {
			h.writes(map[string]any{"id": message["id"], "result": map[string]any{"action": action, "content": map[string]any{}}})
			return id
		})
	}
	result, is := message["result"].(map[string]any)
	if !is || message["id"] != id {
		h.t.Fatalf("not an answer: %v", message)
	}
	asked, _ := result["inputRequests"].(map[string]any)
	for key, request := range asked {
		params := request.(map[string]any)["params"].(map[string]any)
		return h.dialog(params, func(action string) string {
			return h.call(map[string]any{"requestState": result["requestState"], "inputResponses": map[string]any{key: map[string]any{"action": action}}})
		})
	}
	text, isError := textIn(result)
	if isError {
		h.t.Errorf("the sign-in is an error: %q", text)
	}
	return shown{text: text, mode: inWords}
}

func (h *hostSeat) dialog(params map[string]any, answer func(string) string) shown {
	h.t.Helper()
	mode, _ := params["mode"].(string)
	if mode == "" {
		mode = asForm
	}
	page, _ := params["url"].(string)
	return shown{text: fmt.Sprint(params["message"]), mode: mode, page: page, answer: answer}
}

// expectSteps: all that a person needs is there. It answers the code.
func (h *hostSeat) expectSteps(s shown) (code string) {
	h.t.Helper()
	code = userCode.FindString(s.text)
	address := h.address + "/login/device"
	if s.mode != "" && s.mode != h.row.sees || !containsAll(s.text, []string{address, "minutes"}) || code == "" {
		h.t.Fatalf("the sign-in is %q (%s)", s.text, s.mode)
	}
	if s.mode == asPage && s.page != address {
		h.t.Errorf("the page to open is %q", s.page)
	}
	return code
}

func textIn(result map[string]any) (text string, isError bool) {
	isError, _ = result["isError"].(bool)
	for _, part := range result["content"].([]any) {
		text += part.(map[string]any)["text"].(string)
	}
	return text, isError
}
