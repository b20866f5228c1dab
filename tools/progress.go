package tools

import (
	"context"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type progressKey struct{}

// Progress tells whoever waits for a call, in a line, what it is doing. Clients
// that haven't asked for that are told nothing. It is safe for concurrent use.
func Progress(ctx context.Context, text string) {
	if tell, asked := ctx.Value(progressKey{}).(func(string)); asked {
		tell(visible(text))
	}
}

// withProgress lets a call of a client that has sent a progress token say how
// it goes.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
func withProgress(ctx context.Context, meta *mcp.Meta) context.Context {
	s := server.ServerFromContext(ctx)
	if s == nil || meta == nil || meta.ProgressToken == nil {
		return ctx
	}
	var mu sync.Mutex
	step := 0
	return context.WithValue(ctx, progressKey{}, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		step++
		// A client that takes no notices gets the answer all the same.
		_ = s.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress),
			map[string]any{"progressToken": meta.ProgressToken, "progress": step, "message": text})
	})
}
