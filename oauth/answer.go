package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrAnswer says that an answer is of no use: it is neither a JSON object nor
// a form, or what must be in it isn't.
var ErrAnswer = errors.New("the authorization server gave an answer that can't be used")

// Answer is the parameters of an answer, whether it came as a JSON object or as
// a form. The zero Answer has none. It is read-only, and like a [Secret] it
// doesn't show what it holds.
type Answer struct {
	// parameter is a function because fmt, given a wrong verb, looks behind any
	// pointer to a map.
	parameter func(name string) any
}

func newAnswer(parameters map[string]any) Answer {
	return Answer{func(name string) any { return parameters[name] }}
}

func (a Answer) get(name string) any {
	if a.parameter == nil {
		return nil
	}
	return a.parameter(name)
}

// ParseAnswer reads a body as a JSON object or else as a form, whatever its
// content type: servers mislabel both. The error is [ErrAnswer].
func ParseAnswer(body []byte) (Answer, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	var fields map[string]any
	if bytes.HasPrefix(body, []byte("{")) {
		fields = parseJSON(body)
	} else {
		fields = parseForm(string(body))
	}
	if len(fields) == 0 {
		return Answer{}, ErrAnswer
	}
	return newAnswer(fields), nil
}

func parseJSON(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var fields map[string]any
	if decoder.Decode(&fields) != nil {
		return nil
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil
	}
	return fields
}

// parseForm tells a form from a web page or a sentence by its names, which are
// those of RFC 6749 or like them.
func parseForm(body string) map[string]any {
	form, err := url.ParseQuery(body)
	if err != nil || !strings.Contains(body, "=") {
		return nil
	}
	fields := make(map[string]any, len(form))
	for name, values := range form {
		if name == "" || strings.ContainsFunc(name, isNoWord) {
			return nil
		}
		fields[name] = values[0]
	}
	return fields
}

func isNoWord(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
}

// String answers a text parameter; "" if it is missing or something else.
func (a Answer) String(name string) string {
	text, _ := a.get(name).(string)
	return text
}

// Secret answers a text parameter that must not be printed.
func (a Answer) Secret(name string) Secret { return NewSecret(a.String(name)) }

// Seconds answers a duration given in seconds, as a number or as a text that
// holds one, within a hundred years. ok is false if there is none.
func (a Answer) Seconds(name string) (d time.Duration, ok bool) {
	seconds, ok := a.number(name)
	const most = 100 * 365 * 24 * 60 * 60
	return time.Duration(math.Max(-most, math.Min(most, seconds)) * float64(time.Second)), ok
}

func (a Answer) number(name string) (value float64, ok bool) {
	var text string
	switch given := a.get(name).(type) {
	case json.Number:
		text = given.String()
	case string:
		text = strings.TrimSpace(given)
	}
	value, err := strconv.ParseFloat(text, 64)
	if (err != nil && !errors.Is(err, strconv.ErrRange)) || math.IsNaN(value) {
		return 0, false
	}
	return value, true
}

// Scopes answers the parameter scope: nil if it is missing, empty if it is. It
// is separated by spaces (RFC 6749 §3.3), by commas (GitHub, Slack) or is a
// list (Twitch).
func (a Answer) Scopes() []string {
	var scopes []string
	switch given := a.get("scope").(type) {
	case string:
		scopes = strings.FieldsFunc(given, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		for _, item := range given {
			scope, _ := item.(string)
			scopes = append(scopes, scope)
		}
	default:
		return nil
	}
	const most = 100
	scopes = append([]string{}, scopes[:min(len(scopes), most)]...)
	return slices.DeleteFunc(scopes, isNoScope)
}

// list answers the texts of a list, nil if there is none.
func (a Answer) list(name string) []string {
	items, _ := a.get(name).([]any)
	var texts []string
	for _, item := range items {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// isNoScope finds what can't be a scope (RFC 6749 §3.3), and what is too long to
// be one that people are shown.
func isNoScope(text string) bool {
	const most = 100
	return text == "" || len(text) > most || strings.ContainsFunc(text, isUnprintable) || strings.ContainsAny(text, `"\`)
}

// failure answers the error code and the words of an answer that came with an
// HTTP status. ok is false when nothing in it says no.
func (a Answer) failure(status int) (code, words string, ok bool) {
	words = a.String("error_description")
	switch given := a.get("error").(type) {
	case string:
		code, ok = given, given != ""
	case bool:
		ok = given
	case json.Number:
		ok = given != "0"
	case map[string]any:
		nested := newAnswer(given)
		code, words, ok = nested.String("code"), nested.String("message"), true
	}
	if inBody, _ := a.number("status"); !ok && status < 400 && inBody < 400 {
		return "", "", false
	}
	message := a.String("message")
	if code == "" && isWords(message) {
		return strings.ReplaceAll(strings.ToLower(message), " ", "_"), words, true
	}
	if words == "" {
		words = message
	}
	return code, words, true
}

// isWords finds the messages that are an error code, as Twitch writes them:
// authorization_pending, invalid device code
// (https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#device-code-grant-flow).
// More words than those make a sentence.
func isWords(message string) bool {
	const most, mostSpaces = 64, 2
	return message != "" && len(message) <= most && strings.Count(message, " ") <= mostSpaces && !strings.ContainsFunc(message, func(r rune) bool {
		return r != ' ' && r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
