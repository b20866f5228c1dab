package stdio_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/stdio"
)

// badMessage is a line that must be answered with an error.
type badMessage struct {
	line, id string
	code     int
}

// noMessages are lines that are nothing of JSON-RPC.
func noMessages() map[string]badMessage {
	deep := strings.Repeat("[", 10001) + strings.Repeat("]", 10001)
	return map[string]badMessage{
		"not JSON":             {`{"jsonrpc":"2.0","id":1,`, "null", -32700},
		"words":                {`hello`, "null", -32700},
		"two on a line":        {`{"jsonrpc":"2.0","id":1,"method":"ping"} {"jsonrpc":"2.0","id":2,"method":"ping"}`, "null", -32700},
		"a header of LSP":      {`Content-Length: 46`, "null", -32700},
		"too deep":             {`{"jsonrpc":"2.0","id":1,"method":"ping","params":` + deep + `}`, "null", -32700},
		"bad UTF-8":            {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"a\":\"\xff\"}}", "null", -32700},
		"bad UTF-8, no object": {"\"\xff\"", "null", -32700},
		"a string":             {`"ping"`, "null", -32600},
		"a number":             {`12`, "null", -32600},
		"null":                 {`null`, "null", -32600},
		"an empty object":      {`{}`, "null", -32600},
	}
}

// badRequests are objects, but no requests that can be served.
func badRequests() map[string]badMessage {
	return map[string]badMessage{
		"an object as id":     {`{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`, "null", -32600},
		"an array as id":      {`{"jsonrpc":"2.0","id":[1],"method":"ping"}`, "null", -32600},
		"true as id":          {`{"jsonrpc":"2.0","id":true,"method":"ping"}`, "null", -32600},
		"null as id":          {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, "null", -32600},
		"a fraction as id":    {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, "null", -32600},
		"an exponent as id":   {`{"jsonrpc":"2.0","id":1e3,"method":"ping"}`, "null", -32600},
		"no jsonrpc":          {`{"id":7,"method":"ping"}`, "7", -32600},
		"no jsonrpc, no id":   {`{"method":"notifications/initialized"}`, "null", -32600},
		"jsonrpc 1.0":         {`{"jsonrpc":"1.0","id":"a","method":"ping"}`, `"a"`, -32600},
		"jsonrpc as a number": {`{"jsonrpc":2.0,"id":7,"method":"ping"}`, "7", -32600},
		"no method":           {`{"jsonrpc":"2.0","id":7}`, "7", -32600},
		"an empty method":     {`{"jsonrpc":"2.0","id":7,"method":""}`, "7", -32600},
		"a number as method":  {`{"jsonrpc":"2.0","id":7,"method":5}`, "7", -32600},
		"method and result":   {`{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}`, "7", -32600},
		"method and error":    {`{"jsonrpc":"2.0","id":7,"method":"ping","error":{"code":1,"message":""}}`, "7", -32600},
		"method, result null": {`{"jsonrpc":"2.0","id":7,"method":"tools/call","result":null}`, "7", -32600},
		"an unknown method":   {`{"jsonrpc":"2.0","id":7,"method":"no/such"}`, "7", -32601},
		"a cancel with an id": {`{"jsonrpc":"2.0","id":7,"method":"notifications/cancelled","params":{"requestId":1}}`, "7", -32601},
		"a list as params":    {`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}`, "7", -32602},
		"a word as params":    {`{"jsonrpc":"2.0","id":7,"method":"initialize","params":"x"}`, "7", -32602},
		"a number as name":    {`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":5}}`, "7", -32602},
		"a list as _meta":     {`{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":[]}}`, "7", -32602},
		"an unknown tool":     {call(7, "no_such", "{}"), "7", -32602},
	}
}

// JSON-RPC 2.0 §5.1 names the codes; MCP ("Requests") allows strings and
// integers as ids and forbids null.
func TestMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	all := noMessages()
	maps.Copy(all, badRequests())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{})
			h.handshake("2025-11-25", noCaps)
			wantError(t, h.ask(c.line), c.id, c.code)
			wantText(t, h.ask(call(8, "echo", `{"text":"alive"}`)), "8", "alive")
			h.ends()
		})
	}
}

