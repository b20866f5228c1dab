package stdio_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// connect serves s to mcp-go's own client, and answers the client once it has
// settled on a version.
func connect(t *testing.T, s *server.MCPServer, options ...client.ClientOption) (*client.Client, string) {
	t.Helper()
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	served := make(chan error, 1)
	go func() {
		one := stdio.Server{MCP: s, In: fromHost, Out: toHost}
		err := one.Serve(context.Background())
		toHost.Close()
		served <- err
	}()
	c := client.NewClient(transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader(""))), options...)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		if err := wait(t, served, "Serve"); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	result, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "client", Version: "1"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c, result.ProtocolVersion
}

// accepts answers every question with yes and counts them.
type accepts struct {
	mu    sync.Mutex
	asked int
}

func (a *accepts) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{
		Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{},
	}}, nil
}

// The client that mcp-go brings along lists, calls, is asked and hears of
// progress in both eras.
func TestClientOfTheSDK(t *testing.T) {
	t.Parallel()
	//lint:ignore SA1019 hosts of the older era are what is tested
	legacy := client.WithLegacyProtocolOnly()
	for version, option := range map[string]client.ClientOption{
		"2025-11-25": legacy, "2026-07-28": client.WithProtocolVersion("2026-07-28"),
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			person := &accepts{}
			c, settled := connect(t, newMCP(needsInput(), reports(), told()), option, client.WithElicitationHandler(person))
			if settled != version {
				t.Fatalf("settled on %s", settled)
			}
			var progress sync.Map
			c.OnNotification(func(n mcp.JSONRPCNotification) { progress.Store(n.Params.AdditionalFields["progress"], n.Method) })
			if tools, err := c.ListTools(t.Context(), mcp.ListToolsRequest{}); err != nil || len(tools.Tools) != 4 {
				t.Errorf("ListTools: %v, %v", tools, err)
			}
			for name, want := range map[string]string{"needs": "accept state", "reports": "reported", "told": `client{"elicitation":{}}`} {
				if got := callTool(t, c, name); got != want {
					t.Errorf("%s answered %q, want %q", name, got, want)
				}
			}
			if _, ok := progress.Load(1.0); !ok || person.asked != 1 {
				t.Errorf("progress heard of: %t; asked %d times", ok, person.asked)
			}
		})
	}
}

func callTool(t *testing.T, c *client.Client, name string) string {
	t.Helper()
	request := mcp.CallToolRequest{Params: mcp.CallToolParams{Name: name, Meta: &mcp.Meta{ProgressToken: "token"}}}
	result, err := c.CallTool(t.Context(), request)
	if err != nil || len(result.Content) != 1 {
		t.Fatalf("%s: %+v, %v", name, result, err)
	}
	return fmt.Sprint(result.Content[0].(mcp.TextContent).Text)
}

// needsInput answers a tool that wants to know something first.
func needsInput() mcpTool {
	return tool("needs", func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if answer := server.ElicitationResponse(r.Params.InputResponses, "q"); answer != nil {
			return mcp.NewToolResultText(string(answer.Action) + " " + r.Params.RequestState), nil
		}
		return server.NewInputRequestBuilder("state").Elicit("q", question()).ToolResult(), nil
	})
}

// reports answers a tool that sends progress.
func reports() mcpTool {
	return tool("reports", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("reported"), progress(ctx, r, 1)
	})
}
