package github_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// row is what one tool of the peer does, or something else the tools are for,
// in calls. testdata/calls holds them.
type row struct {
	name  string
	calls []parityCall
	left  []wanted // of a recording: what isn't asked
}

// parityCall is a call of a tool, what has to reach GitHub because of it, and
// parts of what it says.
type parityCall struct {
	tool, arguments string
	given           []givenAnswer
	asks, also      []wanted
	beside          []wanted // not in the recording
	says            []string
	isRefused       bool
}

// givenAnswer stands for GitHub's documented example where that doesn't fit.
type givenAnswer struct {
	wanted
	status int
	body   string
}

// wanted is a request. Of a GraphQL document, words are what it has to hold.
type wanted struct {
	method, path string
	query        url.Values
	words        []string
	body         string // JSON; "": none, or any variables
}

// rowsOf reads a directory of testdata. The beginning of
// testdata/calls/repositories.txt says how it is written.
func rowsOf(t *testing.T, directory string) []row {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", directory, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	var rows []row
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n") {
			if rows, err = readRow(rows, line); err != nil {
				t.Fatalf("%s:%d: %v", file, number+1, err)
			}
		}
	}
	return rows
}

// readRow adds what a line says to the rows so far.
func readRow(rows []row, line string) ([]row, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || word == "#":
		return rows, nil
	case word == "==":
		return append(rows, row{name: rest}), nil
	case len(rows) == 0:
		return nil, fmt.Errorf("%q stands before the first row", word)
	}
	last := &rows[len(rows)-1]
	switch word {
	case "call":
		tool, arguments, _ := strings.Cut(rest, " ")
		last.calls = append(last.calls, parityCall{tool: tool, arguments: arguments})
		return rows, nil
	case "left":
		words := strings.Fields(rest)
		last.left = append(last.left, readWanted(strings.Join(words[:2], " ")))
		return rows, nil
	}
	if len(last.calls) == 0 {
		return nil, fmt.Errorf("%q stands before the first call", word)
	}
	return rows, last.calls[len(last.calls)-1].read(word, rest)
}

// read adds what a line says to a call.
func (c *parityCall) read(word, rest string) (err error) {
	switch word {
	case "asks":
		c.asks = append(c.asks, readWanted(rest))
	case "also":
		c.also = append(c.also, readWanted(rest))
	case "beside":
		c.beside = append(c.beside, readWanted(rest))
	case "says":
		c.says = append(c.says, rest)
	case "refused":
		c.isRefused = true
	case "given":
		var answer givenAnswer
		answer, err = readGiven(rest)
		c.given = append(c.given, answer)
	default:
		err = fmt.Errorf("nobody knows %q", word)
	}
	return err
}

// readGiven reads "GET /path 404 {…}".
func readGiven(text string) (givenAnswer, error) {
	for _, status := range []int{200, 201, 404} {
		if request, body, found := strings.Cut(text, fmt.Sprintf(" %d ", status)); found {
			return givenAnswer{readWanted(request), status, body}, nil
		}
	}
	return givenAnswer{}, fmt.Errorf("%q has no status of 200, 201 or 404", text)
}

// readWanted reads "POST /path?query {…}" or "graphql words {…}".
func readWanted(text string) wanted {
	head, body := text, ""
	if i := strings.IndexAny(text, "{["); i > 0 && text[i-1] == ' ' {
		head, body = text[:i-1], text[i:]
	}
	if words, found := strings.CutPrefix(head, "graphql "); found {
		return wanted{method: "POST", path: "/graphql", words: strings.Fields(words), body: body}
	}
	method, address, _ := strings.Cut(head, " ")
	path, query, _ := strings.Cut(address, "?")
	w := wanted{method: method, path: path, query: url.Values{}, body: body}
	for _, part := range strings.Split(query, "&") {
		if name, value, found := strings.Cut(part, "="); found {
			w.query.Add(name, value)
		}
	}
	return w
}

// is tells whether a request is the wanted one.
func (w wanted) is(r relayed) bool {
	if w.method != r.method || w.path != r.path {
		return false
	}
	if w.path == "/graphql" {
		var sent struct {
			Query     string
			Variables json.RawMessage
		}
		if json.Unmarshal([]byte(r.body), &sent) != nil {
			return false
		}
		has := func(word string) bool { return strings.Contains(sent.Query, word) }
		return !slices.ContainsFunc(w.words, func(word string) bool { return !has(word) }) && (w.body == "" || sameJSON(w.body, string(sent.Variables)))
	}
	return reflect.DeepEqual(w.query, r.query) && sameJSON(w.body, r.body)
}

func (w wanted) String() string {
	if w.path == "/graphql" {
		return fmt.Sprintf("graphql %s %s", strings.Join(w.words, " "), w.body)
	}
	return fmt.Sprintf("%s %s %v %s", w.method, w.path, w.query, w.body)
}

// sameJSON compares two values; "" is none.
func sameJSON(x, y string) bool {
	if x == "" || y == "" {
		return x == y
	}
	var a, b any
	return json.Unmarshal([]byte(x), &a) == nil && json.Unmarshal([]byte(y), &b) == nil && reflect.DeepEqual(a, b)
}