// What a client answers to nothing wants no answer: an error would carry an id
// that may be one of the client's own.
func TestAnswersNobodyWaitsForAreDropped(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	h.handshake("2025-11-25", formCap)
	h.send(
		`{"jsonrpc":"2.0","id":1,"result":{}}`,
		`{"jsonrpc":"2.0","id":1,"result":null}`,
		`{"jsonrpc":"2.0","id":"srv-1","error":{"code":-32000,"message":"late"}}`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"you sent nonsense"}}`,
		`{"jsonrpc":"2.0","error":{"code":-32700,"message":"you sent nonsense"}}`,
		`{"jsonrpc":"2.0","id":{},"result":{}}`,
		`{"id":"valetkey-1","result":{"action":"accept"}}`,
	)
	if m := h.ask(ping(1)); m.Error != nil || string(m.ID) != "1" {
		t.Errorf("got %s, want the answer to ping", m.raw)
	}
	h.ends()
}

func TestBlanksAndLineEnds(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	h.write("\n\r\n  \t \n" + ping(1) + "\r\n\n  " + ping(2) + "  \n" + ping(3))
	rest, err := h.close()
	if got := ids(rest); err != nil || !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("answered %v, %v; want 1, 2, 3, the last one without a line end", got, err)
	}
}

// padded is a request of so many bytes.
func padded(id, length int) string {
	blank := request(id, "ping", `{"pad":""}`)
	return strings.Replace(blank, `""`, `"`+strings.Repeat("x", length-len(blank))+`"`, 1)
}

func TestLineLimit(t *testing.T) {
	t.Parallel()
	const limit = 200_000
	h := serve(t, stdio.Server{MaxLine: limit})
	for i, c := range []struct {
		length int
		end    string
		fits   bool
	}{
		{limit, "\n", true}, {limit, "\r\n", true}, {limit + 1, "\n", false}, {limit + 1, "\r\n", false}, {limit + 2, "\n", false}, {10 * limit, "\n", false},
	} {
		h.write(padded(i, c.length) + c.end)
		m := h.next()
		if c.fits && (m.Error != nil || string(m.ID) != fmt.Sprint(i)) {
			t.Errorf("%d bytes: %s", c.length, m.raw)
		}
		if !c.fits {
			wantError(t, m, "null", -32600)
		}
	}
	h.write(padded(98, limit) + "\n" + padded(99, limit+1))
	rest, err := h.close()
	if err != nil || len(rest) != 2 || rest[0].Error != nil {
		t.Fatalf("at the end: %v, %v", rest, err)
	}
	wantError(t, rest[1], "null", -32600)
}

// A line over the limit passes without being kept.
func TestLongLineIsNotBuffered(t *testing.T) {
	h := serve(t, stdio.Server{})
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 512 {
		if _, err := h.to.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	// What is kept up to the limit of 16 MiB is moved as it grows.
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 100<<20 {
		t.Errorf("allocated %d MiB for a line of 512 MiB", allocated>>20)
	}
	h.write("\n")
	wantError(t, h.next(), "null", -32600)
	longest := padded(1, 16<<20)
	if m := h.ask(longest); string(m.ID) != "1" || m.Error != nil {
		t.Errorf("16 MiB were answered with %s", m.raw)
	}
	h.ends()
}

func TestIDsComeBackByteForByte(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	h.handshake("2025-11-25", noCaps)
	for _, id := range []string{
		`0`, `-1`, `1`, `9007199254740993`, `-9007199254740993`, `123456789012345678901234567890`, `-0`,
		`""`, `"1"`, `"a b"`, `"\u0061"`, `"\"\\\/\n"`, `"<&>"`, `"\ud83d\ude00"`, `"ключ"`, `"\ud800"`, `"null"`,
	} {
		for _, line := range []string{ping(id), call(id, "echo", `{"text":"x"}`), request(id, "no/such", "{}"), call(id, "no_such", "{}")} {
			if m := h.ask(line); string(m.ID) != id {
				t.Errorf("%s came back as %s", line, m.raw)
			}
		}
	}
	h.ends()
}

func TestBatches(t *testing.T) {
	t.Parallel()
	two := "[" + call(1, "echo", `{"text":"a"}`) + `,{"jsonrpc":"2.0","method":"notifications/initialized"},` + ping(`"<2>"`) + ",3]"
	for _, version := range []string{"2024-11-05", "2025-06-18", "2025-11-25"} {
		h := serve(t, stdio.Server{})
		h.handshake(version, noCaps)
		for _, batch := range []string{two, "[]", "[1,2]"} {
			wantError(t, h.ask(batch), "null", -32600)
		}
		h.ends()
	}
	h := serve(t, stdio.Server{})
	wantError(t, h.ask(two), "null", -32600) // before the handshake
	h.handshake("2025-03-26", noCaps)
	wantError(t, h.ask("[]"), "null", -32600)
	wantError(t, h.ask(`[{"jsonrpc":"2.0",]`), "null", -32700)
	wantError(t, h.ask("[\"\xff\"]"), "null", -32700)
	wantError(t, h.ask("["+strings.Repeat("1,", 20000)+"1]"), "null", -32600)
	h.send(`[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":5,"result":{}}]`) // nothing to answer
	h.send(two)
	text := h.line()
	for _, want := range []string{`"id":1,`, `"id":"<2>",`, `"id":null,`, `"text":"a"`, `-32600`} {
		if !strings.HasPrefix(text, "[{") || !strings.HasSuffix(text, "}]\n") || !strings.Contains(text, want) {
			t.Errorf("the batch was answered with %s, want an array with %s", text, want)
		}
	}
	h.ends()
}

// A client's last batch is answered like its last call.
func TestBatchAtTheEnd(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	h.handshake("2025-03-26", noCaps)
	if _, err := io.WriteString(h.to, "["+call(1, "echo", `{"text":"a"}`)+"]"); err != nil {
		t.Fatal(err)
	}
	h.to.Close()
	if text := h.line(); !strings.HasPrefix(text, `[{"jsonrpc":"2.0","id":1,"result"`) {
		t.Errorf("got %s", text)
	}
	if err := wait(t, h.served, "Serve"); err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// An error doesn't repeat all that was sent.
func TestErrorsAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 1<<20)
	for name, line := range map[string]string{"a tool": call(1, long, "{}"), "a method": request(1, long, "{}")} {
		h := serve(t, stdio.Server{})
		h.handshake("2025-11-25", noCaps)
		if m := h.ask(line); m.Error == nil || len(m.raw) > 2000 {
			t.Errorf("%s: %d bytes", name, len(m.raw))
		}
		h.ends()
	}
}
