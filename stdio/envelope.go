package stdio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// Error codes of JSON-RPC 2.0 §5.1.
const (
	parseError     = mcp.PARSE_ERROR
	invalidRequest = mcp.INVALID_REQUEST
	internalError  = mcp.INTERNAL_ERROR
)

// envelope is the outside of a message.
type envelope struct {
	line   []byte
	method string
	id     json.RawMessage // as it came in; nil for a notification
	modern bool            // declares a protocol version of 2026-07-28 or later

	isAnswer bool // has a result or an error and no method
	result   json.RawMessage
}

// fault is a message that isn't one. id is the raw id to answer to.
type fault struct {
	id   json.RawMessage
	code int
	text string
}

func (f *fault) Error() string { return f.text }

var null = json.RawMessage("null")

// parse reads the outside of a message.
func parse(line []byte) (*envelope, *fault) {
	if !utf8.Valid(line) {
		return nil, &fault{null, parseError, "the message is not valid UTF-8"}
	}
	if line[0] != '{' {
		if json.Valid(line) {
			return nil, &fault{null, invalidRequest, "a message is a JSON object"}
		}
		return nil, &fault{null, parseError, "the message is not valid JSON"}
	}
	var outside struct {
		JSONRPC json.RawMessage `json:"jsonrpc"`
		Method  json.RawMessage `json:"method"`
		ID      json.RawMessage `json:"id"`
		Params  json.RawMessage `json:"params"`
		Result  json.RawMessage `json:"result"`
		Error   json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(line, &outside); err != nil {
		return nil, &fault{null, parseError, "the message is not valid JSON"}
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
		return nil, &fault{e.answerTo(), invalidRequest, `a message says "jsonrpc": "2.0"`}
	}
	if json.Unmarshal(outside.Method, &e.method) != nil || e.method == "" || hasAnswer {
		return nil, &fault{e.answerTo(), invalidRequest, "a request has a method, which is a string, and no result"}
	}
	e.modern = isModern(outside.Params)
	return e, nil
}

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

// isModern reports whether params declare a protocol version without a
// handshake. Most don't, and are not decoded.
func isModern(params json.RawMessage) bool {
	if !bytes.Contains(params, []byte(mcp.MetaKeyProtocolVersion)) {
		return false
	}
	var declared struct {
		Meta map[string]json.RawMessage `json:"_meta"`
	}
	var version string
	if json.Unmarshal(params, &declared) != nil || json.Unmarshal(declared.Meta[mcp.MetaKeyProtocolVersion], &version) != nil {
		return false
	}
	return mcp.IsModernProtocol(version)
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
	case mcp.JSONRPCError:
		value = r.Error
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return failure(id, internalError, "the result can't be encoded")
	}
	return frame(id, name, encoded)
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

// splitBatch answers the messages of a JSON array.
func splitBatch(line []byte) ([]json.RawMessage, *fault) {
	var messages []json.RawMessage
	if !utf8.Valid(line) || json.Unmarshal(line, &messages) != nil {
		return nil, &fault{null, parseError, "the batch is not valid JSON"}
	}
	if len(messages) == 0 {
		return nil, &fault{null, invalidRequest, "the batch is empty"}
	}
	return messages, nil
}

// errTooLong stands for a line over the limit, which has been skipped.
var errTooLong = errors.New("line too long")

// lineReader reads lines up to a limit.
type lineReader struct {
	from interface {
		ReadSlice(delim byte) ([]byte, error)
	}
	limit int
}

// next answers a line without its end and without surrounding blanks, in
// memory of its own. At the end of the input, what was there without a line
// end counts as a line, and io.EOF comes next.
func (r *lineReader) next() ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.from.ReadSlice('\n')
		if !long {
			long = len(line)+len(part) > r.limit+1
			line = append(line, part...)
		}
		if long {
			line = nil
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !(errors.Is(err, io.EOF) && (long || len(line) > 0)):
			return nil, err
		case long:
			return nil, errTooLong
		}
		return bytes.TrimSpace(line), nil
	}
}

func isBatch(line []byte) bool { return line[0] == '[' }
