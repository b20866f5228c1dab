package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// structuredOf calls a tool as a client does and answers the content and the
// structured content of the result.
func structuredOf(t *testing.T, tool tools.Tool) (content, fields string) {
	t.Helper()
	s := tools.NewServer(tools.Options{Version: "test", Offer: tools.Offer{Tools: []tools.Tool{tool}}})
	message := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":{}}}`, tool.Name)
	raw, err := json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(message)))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Result struct {
			Content           []struct{ Text string }
			StructuredContent json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Result.Content) != 1 {
		t.Fatalf("%v: %s", err, raw)
	}
	return answer.Result.Content[0].Text, string(answer.Result.StructuredContent)
}

// TestStructuredContent: a program gets the fields and all of the words, since
// some clients show a model nothing else.
func TestStructuredContent(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "token-example", "***") }
	long := strings.Repeat("x", 1001)
	for _, test := range []struct {
		name, says, want string
		fields           map[string]any
		err              error
	}{
		{"fields", "created #5", `{"number":5,"text":"created #5","url":"http://x/5"}`, map[string]any{"number": 5, "url": "http://x/5"}, nil},
		{"no fields", "created #5", "", nil, nil},
		{"a long answer", long, "", map[string]any{"number": 5}, nil},
		{"a secret", "a", `{"text":"a","url":"http://x/***"}`, map[string]any{"url": "http://x/token-example"}, nil},
		{"what nobody sees", "a", `{"text":"a","url":"http://x"}`, map[string]any{"url": "http\u200b://x\u202e"}, nil},
		{"an error", "", "", map[string]any{"number": 5}, errors.New("no")},
	} {
		tool := toolThat(func(ctx context.Context, _ nothing) (string, error) {
			tools.Structure(ctx, test.fields)
			return test.says, test.err
		}).Masked(mask)
		content, fields := structuredOf(t, tool)
		if fields != test.want || test.err == nil && content != test.says {
			t.Errorf("%s: %s with %s; want %s", test.name, content, fields, test.want)
		}
	}
}

// TestStructuredWithoutServer: tools are called by commands as well.
func TestStructuredWithoutServer(t *testing.T) {
	t.Parallel()
	tool := toolThat(func(ctx context.Context, _ nothing) (string, error) {
		tools.Structure(ctx, map[string]any{"number": 5})
		return "created #5", nil
	})
	if got, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil); err != nil || got != "created #5" {
		t.Errorf("%q, %v", got, err)
	}
}
