package stdio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	readBuffer = 64 << 10
	// batchRevision is the only revision with JSON-RPC batches.
	batchRevision = mcp.ProtocolVersion20250326

	handlerFailed = "the server failed to handle this request"

	// framedOtherwise is what LSP's header begins with. One host tries it when it
	// got no answer at first.
	framedOtherwise = "content-length:"
	notFramed       = "a message is a line of JSON, without a Content-Length header before it"
)

// read hands over lines until there are none. Nothing can interrupt its read.
func (l *loop) read() {
	reader := &lineReader{from: bufio.NewReaderSize(l.In, readBuffer), limit: l.MaxLine}
	for {
		text, err := reader.next()
		select {
		case l.lines <- line{text, err}:
		case <-l.ctx.Done():
			return
		}
		if err != nil && !errors.Is(err, errTooLong) {
			return
		}
	}
}

// dispatch handles lines in their order until there are none.
func (l *loop) dispatch() {
	for {
		select {
		case next := <-l.lines:
			switch {
			case errors.Is(next.err, errTooLong):
				l.pump.answer(failure(null, invalidRequest, fmt.Sprintf("the message is longer than %d bytes and was skipped", l.MaxLine)))
			case next.err != nil:
				if !errors.Is(next.err, io.EOF) {
					l.Log.Warn("reading the input", "error", next.err)
				}
				return
			case len(next.text) > 0:
				l.receive(next.text)
			}
		case <-l.ctx.Done():
			return
		}
	}
}

// receive handles one line.
func (l *loop) receive(text []byte) {
	switch {
	case text[0] == '[':
		l.receiveBatch(text)
	case isHeader(text):
		l.Log.Error("the host doesn't speak MCP over stdio as the specification has it", "reason", notFramed)
		l.pump.answer(failure(null, parseError, notFramed))
	default:
		l.handle(text, l.pump.answer, func() {})
	}
}

func isHeader(text []byte) bool {
	return len(text) >= len(framedOtherwise) && strings.EqualFold(string(text[:len(framedOtherwise)]), framedOtherwise)
}

// receiveBatch handles a JSON-RPC batch. Its answers come in one array.
func (l *loop) receiveBatch(text []byte) {
	messages, bad := splitBatch(text)
	if bad == nil && l.session.ProtocolVersion() != batchRevision {
		bad = &fault{null, invalidRequest, "this protocol revision has no batches; send one message a line"}
	}
	if bad != nil {
		l.pump.answer(failure(bad.id, bad.code, bad.text))
		return
	}
	var mu sync.Mutex
	var answers [][]byte
	var waiting sync.WaitGroup
	for _, message := range messages {
		waiting.Add(1)
		l.handle(message, func(a []byte) {
			mu.Lock()
			defer mu.Unlock()
			answers = append(answers, a)
		}, waiting.Done)
	}
	l.running.Go(func() {
		waiting.Wait()
		if len(answers) > 0 {
			l.pump.answer(joinBatch(answers))
		}
	})
}

// handle handles one message. done is called when its answer, if any, has been
// given.
func (l *loop) handle(text []byte, reply func([]byte), done func()) {
	e, bad := parse(text)
	switch {
	case bad != nil:
		reply(failure(bad.id, bad.code, bad.text))
	case e.isAnswer:
		l.session.questions.answered(e)
	case e.id == nil:
		l.notice(e)
	case runsAlone(e.method):
		l.start(e, reply, done)
		return
	case l.calls.has(e.id):
		reply(failure(e.id, invalidRequest, errDuplicate.Error()))
	default:
		reply(l.respond(l.ctx, e, l.sessionFor(e, nil)))
	}
	done()
}

// runsAlone names the methods that may take long. All others are answered in
// the order they came in.
func runsAlone(method string) bool {
	switch mcp.MCPMethod(method) {
	case mcp.MethodToolsCall, mcp.MethodPromptsGet, mcp.MethodResourcesRead, mcp.MethodCompletionComplete,
		mcp.MethodTasksResult, mcp.MethodSubscriptionsListen:
		return true
	}
	return false
}

// notice handles a message that wants no answer.
func (l *loop) notice(e *envelope) {
	if mcp.MCPMethod(e.method) == mcp.MethodNotificationCancelled {
		l.calls.cancel(cancelledID(e.line))
		return
	}
	defer l.recovered(e, func() {})
	l.MCP.HandleMessage(l.MCP.WithContext(l.ctx, l.session), e.line)
}

// start runs a request on its own. It can be cancelled from the moment its line
// was read.
func (l *loop) start(e *envelope, reply func([]byte), done func()) {
	c, err := l.calls.add(l.ctx, e)
	if err != nil {
		reply(failure(e.id, invalidRequest, err.Error()))
		done()
		return
	}
	l.running.Go(func() {
		defer done()
		var response []byte
		defer func() { l.conclude(e, c, response, reply) }()
		if c.stream && e.modern() {
			response = l.listen(e, c)
		} else {
			response = l.respond(c.ctx, e, l.sessionFor(e, c))
		}
	})
}

// conclude ends a call and answers it. A handler that ended its goroutine has
// left no response.
func (l *loop) conclude(e *envelope, c *call, response []byte, reply func([]byte)) {
	if response == nil {
		response = failure(e.id, internalError, handlerFailed)
	}
	if l.calls.remove(c) {
		reply(response)
	}
}

// sessionFor answers the session as one request sees it. c is nil for a request
// that can't be cancelled.
func (l *loop) sessionFor(e *envelope, c *call) server.ClientSession {
	if e.modern() {
		return newStatelessSession(l.session, c)
	}
	if c == nil {
		return l.session
	}
	return callSession{l.session, c}
}

// respond has mcp-go answer a request.
func (l *loop) respond(ctx context.Context, e *envelope, session server.ClientSession) (response []byte) {
	defer l.recovered(e, func() {
		response = failure(e.id, internalError, handlerFailed)
	})
	if e.version != "" && !mcp.IsValidProtocolVersion(e.version) {
		unknown := mcp.UnsupportedProtocolVersionError{Version: e.version, Supported: server.SupportedProtocolVersionsFromContext(ctx)}
		return answer(e.id, unknown.JSONRPCError())
	}
	return answer(e.id, l.MCP.HandleMessage(l.MCP.WithContext(ctx, session), e.line))
}

// recovered keeps a panic from ending the process. The value may hold a secret,
// so that only its type is told.
func (l *loop) recovered(e *envelope, then func()) {
	if panicked := recover(); panicked != nil {
		l.Log.Error("a handler panicked", "method", e.method, "with a value of type", fmt.Sprintf("%T", panicked))
		then()
	}
}

func joinBatch(answers [][]byte) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	b.Write(bytes.Join(answers, []byte{','}))
	b.WriteByte(']')
	return b.Bytes()
}

// splitBatch answers the messages of a JSON array.
func splitBatch(text []byte) ([]json.RawMessage, *fault) {
	var messages []json.RawMessage
	if !validJSON(text) || json.Unmarshal(text, &messages) != nil {
		return nil, &fault{null, parseError, "the batch is not valid JSON"}
	}
	if len(messages) == 0 {
		return nil, &fault{null, invalidRequest, "the batch is empty"}
	}
	if len(messages) > maxInFlight {
		return nil, &fault{null, invalidRequest, fmt.Sprintf("the batch has more than %d messages", maxInFlight)}
	}
	return messages, nil
}
