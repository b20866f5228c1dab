package stdio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// Error codes of JSON-RPC 2.0 §5.1.
const (
	parseError     = mcp.PARSE_ERROR
	invalidRequest = mcp.INVALID_REQUEST
	invalidParams  = mcp.INVALID_PARAMS
	internalError  = mcp.INTERNAL_ERROR
)

// envelope is the outside of a message.
type envelope struct {
	line   []byte
	method string
	id     json.RawMessage // as it came in; nil for a notification
	// version is the protocol version that a request declares itself, and ""
	// for one that relies on the handshake.
	version string

	isAnswer bool // has a result or an error and no method
	result   json.RawMessage
}

// modern reports whether the message is of 2026-07-28 or later.
func (e *envelope) modern() bool { return mcp.IsModernProtocol(e.version) }

// fault is a message that isn't one. id is the raw id to answer to.
type fault struct {
	id   json.RawMessage
	code int
	text string
}

var null = json.RawMessage("null")

// parse reads the outside of a message.
func parse(line []byte) (*envelope, *fault) {
	if line[0] != '{' && validJSON(line) {
		return nil, &fault{null, invalidRequest, "a message is a JSON object"}
	}
	var outside struct {
		JSONRPC json.RawMessage `json:"jsonrpc"`
		Method  json.RawMessage `json:"method"`
		ID      json.RawMessage `json:"id"`
		Result  json.RawMessage `json:"result"`
		Error   json.RawMessage `json:"error"`
	}
	if !utf8.Valid(line) || json.Unmarshal(line, &outside) != nil {
		return nil, &fault{null, parseError, "the message is not valid JSON in UTF-8"}
	}
	e := &envelope{line: line, id: outside.ID, result: outside.Result}
	hasAnswer := outside.Result != nil || outside.Error != nil
	if outside.Method == nil && hasAnswer {
		e.isAnswer = true
		return e, nil
	}
	if e.id != nil && !isID(e.id) {
		return nil, &fault{null, invalidRequest, "an id is a string or a whole number"}
	}
	if string(outside.JSONRPC) != `"2.0"` {
		return nil, &fault{e.answerTo(), invalidRequest, `every message needs "jsonrpc": "2.0"`}
	}
	if json.Unmarshal(outside.Method, &e.method) != nil || e.method == "" || hasAnswer {
		return nil, &fault{e.answerTo(), invalidRequest, "a request has a method, which is a string, and no result"}
	}
	e.version = declaredVersion(line)
	return e, nil
}

func validJSON(text []byte) bool { return utf8.Valid(text) && json.Valid(text) }

// answerTo is the id an answer to this message carries.
func (e *envelope) answerTo() json.RawMessage {
	if e.id == nil {
		return null
	}
	return e.id
}

// isID reports whether a raw value is a string or a whole number. null is no
// id of a request (spec, "Requests").
func isID(raw json.RawMessage) bool {
	switch c := raw[0]; {
	case c == '"':
		return true
	case c == '-' || c >= '0' && c <= '9':
		return !bytes.ContainsAny(raw, ".eE")
	}
	return false
}

// key makes ids comparable: the same string may be spelt in several ways, and
// 1 is not "1".
func key(id json.RawMessage) string {
	var text string
	if len(id) > 0 && id[0] == '"' && json.Unmarshal(id, &text) == nil {
		return `"` + text
	}
	return string(id)
}

// declaredVersion answers the protocol version in a message's _meta. It decodes
// as mcp-go does, so that both are always of one opinion. Most messages declare
// none and aren't decoded; a backslash may hide the name.
func declaredVersion(line []byte) string {
	if !bytes.Contains(line, []byte(mcp.MetaKeyProtocolVersion)) && bytes.IndexByte(line, '\\') < 0 {
		return ""
	}
	var message struct {
		Params struct {
			Meta *mcp.Meta `json:"_meta"`
		} `json:"params"`
	}
	if json.Unmarshal(line, &message) != nil {
		return ""
	}
	return message.Params.Meta.ProtocolVersion()
}

// cancelledID answers the id that notifications/cancelled is about.
func cancelledID(line []byte) json.RawMessage {
	var notice struct {
		Params struct {
			RequestID json.RawMessage `json:"requestId"`
		} `json:"params"`
	}
	if json.Unmarshal(line, &notice) != nil {
		return nil
	}
	return notice.Params.RequestID
}

// answer writes a response with the id as it came in: on its way through
// float64 a large number would change. What can't be encoded becomes an error,
// never silence.
func answer(id json.RawMessage, response mcp.JSONRPCMessage) []byte {
	name, value := "error", any(mcp.JSONRPCErrorDetails{Code: internalError, Message: "there is no answer to this request"})
	switch r := response.(type) {
	case mcp.JSONRPCResponse:
		name, value = "result", r.Result
		if ended, ok := value.(mcp.SubscriptionsListenResult); ok {
			ended.EnsureResultMeta().SetSubscriptionID(id)
			value = ended
		}
	case mcp.JSONRPCError:
		value = readable(r.Error)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return failure(id, internalError, "the result can't be encoded")
	}
	return frame(id, name, encoded)
}

// misfit is how encoding/json says, through mcp-go, which of the params has
// which wrong type.
var misfit = regexp.MustCompile(`^unparsable (\S+) request:(?: json: cannot unmarshal (\w+) into Go struct field \S*?\b(params\S*) )?`)

// readable shortens mcp-go's error, and rewords the one for params of a wrong
// type, which it takes for an invalid request.
func readable(e mcp.JSONRPCErrorDetails) mcp.JSONRPCErrorDetails {
	// It may repeat whatever the client has sent.
	const most = 1000
	if len(e.Message) > most {
		e.Message = strings.ToValidUTF8(e.Message[:most], "") + "…"
	}
	found := misfit.FindStringSubmatch(e.Message)
	if e.Code != invalidRequest || found == nil {
		return e
	}
	e.Code, e.Message = invalidParams, "the params don't fit "+found[1]
	if found[3] != "" {
		e.Message += fmt.Sprintf(": %s can't be of type %s", found[3], found[2])
	}
	return e
}

// failure writes an error response.
func failure(id json.RawMessage, code int, text string) []byte {
	encoded, err := json.Marshal(map[string]any{"code": code, "message": text})
	if err != nil {
		encoded = []byte(`{"code":-32603,"message":"internal error"}`)
	}
	return frame(id, "error", encoded)
}

func frame(id json.RawMessage, name string, value []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(id) + len(value) + 40)
	b.WriteString(`{"jsonrpc":"2.0","id":`)
	b.Write(id)
	b.WriteString(`,"` + name + `":`)
	b.Write(value)
	b.WriteByte('}')
	return b.Bytes()
}
