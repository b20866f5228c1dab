package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

const demoExitPatience = 5 * time.Second

// demoHost is an MCP host with one server: this program, started as hosts do.
type demoHost struct {
	process *exec.Cmd
	stdin   io.WriteCloser
	client  *client.Client
	read    *atomic.Int64
	errors  *strings.Builder
}

func startDemoHost(ctx context.Context, environment []string) (*demoHost, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &demoHost{process: exec.Command(program, "serve"), read: new(atomic.Int64), errors: new(strings.Builder)}
	h.process.Env = environment
	h.process.Stderr = h.errors
	h.process.WaitDelay = demoExitPatience
	stdout, err := h.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if h.stdin, err = h.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	pipes := transport.NewIO(&countingReader{stdout, h.read}, h.stdin, io.NopCloser(strings.NewReader("")))
	h.client = client.NewClient(pipes)
	if err := h.client.Start(ctx); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// said is what the server has complained about, once it has ended.
func (h *demoHost) said() string { return strings.TrimSpace(h.errors.String()) }

// countingReader counts the bytes a host reads.
type countingReader struct {
	from io.Reader
	read *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (h *demoHost) initialize(ctx context.Context) (string, error) {
	var request mcp.InitializeRequest
	request.Params.ProtocolVersion = "2025-11-25"
	request.Params.ClientInfo = mcp.Implementation{Name: "valetkey-demo", Version: version()}
	result, err := h.client.Initialize(ctx, request)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s answers in protocol %s", result.ServerInfo.Name, result.ProtocolVersion), nil
}

func (h *demoHost) list(ctx context.Context) (string, error) {
	before := h.read.Load()
	result, err := h.client.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return "", err
	}
	var names []string
	for _, tool := range result.Tools {
		names = append(names, tool.Name)
	}
	return fmt.Sprintf("%d tools in %d bytes: %s", len(names), h.read.Load()-before, strings.Join(names, ", ")), nil
}

func (h *demoHost) call(ctx context.Context, tool string) (string, error) {
	var request mcp.CallToolRequest
	request.Params.Name = tool
	request.Params.Arguments = json.RawMessage("{}")
	result, err := h.client.CallTool(ctx, request)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, content := range result.Content {
		if t, ok := content.(mcp.TextContent); ok {
			text.WriteString(t.Text)
		}
	}
	if result.IsError {
		return "", errors.New(text.String())
	}
	return text.String(), nil
}

// close ends the server as a host does, by closing its stdin, and waits for it.
// Closing again changes nothing.
func (h *demoHost) close() error {
	if h.process.ProcessState != nil {
		return nil
	}
	closing := h.stdin.Close()
	ended := make(chan error, 1)
	go func() { ended <- h.process.Wait() }()
	select {
	case err := <-ended:
		return errors.Join(closing, err)
	case <-time.After(demoExitPatience):
		return errors.Join(errors.New("it didn't end by itself"), h.process.Process.Kill(), <-ended)
	}
}

// command runs this program with a command, in the story's environment.
func (s *story) command(ctx context.Context, args ...string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Env = s.environment()
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return string(output), nil
}

func demoOS() string { return runtime.GOOS }
