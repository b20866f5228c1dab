package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

const (
	answerTime = 2 * time.Minute
	endTime    = 10 * time.Second
)

// client is a running server. Its methods are safe for concurrent use.
type client struct {
	process *exec.Cmd
	in      io.WriteCloser
	said    tail // on stderr
	cancel  context.CancelFunc
	ended   chan struct{} // nothing is read any more

	writing sync.Mutex
	mu      sync.Mutex
	last    int64
	waiting map[int64]chan message
}

// message is a JSON-RPC message of a server, as far as it matters here.
type message struct {
	ID     *int64          `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
	bytes int
}

// start starts a server and waits until it has answered initialize. The caller
// ends it.
func start(ctx context.Context, s server) (*client, error) {
	ctx, cancel := context.WithCancel(ctx)
	process := exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	process.Env = s.environment
	process.WaitDelay = endTime
	c := &client{process: process, cancel: cancel, ended: make(chan struct{}), waiting: map[int64]chan message{}}
	process.Stderr = &c.said
	in, inErr := process.StdinPipe()
	out, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		cancel()
		return nil, err
	}
	c.in = in
	if err := process.Start(); err != nil {
		cancel()
		return nil, err
	}
	go c.read(out)
	_, err := c.ask(ctx, "initialize", json.RawMessage(
		`{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}`))
	if err == nil {
		err = c.write(map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"})
	}
	if err != nil {
		c.end()
		return nil, fmt.Errorf("%w; it said: %s", err, c.said.String())
	}
	return c, nil
}

// end closes the server's stdin and waits; one that doesn't end is killed.
func (c *client) end() {
	c.in.Close()
	kill := time.AfterFunc(endTime, c.cancel)
	c.process.Wait()
	<-c.ended
	kill.Stop()
	c.cancel()
}

func (c *client) write(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err = c.in.Write(append(line, '\n'))
	return err
}

// read hands every answer to whoever waits for it.
func (c *client) read(out io.Reader) {
	defer close(c.ended)
	for lines := bufio.NewReaderSize(out, 1<<20); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		m := message{bytes: len(line)}
		if json.Unmarshal(line, &m) != nil || m.ID == nil || m.Method != "" {
			continue
		}
		c.mu.Lock()
		waiting := c.waiting[*m.ID]
		delete(c.waiting, *m.ID)
		c.mu.Unlock()
		if waiting != nil {
			waiting <- m
		}
	}
}

// ask sends a request and waits for its answer.
func (c *client) ask(ctx context.Context, method string, params any) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answered := make(chan message, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	c.waiting[id] = answered
	c.mu.Unlock()
	if err := c.write(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}); err != nil {
		return message{}, err
	}
	select {
	case m := <-answered:
		if m.Error != nil {
			return m, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m, nil
	case <-c.ended:
		return message{}, fmt.Errorf("%s: the server ended", method)
	case <-ctx.Done():
		return message{}, fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// call calls a tool and answers how many bytes its answer has for a model to
// read: its text, wherever that stands, and what is encoded as text.
func (c *client) call(ctx context.Context, asked call) (int, error) {
	m, err := c.ask(ctx, "tools/call", map[string]any{"name": asked.Tool, "arguments": asked.Arguments})
	if err != nil {
		return 0, err
	}
	return readable(asked.Tool, m.Result)
}

func readable(tool string, result json.RawMessage) (int, error) {
	type item struct{ Text, Blob, Data string }
	var answer struct {
		IsError bool
		Content []struct {
			item
			Resource item
		}
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return 0, fmt.Errorf("%s: %w", tool, err)
	}
	bytes, first := 0, ""
	for _, c := range answer.Content {
		first += c.Text
		for _, i := range []item{c.item, c.Resource} {
			bytes += len(i.Text) + len(i.Blob) + len(i.Data)
		}
	}
	if answer.IsError || bytes == 0 {
		return 0, fmt.Errorf("%s: no answer: %.200q", tool, first)
	}
	return bytes, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	const kept = 500
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-kept):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
