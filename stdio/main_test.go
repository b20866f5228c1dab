package stdio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/stdio"
)

// roleVariable tells this binary to be something else than a test.
const roleVariable = "STDIO_TEST_ROLE"

// How a child ends.
const (
	exitWell   = 0
	exitError  = 1
	exitForced = 3
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "server":
		os.Exit(childServer())
	case "intruder":
		intrude()
		os.Exit(exitWell)
	}
	os.Exit(m.Run())
}

// childServer serves as a program does: stdout private, signals obeyed, a log
// on stderr.
func childServer() int {
	out, err := stdio.PrivateStdout()
	if err != nil {
		return exitError
	}
	quiet := stdio.NewLog(os.Stderr)
	log := slog.New(slog.NewTextHandler(quiet, nil))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	s := stdio.Server{MCP: newMCP(childTools(log)...), In: os.Stdin, Out: out, Signals: signals, Log: log, Grace: childGrace()}
	err = s.Serve(context.Background())
	if errors.Is(err, stdio.ErrForced) {
		return exitForced
	}
	if err := errors.Join(err, quiet.Close()); err != nil {
		return exitError
	}
	return exitWell
}

// childGrace is short, so that a test of what comes after needs no patience,
// or what STDIO_TEST_GRACE says.
func childGrace() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("STDIO_TEST_GRACE")); err == nil {
		return d
	}
	return 50 * time.Millisecond
}

func childTools(log *slog.Logger) []mcpTool {
	waits := tool("wait", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return mcp.NewToolResultText("cancelled"), nil
	})
	stubborn := tool("stubborn", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { select {} })
	prints := tool("print", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		strayPrints()
		return mcp.NewToolResultText("printed"), nil
	})
	chatters := tool("chatter", func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range r.GetInt("lines", 0) {
			log.Info(strings.Repeat("chatter ", 20), "line", i)
		}
		return mcp.NewToolResultText("said"), nil
	})
	spawns := tool("spawn", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		child := exec.CommandContext(ctx, self)
		child.Env = append(os.Environ(), roleVariable+"=intruder")
		child.Stdout = os.Stdout
		return mcp.NewToolResultText("spawned"), child.Run()
	})
	return []mcpTool{waits, stubborn, prints, chatters, spawns}
}

// intrude writes to whatever a child has inherited. Windows hands down nothing
// but what is named.
func intrude() {
	fmt.Println("intruder")
	if runtime.GOOS == "windows" {
		return
	}
	for descriptor := 3; descriptor < 64; descriptor++ {
		// Most of these aren't open.
		_, _ = os.NewFile(uintptr(descriptor), strconv.Itoa(descriptor)).WriteString("intruder\n")
	}
}

// child is this binary as a server.
type child struct {
	*host
	cmd    *exec.Cmd
	stderr *os.File
	stdout *os.File
}

// startChild starts a server whose stderr is a pipe that nobody reads yet.
func startChild(t *testing.T, environment ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), roleVariable+"=server"), environment...)
	to, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, childStdout := pipe(t)
	stderr, childStderr := pipe(t)
	cmd.Stdout, cmd.Stderr = childStdout, childStderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	childStdout.Close()
	childStderr.Close()
	c := &child{cmd: cmd, stderr: stderr, stdout: stdout}
	c.host = &host{t: t, to: to, from: stdout, lines: make(chan string, 1<<16), served: make(chan error, 1)}
	go c.keep(stdout)
	go func() { c.served <- cmd.Wait() }()
	t.Cleanup(func() {
		// It has ended unless the test has failed.
		_ = cmd.Process.Kill()
	})
	return c
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// exits asserts how the child ended.
func (c *child) exits(want int) {
	c.t.Helper()
	err := wait(c.t, c.served, "the child to exit")
	if got := c.cmd.ProcessState.ExitCode(); got != want {
		c.t.Errorf("the child exited with %d (%v), want %d", got, err, want)
	}
}
