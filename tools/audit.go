package tools

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/audit"
	"github.com/valetkey/valetkey/gate"
)

// AuditOptions say what is written down of calls, and where.
type AuditOptions struct {
	// Append writes a record down, or says why not.
	Append func(context.Context, audit.Record) error
	// Required: a call that can't be written down isn't made.
	Required bool
	// Arguments are written down themselves, and not as hashes.
	Arguments bool
	// Offer is what there is: a call of another tool is denied, by whatever it says.
	Offer Offer
	// Whose answers which service a tool is of, and which account it is for, as far as
	// that is known without asking anybody; nil: nothing is.
	Whose func(tool string) (service, account string)
	// Misconfigured tells of a tool that its settings are wrong, so that its calls can
	// only say so; nil: none are.
	Misconfigured func(tool string) bool
	// Mask takes out what must not be seen; nil: nothing.
	Mask func(string) string
	// Log is told of what couldn't be written down; nil: nobody is.
	Log *slog.Logger
}

// Audit writes down each call: one record for each message of a client that calls a
// tool or reads a resource, however often that is tried. A nil one writes nothing. It
// is safe for concurrent use, and touches no disk before the first call.
type Audit struct {
	AuditOptions
	// shapes takes out what looks like a token, and glued also inside a word.
	shapes, glued func(string) string
	tools         map[string]Tool
}

// NewAudit completes the options.
func NewAudit(o AuditOptions) *Audit {
	if o.Mask == nil {
		o.Mask = func(text string) string { return text }
	}
	if o.Whose == nil {
		o.Whose = func(string) (string, string) { return "", "" }
	}
	if o.Misconfigured == nil {
		o.Misconfigured = func(string) bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Audit{AuditOptions: o, shapes: MaskShapes(), glued: maskShapes(""), tools: map[string]Tool{}}
	for _, tool := range o.Offer.Tools {
		a.tools[tool.Name] = tool
	}
	return a
}

// entry is the record of one message, while it is answered. A nil one takes no note of
// anything.
type entry struct {
	*Audit
	began time.Time

	mu     sync.Mutex
	asked  inquiry
	record audit.Record
	isCall bool // there is something to be written down
	ran    bool
	of     string // the tool that was run, or that reads the same as a resource
	call   *gate.Call
	err    error
	// unwritten is why what had to be written down before the call wasn't.
	unwritten error
}

// inquiry is who calls what, as a client has said it. A credential may learn only by the
// call which token must not be seen, so this is masked when the record is closed.
type inquiry struct {
	host, version, request, tool string
	arguments                    json.RawMessage
}

type entryKey struct{}

// open begins a record, which is that of all that is done with the context.
func (a *Audit) open(ctx context.Context) (context.Context, *entry) {
	if a == nil {
		return ctx, nil
	}
	e := &entry{Audit: a, began: time.Now()}
	return context.WithValue(ctx, entryKey{}, e), e
}

func entryOf(ctx context.Context) *entry {
	e, _ := ctx.Value(entryKey{}).(*entry)
	return e
}

// hook has the entry of a message learn what it asks for, before anything is done.
func (a *Audit) hook(hooks *server.Hooks) {
	if a == nil {
		return
	}
	hooks.AddBeforeCallTool(func(ctx context.Context, id any, request *mcp.CallToolRequest) {
		client := clientOf(ctx)
		entryOf(ctx).asks(client.Name, client.Version, idText(id), request.Params.Name, rawArguments(*request))
	})
	hooks.AddBeforeReadResource(func(ctx context.Context, id any, request *mcp.ReadResourceRequest) {
		client := clientOf(ctx)
		// It can't fail: it is a text.
		arguments, _ := json.Marshal(map[string]string{"uri": request.Params.URI})
		entryOf(ctx).asks(client.Name, client.Version, idText(id), string(mcp.MethodResourcesRead), arguments)
	})
}

// clientOf is how the client of this very request calls itself: one of 2026-07-28 says
// so with each request, an older one when it connects.
func clientOf(ctx context.Context) mcp.Implementation {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.ClientInfo == nil {
			return mcp.Implementation{}
		}
		return *info.ClientInfo
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return session.GetClientInfo()
	}
	return mcp.Implementation{}
}

// asks notes who calls what.
func (e *entry) asks(host, version, request, tool string, arguments json.RawMessage) {
	if e == nil {
		return
	}
	known, isKnown := e.tools[tool]
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isCall = true
	e.asked = inquiry{host, version, request, tool, arguments}
	e.record.Time, e.record.Class = audit.Time{Time: e.began}, string(known.Access)
	switch {
	case isKnown:
		e.record.Service, e.record.Account = e.Whose(tool)
	case tool == string(mcp.MethodResourcesRead):
		e.record.Class = string(Read)
	default:
		e.record.Decision = deniedBy(e.Offer.forbids(tool))
	}
}

// describe fills in what was asked for.
func (e *entry) describe(r *audit.Record, plain bool) {
	r.Host, r.HostVersion, r.Request = e.short(e.asked.host), e.short(e.asked.version), e.short(e.asked.request)
	r.Tool, r.Arguments = e.short(e.asked.tool), e.arguments(e.asked.arguments, plain)
}

