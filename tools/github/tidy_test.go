package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/rest"
)

// tidiedAnswer is what comes of a body that is asked for as one media type.
func tidiedAnswer(t *testing.T, accept, body string) (string, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, oneRepo, nil)
	r.Header.Set("Accept", accept)
	answer, err := (&tidy{large: make(rest.Turns, 1), next: plays(func() *http.Response { return answered(200, body) })}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return string(content), err
}

// TestTidy: what is fine comes through as it is.
func TestTidy(t *testing.T) {
	t.Parallel()
	const usual = "application/vnd.github.v3+json"
	for name, c := range map[string]struct{ accept, body, want string }{
		"what is fine":         {usual, `{"a":[1,"x  y",true]}`, `{"a":[1,"x  y",true]}`},
		"numbers as they are":  {usual, `{"id":9007199254740993,"score":1.50,"a":{},"b":[],"c":[[]],"d":null}`, `{"id":9007199254740993,"score":1.50,"a":{},"b":[],"c":[[]],"d":null}`},
		"null in lists":        {usual, `[null,{"a":[null,1,null]},null]`, `[{"a":[1]}]`},
		"nothing but null":     {usual, ` [null,null]`, `[]`},
		"less than nothing":    {usual, `{"total_count":-5,"sizes":[-1.5,2],"number":-2,"value":-3}`, `{"total_count":0,"sizes":[0,2],"number":-2,"value":-3}`},
		"lines in a name":      {usual, `{"name":"a\r\nb\tc\u2028d\u0085e","a\nb":1}`, "{\"name\":\"a\u00a0\u00a0b\\tc\u00a0d\u00a0e\",\"a\u00a0b\":1}"},
		"names in a list":      {usual, `{"topics":["a\nb"]}`, "{\"topics\":[\"a\u00a0b\"]}"},
		"lines in a paragraph": {usual, `{"Body":"a\nb","message":"c\nd"}`, `{"Body":"a\nb","message":"c\nd"}`},
		"what follows":         {usual, `{"a":1}{"b":2}`, `{"a":1}`},
		"another media type":   {"application/vnd.github.squirrel-girl-preview", `[null]`, `[]`},
		"a file":               {"application/vnd.github.raw+json", "[null]\n", "[null]\n"},
		"a diff":               {"application/vnd.github.v3.diff", "[null]", "[null]"},
		"a log":                {usual, " \n2026-01-31T00:00:00Z {\n", " \n2026-01-31T00:00:00Z {\n"},
		"nothing":              {usual, "", ""},
		"only spaces":          {usual, strings.Repeat(" ", 9000), strings.Repeat(" ", 9000)},
	} {
		if got, err := tidiedAnswer(t, c.accept, c.body); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// TestTidyEnds: what can't be read, and what would take too much memory, is an
// error for its reader.
func TestTidyEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"broken off":       {`{"a":[1,{"b"`, io.ErrUnexpectedEOF},
		"only null":        {"null", errNotGitHub},
		"too many":         {"[" + strings.Repeat("{},", maxListed) + "{}]", errTooLong},
		"too many of null": {"[" + strings.Repeat("null,", maxListed) + "1]", errTooLong},
		"too many found":   {`{"total_count":1,"items":[` + strings.Repeat("{},", maxListed) + "{}]}", errTooLong},
		"too many members": {`{"files":{` + strings.Repeat(`"a":0,`, maxListed) + `"b":1}}`, errTooLong},
		"too many, spread": {"[" + strings.Repeat("["+strings.Repeat("0,", 999)+"0],", maxElements/1000) + "0]", errTooLong},
		"too many, in all": {strings.Repeat(`{"tree":[`+strings.Repeat("0,", 99_999), 2) + "0]}]}", errTooLong},
		"too long":         {`{"body":"` + strings.Repeat("x", largestJSON) + `"}`, errTooLarge},
		"too deep":         {strings.Repeat(`{"a":[`, maxDepth), errNotGitHub},
	} {
		if got, err := tidiedAnswer(t, "application/vnd.github.v3+json", c.body); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// TestTidyLongLists: what GitHub gives without pages comes whole.
func TestTidyLongLists(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return "[" + strings.Repeat("{},", n-1) + "{}]" }
	for _, body := range []string{list(maxListed), `{"tree":` + list(100_000) + `}`, `{"blame":{"ranges":` + list(50_000) + `}}`} {
		if got, err := tidiedAnswer(t, "application/vnd.github.v3+json", body); err != nil || got != body {
			t.Errorf("%.30s: %d of %d bytes, %v", body, len(got), len(body), err)
		}
	}
	if got, err := tidied([]byte(list(100_000)), listedAt("/repos/o/r/git/matching-refs/heads/a")); err != nil || len(got) != len(list(100_000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestTidyRefusals: GitHub says no in few words, so more is never decoded.
func TestTidyRefusals(t *testing.T) {
	t.Parallel()
	for status, most := range map[int]int{200: 2 << 20, 202: 256 << 10, 301: 64 << 10, 403: 64 << 10, 422: 64 << 10, 502: 64 << 10} {
		r := httptest.NewRequestWithContext(asItIs(t.Context()), http.MethodGet, oneRepo, nil)
		answer, err := (&tidy{large: make(rest.Turns, 1), next: plays(func() *http.Response { return answered(status, strings.Repeat(" ", 2<<20)) })}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if len(content) != most || err != nil {
			t.Errorf("%d: %d bytes, %v", status, len(content), err)
		}
	}
}

// tidiedValue is what tidied has to come to, by the rules alone.
func tidiedValue(key string, value any) any {
	switch v := value.(type) {
	case string:
		if isParagraph([]byte(strconv.Quote(key))) {
			return v
		}
		return lineBreaks().ReplaceAllString(v, oneRow)
	case json.Number:
		if strings.HasPrefix(v.String(), "-") && !isChosen([]byte(strconv.Quote(key))) {
			return json.Number("0")
		}
	case []any:
		kept := []any{}
		for _, element := range v {
			if element != nil {
				kept = append(kept, tidiedValue(key, element))
			}
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for name, inside := range v {
			kept[lineBreaks().ReplaceAllString(name, oneRow)] = tidiedValue(lineBreaks().ReplaceAllString(name, oneRow), inside)
		}
		return kept
	}
	return value
}

func lineBreaks() *regexp.Regexp { return regexp.MustCompile(`[\n\v\f\r\x{85}\x{2028}\x{2029}]`) }

func decodedNumbers(t *testing.T, text []byte) (value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// FuzzTidied: written in place, an answer is what the rules make of its values.
func FuzzTidied(f *testing.F) {
	for _, text := range []string{
		`[null,{"a":[null,-1,null],"body":"x\ny","number":-2},"\u2028\ud83d\u000A\\n"]`, "{\"a\u0085\":\"\u2029—é\"}", ` { "b" : [ ] , "c":{}} `,
		`"\\"`, `["a\"b\n"]`, `-0`, `[[[[]]]]`, `[1 2]`, `[,]`, `{"a"}`, `{"a":}`, `"\`, "[\"\xe2\x80", `{"b\u006fdy":"\n"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		isValid := json.Valid(text)
		value := any(nil)
		if isValid {
			value = tidiedValue("", decodedNumbers(t, text))
		}
		got, err := tidied(bytes.Clone(text), maxListed)
		mayBeRefused := value == nil || bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxDepth
		if !isValid || mayBeRefused && err == errNotGitHub {
			return
		}
		if err != nil || !reflect.DeepEqual(decodedNumbers(t, got), value) {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	})
}
