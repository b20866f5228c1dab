package tools

import (
	"context"
	"maps"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// maxStructured is how long an answer may be, in bytes, to be repeated beside
// its fields: some clients show a model the structured content alone, others
// both.
const maxStructured = 1000

// structured is what a call says of its answer for programs.
type structured struct {
	mu     sync.Mutex
	fields map[string]any
}

type structuredKey struct{}

// Structure adds fields to the structured content of a call's answer, for
// programs that would have to pick them out of its words: strings, numbers and
// truths. It is safe for concurrent use.
func Structure(ctx context.Context, fields map[string]any) {
	if s, wanted := ctx.Value(structuredKey{}).(*structured); wanted {
		s.mu.Lock()
		defer s.mu.Unlock()
		maps.Copy(s.fields, fields)
	}
}

func withStructured(ctx context.Context) (context.Context, *structured) {
	s := &structured{fields: map[string]any{}}
	return context.WithValue(ctx, structuredKey{}, s), s
}

// result is the answer with its fields, if there are any.
// https://modelcontextprotocol.io/specification/2025-11-25/server/tools#structured-content
func (s *structured) result(answer string) *mcp.CallToolResult {
	s.each(visible)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fields) == 0 || len(answer) > maxStructured {
		return mcp.NewToolResultText(answer)
	}
	s.fields["text"] = answer
	return mcp.NewToolResultStructured(s.fields, answer)
}

// each puts every text of the fields through f.
func (s *structured) each(f func(string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, value := range s.fields {
		if text, isText := value.(string); isText {
			s.fields[name] = f(text)
		}
	}
}
