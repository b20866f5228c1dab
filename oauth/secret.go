package oauth

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a token, a code, a client secret or a passphrase. However it is
// printed, logged or marshalled it shows "[redacted]", or nothing when there is
// none. Even fmt, which reads the unexported fields of other structs without
// calling their methods, finds only an address. It can't be unmarshalled from
// JSON either, since no JSON of ours holds one.
//
// The zero value is no secret. Compare with [Secret.Equal]; == compares where
// two texts lie.
type Secret struct{ text *string }

// NewSecret wraps a text; "" gives the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal answers the text. It is the only way out.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares in a time that doesn't depend on where two texts of the same
// length differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String implements [fmt.Stringer].
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return s.String() }

// Format implements [fmt.Formatter], for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON implements [encoding/json.Marshaler].
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Decode implements envconfig's Decoder. It never fails, since envconfig
// prints the values it can't decode.
func (s *Secret) Decode(text string) error {
	*s = NewSecret(text)
	return nil
}
