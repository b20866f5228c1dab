package stdio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// The limits, where a [Server] names none.
const (
	defaultMaxLine            = 16 << 20
	defaultDrain              = 10 * time.Second
	defaultGrace              = 2 * time.Second
	defaultElicitationTimeout = 20 * time.Second
	// defaultCallTimeout leaves a call the time to say why it ends, before
	// hosts give it up: at 60 s.
	defaultCallTimeout = 43 * time.Second
)

// ErrForced says that a signal came while calls were being cancelled already:
// the process should end at once.
var ErrForced = errors.New("a second signal came")

// MCP is the server that answers the messages; mcp-go's is one.
type MCP interface {
	HandleMessage(ctx context.Context, message json.RawMessage) mcp.JSONRPCMessage
	WithContext(ctx context.Context, session server.ClientSession) context.Context
	RegisterSession(ctx context.Context, session server.ClientSession) error
	UnregisterSession(ctx context.Context, id string)
}

// Server serves one MCP server to one client. MCP, In and Out are required.
// Don't change it once Serve runs, and call Serve once.
type Server struct {
	MCP MCP
	In  io.Reader
	Out io.Writer
	// Log is told of what no client can be told; nil: nowhere.
	Log *slog.Logger
	// Signals end Serve: the first one gently, the second one at once.
	Signals <-chan os.Signal
	// MaxLine is how long a message may be, in bytes; 0: 16 MiB. Calls may hold
	// 16 times as much, and answers that the client doesn't read 8 times.
	MaxLine int
	// Drain is how long calls may go on after the end of the input; 0: 10 s.
	Drain time.Duration
	// Grace is how long calls may go on after they were cancelled; 0: 2 s.
	Grace time.Duration
	// ElicitationTimeout is how long a question to the person may stay open;
	// 0: 20 s. One that wants a yes or no may until 15 s before the end of its call.
	ElicitationTimeout time.Duration
	// CallTimeout is how long a call may take with all it waits for; 0: 43 s.
	// Its context ends then. With 15 s or less nobody is asked for a yes or no.
	CallTimeout time.Duration
	// After is the clock of all these but CallTimeout, which is a deadline: only
	// the system's clock can end a context with one, and calls and questions ask it
	// how long they may wait. nil: the system's.
	After func(time.Duration) <-chan time.Time
}

func (s Server) withDefaults() Server {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.MaxLine == 0 {
		s.MaxLine = defaultMaxLine
	}
	if s.Drain == 0 {
		s.Drain = defaultDrain
	}
	if s.Grace == 0 {
		s.Grace = defaultGrace
	}
	if s.ElicitationTimeout == 0 {
		s.ElicitationTimeout = defaultElicitationTimeout
	}
	if s.CallTimeout == 0 {
		s.CallTimeout = defaultCallTimeout
	}
	if s.After == nil {
		s.After = time.After
	}
	return s
}

// Serve answers what it reads until the input ends, a signal comes, the context
// ends or the client stops reading. After a signal, a second one apart, and
// after the end of the context it answers nil, otherwise an error if an answer
// couldn't be written. A second signal is [ErrForced].
//
// It waits for what it has started, within Drain and Grace. What doesn't obey
// then is left behind: a call that ignores its context, and a read of In or a
// write to Out that nothing can interrupt.
func (s *Server) Serve(ctx context.Context) error {
	l := newLoop(ctx, s.withDefaults())
	defer l.abandon()
	if err := l.MCP.RegisterSession(l.ctx, l.session); err != nil {
		return err
	}
	defer l.MCP.UnregisterSession(l.ctx, l.session.id)
	go l.out.run()
	go l.pump.run()
	go l.read()
	dispatched := make(chan struct{})
	l.running.Go(func() {
		defer close(dispatched)
		l.dispatch()
	})
	return l.finish(l.await(dispatched, nil))
}

// loop is one Serve at work.
type loop struct {
	Server
	ctx     context.Context
	cancel  context.CancelFunc
	out     *output
	pump    *pump
	session *session
	lines   chan line
	// running counts the dispatcher and what it has started.
	running sync.WaitGroup
	calls   *calls
}

func newLoop(ctx context.Context, s Server) *loop {
	l := &loop{Server: s, lines: make(chan line), calls: newCalls(s.MaxLine, s.CallTimeout)}
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.out = newOutput(s.Out, s.MaxLine)
	l.pump = newPump(l.out)
	l.session = newSession(l.pump.room, newQuestions(l.pump.answer, s.ElicitationTimeout, s.After))
	return l
}

// ending is why a wait ended.
type ending int

const (
	over ending = iota
	signalled
	clientGone
	outOfTime
)

// await waits for something to be over, and for whatever else comes first. A
// nil limit never comes.
func (l *loop) await(done <-chan struct{}, limit <-chan time.Time) ending {
	select {
	case <-done:
		return over
	case <-l.Signals:
		return signalled
	case <-l.ctx.Done():
		return signalled
	case <-l.out.done:
		return clientGone
	case <-limit:
		return outOfTime
	}
}

// finish brings everything to its end: after the end of the input calls may
// finish, otherwise they are cancelled.
func (l *loop) finish(why ending) error {
	ended := l.ended()
	if why == over {
		l.calls.endStreams()
		l.session.questions.end()
		why = l.await(ended, l.After(l.Drain))
	}
	l.cancel()
	select {
	case <-ended:
	case <-l.Signals:
		return ErrForced
	case <-l.After(l.Grace):
	}
	err := l.out.err()
	if err == nil {
		return nil
	}
	if why == signalled {
		l.Log.Warn("not every answer reached the client", "error", err)
		return nil
	}
	return fmt.Errorf("the client stopped reading: %w", err)
}

// ended answers a channel that is closed when every call has ended and every
// answer is written.
func (l *loop) ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.running.Wait()
		l.pump.end()
		<-l.pump.done
		l.out.end()
		<-l.out.done
	}()
	return ended
}

// abandon stops whatever is still at work, without waiting for it.
func (l *loop) abandon() {
	l.cancel()
	l.out.end()
	l.pump.end()
}
