package github_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

const forged = "\n@@forged"

// distrust runs a call that a test has just made again, against servers that
// answer the same with something wrong: null in lists and in the place of any
// value, and texts that bring lines of their own.
func (f *fake) distrust(i int, arguments string) {
	f.t.Helper()
	if !f.isNew(f.tools[i].Name, arguments) {
		return
	}
	twin := f.twin()
	check := func(name string) {
		text := twin.run(f.t, i, arguments)
		isRaw := strings.HasPrefix(f.tools[i].Name, "github_api")
		isWrite := strings.HasSuffix(f.tools[i].Name, "_write")
		switch {
		case strings.Contains(text, "stopped unexpectedly"):
			f.t.Errorf("%s %s: panics with %s", f.tools[i].Name, arguments, name)
		case strings.Contains("\n"+text, forged) && !isRaw:
			f.t.Errorf("%s %s: a line is forged with %s:\n%s", f.tools[i].Name, arguments, name, text)
		case strings.TrimSpace(text) == "", isWrite && regexp.MustCompile(`#0\b|comment 0\b|review 0\b|run 0\b|\n$`).MatchString(text):
			f.t.Errorf("%s %s: with %s it says of something that isn't there:\n%s", f.tools[i].Name, arguments, name, text)
		}
	}
	for name, spoil := range f.spoilers() {
		twin.spoil(f.answers, spoil)
		check(name)
	}
	for _, body := range []string{`null`, `[null]`, `{}`, `[]`, `[{}]`, `{"items":[null]}`, `""`, `5`, `{"data":{}}`, `{"data":null}`, `{"a":[{"b`} {
		for _, method := range []string{"", "GET ", "P", "DELETE "} {
			twin.answers = maps.Clone(f.answers)
			for key, a := range f.answers {
				if strings.HasPrefix(key, method) {
					a.body, a.raw = body, ""
					twin.answers[key] = a
				}
			}
			check(method + body)
		}
	}
}

// isNew tells whether a fake that isn't large was asked for this for the first
// time.
func (f *fake) isNew(tool, arguments string) bool {
	size := 0
	for _, a := range f.answers {
		size += len(f.content(a)) + len(a.raw)
	}
	var in struct{ Part, Kind, Action string }
	if json.Unmarshal([]byte(arguments), &in) != nil || size > 200_000 {
		return false
	}
	kind := strings.Join([]string{tool, in.Part, in.Kind, in.Action}, " ")
	f.mu.Lock()
	defer f.mu.Unlock()
	known := slices.Contains(f.distrusted, kind)
	f.distrusted = append(f.distrusted, kind)
	return !known
}

// run gives what a model reads: an answer or an error.
func (f *fake) run(t *testing.T, i int, arguments string) string {
	answer, err := tools.Run(t.Context(), slog.New(slog.DiscardHandler), f.tools[i], json.RawMessage(arguments))
	if err != nil {
		return err.Error()
	}
	return answer
}

// spoiler changes a value; at is its key.
type spoiler func(at string, value any) any

func (f *fake) spoilers() map[string]spoiler {
	all := map[string]spoiler{
		"null in lists": func(_ string, value any) any {
			if list, is := value.([]any); is {
				return append([]any{nil}, append(list, nil)...)
			}
			return value
		},
		"empty objects": func(at string, value any) any {
			if _, is := value.(map[string]any); is && at != "data" {
				return map[string]any{}
			}
			return value
		},
		"empty lists": func(_ string, value any) any {
			if _, is := value.([]any); is {
				return []any{}
			}
			return value
		},
		"a line more in every text": func(_ string, value any) any { return moreLines(value) },
	}
	for _, key := range f.keys() {
		all["null for "+key] = func(at string, value any) any {
			if at == key {
				return nil
			}
			return value
		}
		all["a line more in "+key] = func(at string, value any) any {
			if at == key {
				return moreLines(value)
			}
			return value
		}
	}
	return all
}

func moreLines(value any) any {
	if text, is := value.(string); is {
		return text + forged + " " + text + "\r@@forged\u2028@@forged\u0085@@forged"
	}
	return value
}

// keys are those of all answers.
func (f *fake) keys() []string {
	keys := map[string]bool{}
	for _, a := range f.answers {
		var value any
		if json.Unmarshal([]byte(f.content(a)), &value) == nil {
			spoiled("", value, func(at string, value any) any { keys[at] = true; return value })
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// spoiled changes a value and all that it holds, in its names too.
func spoiled(at string, value any, spoil spoiler) any {
	switch v := value.(type) {
	case map[string]any:
		changed := map[string]any{}
		for name, member := range v {
			changed[name] = spoiled(name, member, spoil)
		}
		value = changed
	case []any:
		changed := make([]any, len(v))
		for i, element := range v {
			changed[i] = spoiled(at, element, spoil)
		}
		value = changed
	}
	return spoil(at, value)
}

// twin is a fake with the same answers that can be spoiled, without a network
// between.
func (f *fake) twin() *fake {
	other := &fake{t: f.t, url: f.url}
	other.tools = github.Offer(tools.Setup{API: direct(other), At: credentials.Service{APIURL: f.url + apiPath}, After: atOnce}).Tools
	return other
}

// spoil takes another's answers and changes them.
func (f *fake) spoil(answers map[string]answer, spoil spoiler) {
	f.answers = map[string]answer{}
	for key, a := range answers {
		a.body = f.content(a)
		var value any
		if json.Unmarshal([]byte(a.body), &value) == nil {
			text, err := json.Marshal(spoiled("", value, spoil))
			if err != nil {
				f.t.Fatal(err)
			}
			a.body = string(text)
		}
		f.answers[key] = a
	}
}

// direct is a client that asks a handler itself.
func direct(handler http.Handler) *http.Client {
	return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil {
			r = r.Clone(r.Context())
			r.Body = http.NoBody
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		answer := w.Result()
		answer.Request = r
		return answer, nil
	})}
}
