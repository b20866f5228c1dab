package tools_test

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// bubble is a client whose clock is that of a synctest bubble.
type bubble struct {
	t     *testing.T
	wait  longWait
	stdin *io.PipeWriter
	lines chan map[string]any
	id    int
}

func newBubble(t *testing.T, w longWait) *bubble {
	t.Helper()
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	h := &bubble{t: t, wait: w, stdin: stdin, lines: make(chan map[string]any, 100)}
	t.Cleanup(func() { stdin.Close() })
	w.serveIn(t, in, out)
	go func() {
		defer close(h.lines)
		for from := bufio.NewScanner(stdout); from.Scan(); {
			var message map[string]any
			if err := json.Unmarshal(from.Bytes(), &message); err != nil {
				t.Errorf("%s: %v", from.Text(), err)
			}
			h.lines <- message
		}
	}()
	if !w.modern {
		capabilities := map[string]any{}
		if w.elicitation != nil {
			capabilities["elicitation"] = w.elicitation
		}
		h.send(map[string]any{"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": map[string]any{
			"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": map[string]any{"name": "test", "version": "1"}}})
		<-h.lines
		h.send(map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"})
	}
	return h
}

func (h *bubble) send(message map[string]any) {
	h.t.Helper()
	line, err := json.Marshal(message)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.stdin.Write(append(line, '\n')); err != nil {
		h.t.Fatal(err)
	}
}

// call calls the tool, comes back as often as it is asked to, and answers the
// text and each request that this took.
func (h *bubble) call(token string) (text string, requests []answered) {
	h.t.Helper()
	var more map[string]any
	for {
		result, r := h.request(token, more)
		requests = append(requests, r)
		if result["resultType"] != "input_required" {
			return textOf(h.t, result), requests
		}
		more = map[string]any{"requestState": result["requestState"]}
		asked, _ := result["inputRequests"].(map[string]any)
		for key := range asked {
			more["inputResponses"] = map[string]any{key: map[string]any{"action": h.wait.action}}
		}
	}
}

func (h *bubble) request(token string, more map[string]any) (result map[string]any, r answered) {
	h.t.Helper()
	h.id++
	began := time.Now()
	h.send(h.wait.params(h.id, token, more))
	for message := range h.lines {
		switch message["method"] {
		case "notifications/progress":
			params := message["params"].(map[string]any)
			text, _ := params["message"].(string)
			r.heard = append(r.heard, heard{time.Since(began), params["progressToken"], params["progress"].(float64), text})
		case "elicitation/create":
			h.react(message["id"])
		case nil:
			result, is := message["result"].(map[string]any)
			if !is || message["id"] != float64(h.id) {
				h.t.Fatalf("not the answer: %v", message)
			}
			r.took = time.Since(began)
			return result, r
		}
	}
	h.t.Fatal("the server has closed stdout")
	return nil, r
}

// react is what the person does about a question, later.
func (h *bubble) react(id any) {
	if h.wait.action != "" {
		time.AfterFunc(h.wait.after, func() {
			h.send(map[string]any{"jsonrpc": "2.0", "id": id, "result": map[string]any{"action": h.wait.action, "content": map[string]any{}}})
		})
	}
}

// quiet: nothing comes after the answer, in a minute of the bubble's clock.
func (h *bubble) quiet() {
	h.t.Helper()
	time.Sleep(time.Minute)
	synctest.Wait()
	if n := len(h.lines); n > 0 {
		h.t.Errorf("%d messages came after the answer, the first %v", n, <-h.lines)
	}
}
