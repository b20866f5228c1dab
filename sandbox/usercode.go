package sandbox

import (
	"crypto/rand"
	"strings"
)

// The base-20 alphabet of RFC 8628 §6.1: no vowels, so no words; 20^8 codes are 34.5 bits.
const (
	userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"
	userCodeLength   = 8
)

// newUserCode is a random user code without its hyphen.
func newUserCode() string {
	const fair = 256 / len(userCodeAlphabet) * len(userCodeAlphabet)
	code := make([]byte, 0, userCodeLength)
	for len(code) < userCodeLength {
		var b [1]byte
		rand.Read(b[:])
		if int(b[0]) < fair {
			code = append(code, userCodeAlphabet[int(b[0])%len(userCodeAlphabet)])
		}
	}
	return string(code)
}

// normalUserCode is what a person typed, in capitals and without what can't be part of a code (RFC 8628 §6.1).
func normalUserCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(userCodeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// writtenUserCode puts the hyphen into a normal code: XXXX-XXXX. A code of another length stays as it is.
func writtenUserCode(normal string) string {
	if len(normal) != userCodeLength {
		return normal
	}
	return normal[:userCodeLength/2] + "-" + normal[userCodeLength/2:]
}
