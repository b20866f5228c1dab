package oauth

import (
	"encoding/json"
	"errors"
	"math"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ErrAnswer says that an answer is of no use: it is neither a JSON object nor
// a form, or what must be in it isn't.
var ErrAnswer = errors.New("the authorization server gave an answer that can't be used")

// Answer is the parameters of an answer, whether it came as a JSON object or as
// a form. Values keep the type they came in.
type Answer struct{ fields map[string]any }

// ParseAnswer reads a body as JSON or as a form. The content type decides only
// where the body doesn't: servers mislabel both.
func ParseAnswer(contentType string, body []byte) (Answer, error) {
	trimmed := strings.TrimSpace(string(body))
	if strings.HasPrefix(trimmed, "{") {
		decoder := json.NewDecoder(strings.NewReader(trimmed))
		decoder.UseNumber()
		var fields map[string]any
		if err := decoder.Decode(&fields); err != nil {
			return Answer{}, ErrAnswer
		}
		return Answer{fields}, nil
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind != "application/x-www-form-urlencoded" && kind != "text/plain" && kind != "" {
		return Answer{}, ErrAnswer
	}
	form, err := url.ParseQuery(trimmed)
	if err != nil || len(form) == 0 || !strings.Contains(trimmed, "=") {
		return Answer{}, ErrAnswer
	}
	fields := make(map[string]any, len(form))
	for name, values := range form {
		fields[name] = values[0]
	}
	return Answer{fields}, nil
}

// String answers a text parameter; "" if it is missing or something else.
func (a Answer) String(name string) string {
	text, _ := a.fields[name].(string)
	return text
}

// Secret answers a text parameter that must not be printed.
func (a Answer) Secret(name string) Secret { return NewSecret(a.String(name)) }

// Seconds answers a duration given in seconds, as a number or as a text that
// holds one. ok is false if there is none.
func (a Answer) Seconds(name string) (d time.Duration, ok bool) {
	var text string
	switch value := a.fields[name].(type) {
	case json.Number:
		text = value.String()
	case string:
		text = strings.TrimSpace(value)
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) {
		return 0, false
	}
	const most = 100 * 365 * 24 * 60 * 60
	return time.Duration(math.Max(-most, math.Min(most, seconds)) * float64(time.Second)), true
}

// failure answers the error code of an answer, "" if it is no error. Twitch
// puts it into message, next to a status of 400 or more.
func (a Answer) failure() string {
	if code := a.String("error"); code != "" {
		return code
	}
	if status, ok := a.Seconds("status"); ok && status >= 400*time.Second {
		return strings.ReplaceAll(strings.ToLower(a.String("message")), " ", "_")
	}
	return ""
}

// Token reads a successful token answer (RFC 6749 §5.1) at the time now.
func (a Answer) Token(now time.Time) (*Token, error) {
	token := &Token{
		Access:        a.Secret("access_token"),
		Refresh:       a.Secret("refresh_token"),
		Type:          tokenType(a.String("token_type")),
		Expiry:        a.expiry("expires_in", now),
		RefreshExpiry: a.expiry("refresh_token_expires_in", now),
	}
	if token.Access.IsZero() {
		return nil, ErrAnswer
	}
	if scope, ok := a.fields["scope"].(string); ok {
		token.Scopes = strings.FieldsFunc(scope, func(r rune) bool { return r == ' ' || r == ',' })
	}
	return token, nil
}

func (a Answer) expiry(name string, now time.Time) time.Time {
	lifetime, ok := a.Seconds(name)
	if !ok || lifetime <= 0 {
		return time.Time{}
	}
	return now.Add(lifetime)
}

// tokenType is how the token is to be sent. Servers write Bearer in several
// ways, leave it out, or put something there that no header takes.
func tokenType(given string) string {
	known := map[string]string{"mac": "MAC", "dpop": "DPoP"}
	if name, ok := known[strings.ToLower(given)]; ok {
		return name
	}
	return "Bearer"
}