// errUnlogged stands for a call that isn't made since it can't be written down.
var errUnlogged = errors.New("nothing was sent: by VALET_AUDIT=required a call has to be logged first, and it can't be")

// begin writes down, where that has to be, that a call is about to be made. Without
// that it may not be.
func (e *entry) begin(ctx context.Context) error {
	if e == nil || !e.Required {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.record.Phase == "" && e.unwritten == nil {
		begun := e.record
		e.describe(&begun, false)
		// A name that no argument has may be anything, too.
		names := append(namesIn(e.tools[e.asked.tool].arguments), "uri")
		maps.DeleteFunc(begun.Arguments, func(name, _ string) bool { return !slices.Contains(names, name) })
		begun.Phase, begun.Call = audit.Begun, rand.Text()
		if e.unwritten = e.Append(ctx, begun); e.unwritten == nil {
			e.record.Phase, e.record.Call = audit.Done, begun.Call
		}
	}
	if e.unwritten != nil {
		e.record.Decision = audit.Unlogged
		return Explain(errUnlogged, fmt.Sprintf("%v: %s. The person can see to it, or set VALET_AUDIT=on", errUnlogged, e.why(e.unwritten)))
	}
	return nil
}

// ended notes what came of a try. The last one counts.
func (e *entry) ended(tool string, call *gate.Call, err error) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ran, e.of, e.call, e.err = true, tool, call, err
}

// Declined notes that the person didn't agree to what a context belongs to.
func Declined(ctx context.Context) { entryOf(ctx).decided(audit.Declined) }

// Unanswered notes that the person said neither yes nor no to what a context belongs to.
func Unanswered(ctx context.Context) { entryOf(ctx).decided(audit.Unanswered) }

// decided notes what was decided about a call that isn't made.
func (e *entry) decided(decision string) {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.record.Decision = decision
	}
}

// close writes the record down. note says that it isn't; "": it is.
func (e *entry) close(ctx context.Context, bytes int, isError bool) (note string) {
	if e == nil {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isCall {
		return ""
	}
	e.record.Milliseconds = float64(time.Since(e.began).Microseconds()) / 1000
	e.record.Bytes = bytes
	e.describe(&e.record, e.Audit.Arguments)
	e.judge(isError)
	err := e.Append(ctx, e.record)
	if err == nil {
		return ""
	}
	e.Log.Warn("a call wasn't logged", "tool", e.record.Tool, "error", err)
	return fmt.Sprintf("[not logged: %s; the person can see to it, or set VALET_AUDIT=off]", e.why(err))
}

func (e *entry) why(err error) string { return oneLine(e.Mask(err.Error()), maxWords) }

// Call makes a call of a tool that no client has sent, and writes it down. What a person
// is told beside its answer is added to that, or to its error.
func (a *Audit) Call(ctx context.Context, host, version, tool string, arguments json.RawMessage, do func(context.Context) (string, error)) (string, error) {
	ctx, e := a.open(ctx)
	e.asks(host, version, "", tool, arguments)
	err := e.begin(ctx)
	answer := ""
	if err == nil {
		answer, err = do(ctx)
	}
	note := e.close(ctx, len(answer), err != nil)
	switch {
	case note == "":
		return answer, err
	case err != nil:
		return "", Explain(err, err.Error()+" "+note)
	}
	return answer + "\n" + note, nil
}

// audited makes a tool's call only once that it is made has been written down.
func audited(handle server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if err := entryOf(ctx).begin(ctx); err != nil {
			return mcp.NewToolResultError(err.Error()), nil
		}
		return handle(ctx, request)
	}
}

// auditedReading is audited for resources.
func auditedReading(read server.ResourceTemplateHandlerFunc) server.ResourceTemplateHandlerFunc {
	return func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		if err := entryOf(ctx).begin(ctx); err != nil {
			return nil, err
		}
		return read(ctx, request)
	}
}

// logged writes down what a message was answered, and says in the answer if that failed.
func (e *entry) logged(ctx context.Context, answer mcp.JSONRPCMessage) mcp.JSONRPCMessage {
	switch message := answer.(type) {
	case mcp.JSONRPCError:
		if note := e.close(ctx, len(message.Error.Message), true); note != "" {
			message.Error.Message += " " + note
		}
		return message
	case mcp.JSONRPCResponse:
		message.Result = e.loggedResult(ctx, message.Result)
		return message
	}
	e.close(ctx, 0, false)
	return answer
}

func (e *entry) loggedResult(ctx context.Context, result any) any {
	switch r := result.(type) {
	case *mcp.CallToolResult:
		if note := e.close(ctx, lengthOf(r.Content), r.IsError); note != "" {
			r.Content = append(r.Content, mcp.NewTextContent(note))
		}
	case mcp.ReadResourceResult:
		if note := e.close(ctx, lengthOfAll(r.Contents), false); note != "" && len(r.Contents) > 0 {
			r.Contents = append(r.Contents, mcp.TextResourceContents{URI: "valetkey:not-logged", MIMEType: "text/plain", Text: note})
		}
		return r
	default:
		e.close(ctx, 0, false)
	}
	return result
}
