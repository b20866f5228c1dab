package trace

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	wire "google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields are those of OTLP 1.x, which never change.
//
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/common/v1/common.proto

// message is a protobuf message while it is written.
type message []byte

func (m message) bytes(field wire.Number, value []byte) message {
	if len(value) == 0 {
		return m
	}
	return wire.AppendBytes(wire.AppendTag(m, field, wire.BytesType), value)
}

func (m message) text(field wire.Number, value string) message { return m.bytes(field, []byte(value)) }

func (m message) number(field wire.Number, value uint64) message {
	return wire.AppendVarint(wire.AppendTag(m, field, wire.VarintType), value)
}

func (m message) fixed(field wire.Number, value uint64) message {
	return wire.AppendFixed64(wire.AppendTag(m, field, wire.Fixed64Type), value)
}

func (m message) attributes(field wire.Number, all []attribute.KeyValue) message {
	for _, a := range all {
		m = m.bytes(field, message{}.text(1, string(a.Key)).bytes(2, valueOf(a.Value)))
	}
	return m
}

// valueOf is an AnyValue. A text may be empty, which is not the same as none.
func valueOf(v attribute.Value) message {
	switch v.Type() {
	case attribute.BOOL:
		return message{}.number(2, wire.EncodeBool(v.AsBool()))
	case attribute.INT64:
		return message{}.number(3, uint64(v.AsInt64()))
	}
	return wire.AppendString(wire.AppendTag(nil, 1, wire.BytesType), v.String())
}

// encode writes an ExportTraceServiceRequest. All spans are of one resource and one
// scope, since there is one provider, and one tracer of it.
func encode(spans []sdk.ReadOnlySpan) message {
	if len(spans) == 0 {
		return nil
	}
	from := spans[0].InstrumentationScope()
	scoped := message{}.bytes(1, message{}.text(1, from.Name).text(2, from.Version))
	for _, s := range spans {
		scoped = scoped.bytes(2, spanOf(s))
	}
	resource := message{}.attributes(1, spans[0].Resource().Attributes())
	return message{}.bytes(1, message{}.bytes(1, resource).bytes(2, scoped))
}

func spanOf(s sdk.ReadOnlySpan) message {
	own, parent := s.SpanContext(), s.Parent()
	trace, id := own.TraceID(), own.SpanID()
	m := message{}.bytes(1, trace[:]).bytes(2, id[:]).text(3, own.TraceState().String())
	if parent.HasSpanID() {
		above := parent.SpanID()
		m = m.bytes(4, above[:])
	}
	m = m.text(5, s.Name()).number(6, uint64(s.SpanKind())).
		fixed(7, uint64(s.StartTime().UnixNano())).fixed(8, uint64(s.EndTime().UnixNano())).
		attributes(9, s.Attributes())
	if s.Status().Code == codes.Error {
		const statusError = 2
		m = m.bytes(15, message{}.number(3, statusError))
	}
	return m
}
