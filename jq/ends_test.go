package jq

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// hook is an input that calls back at its end, when its process is running.
type hook struct {
	io.Reader
	atEnd func()
}

func (h *hook) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err == io.EOF {
		h.atEnd()
	}
	return n, err
}

// endless runs a filter that doesn't end by itself, and calls back when it runs. The
// time of timed is up when that ends.
func endless(t *testing.T, ctx, timed context.Context, running func(*exec.Cmd)) error {
	t.Helper()
	f := Filter{Source: "def f: f; f", Most: 10, Time: patience, Memory: 256 * mebibyte}
	in := &hook{Reader: strings.NewReader("1")}
	command, err := f.command(timed, in)
	if err != nil {
		t.Fatal(err)
	}
	in.atEnd = func() { running(command) }
	text, isCut, err := f.outcome(ctx, timed, command)
	if text != "" || isCut {
		t.Errorf("it gave %q", text)
	}
	if command.ProcessState == nil || command.Process.Signal(syscall.Signal(0)) == nil {
		t.Error("the process is still there")
	}
	if command.ProcessState.ExitCode() == exitTime {
		t.Error("the process ended by itself")
	}
	return err
}

// The process is gone when a call is, and so are the goroutines that served it:
// synctest waits for them.
func TestFilterEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		if err := endless(t, ctx, ctx, func(*exec.Cmd) { cancel() }); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		err := endless(t, t.Context(), t.Context(), func(command *exec.Cmd) {
			if err := command.Process.Kill(); err != nil {
				t.Error(err)
			}
		})
		if err == nil || !strings.HasPrefix(err.Error(), "its process ended early (") {
			t.Errorf("killed: %v", err)
		}
	})
	timed, end := context.WithCancel(t.Context())
	if err := endless(t, t.Context(), timed, func(*exec.Cmd) { end() }); !errors.Is(err, ErrTime) {
		t.Errorf("late: %v", err)
	}
}

// A process that can't be started says why, without a path.
func TestFilterWithoutAProcess(t *testing.T) {
	t.Parallel()
	f := Filter{Source: ".", Most: 10, Time: patience, Memory: 256 * mebibyte}
	command, err := f.command(t.Context(), strings.NewReader("1"))
	if err != nil {
		t.Fatal(err)
	}
	command.Path += ".gone"
	_, _, err = f.outcome(t.Context(), t.Context(), command)
	if err == nil || !strings.HasPrefix(err.Error(), "its process can't be started: ") || strings.Contains(err.Error(), command.Path) {
		t.Errorf("%v", err)
	}
}

// A process that nobody ends any more does so itself: what it was told to do
// takes too long, or it is told nothing.
func TestServeAlone(t *testing.T) {
	t.Parallel()
	f := Filter{Source: "def f: f; f", Most: 10, Time: time.Millisecond, Memory: 256 * mebibyte}
	for name, told := range map[string]bool{"told": true, "not told": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, err := f.command(t.Context(), strings.NewReader("1"))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			command.Stdout = &out
			if !told {
				command.Stdin = nil
				silent, err := command.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer silent.Close()
			}
			if err := command.Run(); err == nil || command.ProcessState.ExitCode() != exitTime || out.Len() > 0 {
				t.Errorf("%v, %q", err, out.String())
			}
		})
	}
}
