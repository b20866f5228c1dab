package stdio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// FuzzServe writes anything to a server: every line of its output is a message
// or an array of them, and Serve ends.
func FuzzServe(f *testing.F) {
	batchSession := initialize("2025-03-26", noCaps) + "\n"
	for _, seed := range []string{
		"", "\n", "\r\n\r\n", "{}", "[]", "null", `"`, "{", "\xff\n", "\xef\xbb\xbf{}", "Content-Length: 2\r\n\r\n{}",
		initialize("2025-11-25", formCap) + "\n" + call(1, "echo", `{"text":"a"}`),
		batchSession + "[" + ping(1) + "," + call(`"<a>"`, "echo", "{}") + `,1,[],{"jsonrpc":"2.0","method":"x"}]`,
		batchSession + "[[[]]]\n[{}]\n[" + ping("1.5") + "]",
		modernRequest(1, "server/discover") + "\n" + modernListen(2) + "\n" + cancel(2),
		modernCall(1, "echo", "{}", "host", noCaps) + "\n" + request(2, "tools/list", `{"_meta":`+meta("2099-01-01", "x", "[]")+`}`),
		call(9007199254740993, "echo", "[]") + "\n" + call(`"\ud800"`, "echo", "null") + "\n" + cancel(`"\ud800"`),
		call(1, "echo", "{}") + "\n" + call(1, "echo", "{}") + "\n" + cancel(1),
		`{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}` + "\n" + `{"jsonrpc":"2.0","id":"valetkey-1","result":null}`,
		`{"JSONRPC":"2.0","Id":1,"METHOD":"ping","id":2,"params":{},"params":[]}`,
		request(1, "logging/setLevel", `{"level":"debug"}`) + "\n" + request(2, "tasks/result", "{}") + "\n" + request(3, "completion/complete", "{}"),
		request(1, "ping", strings.Repeat("[", 200)+strings.Repeat("]", 200)),
		strings.Repeat("x", 5000) + "\n" + ping(1),
		ping("\"\xff\"") + "\n" + call("\"\xc3\"", "echo", "{}"),
	} {
		f.Add([]byte(seed))
	}
	s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(true))
	s.AddTools(tool("echo", echo))
	f.Fuzz(func(t *testing.T, input []byte) {
		var out bytes.Buffer
		one := stdio.Server{MCP: s, In: iotest.HalfReader(bytes.NewReader(input)), Out: &out, MaxLine: 4096}
		if err := one.Serve(context.Background()); err != nil {
			t.Fatalf("Serve: %v", err)
		}
		if out.Len() > 0 && !bytes.HasSuffix(out.Bytes(), []byte("\n")) {
			t.Fatalf("an unfinished line: %q", out.Bytes())
		}
		for line := range bytes.Lines(out.Bytes()) {
			checkOutput(t, bytes.TrimSuffix(line, []byte("\n")))
		}
	})
}

// checkOutput asserts that a line is JSON-RPC as a server may write it.
func checkOutput(t *testing.T, line []byte) {
	t.Helper()
	messages := []json.RawMessage{line}
	if bytes.HasPrefix(line, []byte("[")) && (json.Unmarshal(line, &messages) != nil || len(messages) == 0) {
		t.Fatalf("not a batch: %q", line)
	}
	for _, raw := range messages {
		var m map[string]json.RawMessage
		if !utf8.Valid(raw) || json.Unmarshal(raw, &m) != nil || string(m["jsonrpc"]) != `"2.0"` {
			t.Fatalf("not a message: %q", raw)
		}
		_, isResult := m["result"]
		_, isError := m["error"]
		_, hasID := m["id"]
		if isNotice := m["method"] != nil; isNotice == (isResult != isError) || isNotice == hasID || isResult && isError {
			t.Fatalf("neither an answer nor a notice: %q", raw)
		}
		if id := m["id"]; isResult && string(id) == "null" {
			t.Fatalf("a result for nobody: %q", raw)
		}
	}
}
