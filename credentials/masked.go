package credentials

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

// maxAnswer is how much of an API's answer is read, unpacked. Beyond it the
// body's error is [*http.MaxBytesError].
const maxAnswer = 32 << 20

// leastMasked is how long a token is at least to be masked, in bytes. No provider
// issues one so short that it could be guessed, and asterisks for a few letters
// would fall into other words, field names and numbers, and tell the letters.
const leastMasked = 8

// mask makes an API's answer fit to be read: its body is of bounded size, and
// the token that the request carried is asterisks wherever the answer repeats
// it. So no tool, error or log line can show it.
func mask(response *http.Response, token oauth.Secret) {
	response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	secret := token.Reveal()
	if len(secret) < leastMasked {
		return
	}
	response.Status = maskText(response.Status, secret)
	for _, values := range response.Header {
		for i := range values {
			values[i] = maskText(values[i], secret)
		}
	}
	response.Body = &maskedBody{
		Closer: response.Body,
		from:   bufio.NewReaderSize(response.Body, max(4<<10, 2*len(secret))),
		secret: []byte(secret),
	}
}

// maskText replaces a secret in a text by asterisks.
func maskText(text, secret string) string {
	if len(secret) < leastMasked || !strings.Contains(text, secret) {
		return text
	}
	return strings.ReplaceAll(text, secret, strings.Repeat("*", len(secret)))
}

// Mask replaces the token in use by asterisks, for texts that were made of an
// answer: there it may have been spelt so that only its reader could see it, as
// with JSON's escapes. One that a variable holds is masked before its first use, too.
func (c *Credential) Mask(text string) string {
	text = maskText(text, c.Settings.Token.Reveal())
	if g := c.inUse(); g != nil {
		return maskText(text, g.token.Reveal())
	}
	return text
}

// Login is the provider's name for whose the token in use is; "" if there is none, or
// nobody has asked yet. It asks nobody.
func (c *Credential) Login() string {
	if g := c.inUse(); g != nil && g.record != nil {
		return g.record.Account
	}
	return ""
}

// maskedBody replaces a secret by as many asterisks, also where it lies across
// two reads. from buffers more than the secret is long.
type maskedBody struct {
	io.Closer
	from   *bufio.Reader
	secret []byte
	// masking is how many asterisks are still to come.
	masking int
}

// Read implements [io.Reader].
func (m *maskedBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if m.masking == 0 {
		clear, err := m.clear()
		if len(clear) > 0 || err != nil {
			n := copy(p, clear)
			m.from.Discard(n)
			return n, err
		}
		m.masking = len(m.secret)
	}
	n := copy(p, bytes.Repeat([]byte("*"), min(len(p), m.masking)))
	m.from.Discard(n)
	m.masking -= n
	return n, nil
}

// clear answers what may be passed on before the next secret or what may be
// the beginning of one. It is empty, without an error, at a secret.
func (m *maskedBody) clear() ([]byte, error) {
	ahead, err := m.from.Peek(max(len(m.secret), m.from.Buffered()))
	if at := bytes.Index(ahead, m.secret); at >= 0 {
		return ahead[:at], nil
	}
	if err == nil {
		return ahead[:len(ahead)-len(m.secret)+1], nil
	}
	if len(ahead) > 0 {
		return ahead, nil
	}
	return nil, err
}
