package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

type shelf struct {
	Owner  string `json:"owner"`
	Number int    `json:"number,omitempty" minimum:"1"`
	Path   string `json:"path,omitempty"`
	Ref    string `json:"ref,omitempty"`
}

// bookAt is a resource that answers what stood in its address.
func bookAt(read func(shelf) (tools.Document, error)) tools.Resource {
	return tools.DefineResource(tools.Resource{
		Name: "practice_book", Title: "Book", Description: "A book.", Tool: "practice_tool",
		Template: "books://{owner}/{number}/in/{+path}{?ref}",
	}, func(_ context.Context, in shelf) (tools.Document, error) { return read(in) })
}

func asRead(in shelf) (tools.Document, error) {
	return tools.Document{MediaType: "text/plain", Text: fmt.Sprintf("%s|%d|%s|%s", in.Owner, in.Number, in.Path, in.Ref)}, nil
}

// TestAddresses: what an address names, and the ways to name something else
// with one.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"books://mona/7/in/a/b%20c.md":          "mona|7|a/b c.md|",
		"books://mona/7/in/":                    "mona|7||",
		"books://mona/7/in/a/":                  "mona|7|a|",
		"books://mona/7/in/a?ref=feature/x":     "mona|7|a|feature/x",
		"books://mona/7/in/a?ref=feature%2Fx":   "mona|7|a|feature/x",
		"books://mona/7/in/a%3Fref=b":           "mona|7|a?ref=b|",
		"books://mona/7/in/%C3%A4":              "mona|7|ä|",
		"books://mona/7/in/a+b":                 "mona|7|a+b|",
		"books://mona/7/in/...":                 "mona|7|...|",
		"books://m%6Fna/7/in/a":                 "mona|7|a|",
		"books://mona/7":                        "",
		"books://mona/7/in":                     "mona|7||",
		"books://mona/7/in?ref=b":               "mona|7||b",
		"books://mona":                          "",
		"books://mona/7/out/a":                  "",
		"books:///7/in/a":                       "",
		"books://mona//in/a":                    "",
		"books://mona/x/in/a":                   "",
		"books://mona/0/in/a":                   "",
		"books://mona/-7/in/a":                  "",
		"books://mona/9223372036854775808/in/a": "",
		"books://mona/7/in/../a":                "",
		"books://mona/7/in/%2e%2E/a":            "",
		"books://mona/7/in/./a":                 "",
		"books://mona/7/in/a//b":                "",
		"books://mona/7/in/a%2Fb":               "",
		"books://mona/7/in/a%5cb":               "",
		"books://mona%2F7/7/in/a":               "",
		"books://../7/in/a":                     "",
		"books://mona/7/in/a%00":                "",
		"books://mona/7/in/a%0Ab":               "",
		"books://mona/7/in/a%ff":                "",
		"books://mona/7/in/a%zz":                "",
		"books://mona/7/in/a#b":                 "",
		"books://mona/7/in/a?ref=b&ref=c":       "",
		"books://mona/7/in/a?sha=b":             "",
		"books://mona/7/in/a?ref=%zz":           "",
		"BOOKS://mona/7/in/a":                   "",
		"file:///etc/passwd":                    "",
		"books:mona/7/in/a":                     "",
		"":                                      "",
	} {
		document, err := bookAt(asRead).Read(t.Context(), uri)
		if want == "" && !errors.Is(err, tools.ErrNotFound) || want != "" && (err != nil || document.Text != want) {
			t.Errorf("%s: %q, %v; want %q", uri, document.Text, err, want)
		}
	}
}

// FuzzAddress: no address makes a value that leads out of a path.
func FuzzAddress(f *testing.F) {
	f.Add("books://mona/7/in/a/b%20c.md?ref=x")
	f.Add("books://%2e%2e/1/in/%2f..%5c")
	book := bookAt(func(in shelf) (tools.Document, error) {
		return tools.Document{Text: in.Owner + "\n" + in.Path}, nil
	})
	f.Fuzz(func(t *testing.T, uri string) {
		document, err := book.Read(t.Context(), uri)
		if err != nil {
			return
		}
		owner, path, _ := strings.Cut(document.Text, "\n")
		for part := range strings.SplitSeq(path, "/") {
			if part == ".." || part == "." || strings.Contains(part, `\`) || strings.Contains(part, "\n") {
				t.Errorf("%q has the path %q", uri, path)
			}
		}
		if strings.ContainsAny(owner, `/\`) || owner == "" || owner == ".." {
			t.Errorf("%q has the owner %q", uri, owner)
		}
	})
}

// answersTo is what an offer answers to one request of each era: the result or
// the error.
func answersTo(t *testing.T, offer tools.Offer, method string, params map[string]any) map[string]map[string]any {
	t.Helper()
	answers := map[string]map[string]any{}
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		sent := maps.Clone(params)
		if era == "2026-07-28" {
			sent["_meta"] = map[string]any{"io.modelcontextprotocol/protocolVersion": era, "io.modelcontextprotocol/clientCapabilities": map[string]any{}}
		}
		message, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": sent})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(tools.NewServer(tools.Options{Version: "test", Offer: offer, Log: logTo(&lockedBuffer{})}).HandleMessage(t.Context(), message))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Result, Error map[string]any }
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatal(err)
		}
		answers[era] = answer.Result
		if answer.Error != nil {
			answers[era] = answer.Error
		}
	}
	return answers
}

func reading(t *testing.T, r tools.Resource, uri string) map[string]map[string]any {
	t.Helper()
	return answersTo(t, tools.Offer{Resources: []tools.Resource{r}}, "resources/read", map[string]any{"uri": uri})
}

// untrusted is what the contents say of who wrote them.
func untrusted() map[string]any { return map[string]any{"io.github.valetkey/untrusted": true} }

const aBook = "books://mona/7/in/a"

// TestReadingAnswers: the contents carry the address that was asked for, and
// belong to nobody's cache.
func TestReadingAnswers(t *testing.T) {
	t.Parallel()
	for era, result := range reading(t, bookAt(asRead), "books://m%6Fna/7/in/a") {
		want := map[string]any{"_meta": untrusted(), "uri": "books://m%6Fna/7/in/a", "mimeType": "text/plain", "text": "mona|7|a|"}
		contents, _ := result["contents"].([]any)
		if len(contents) != 1 || !reflect.DeepEqual(contents[0], any(want)) {
			t.Errorf("%s: %v", era, result)
		}
		if era == "2026-07-28" && (result["ttlMs"] != float64(0) || result["cacheScope"] != "private" || result["resultType"] != "complete") {
			t.Errorf("%s: %v", era, result)
		}
	}
	binary := bookAt(func(shelf) (tools.Document, error) {
		return tools.Document{MediaType: "image/png", Bytes: []byte("\x89PNG\x00")}, nil
	})
	for era, result := range reading(t, binary, aBook) {
		// RFC 4648 §4.
		want := map[string]any{"_meta": untrusted(), "uri": aBook, "mimeType": "image/png", "blob": "iVBORwA="}
		if contents, _ := result["contents"].([]any); len(contents) != 1 || !reflect.DeepEqual(contents[0], any(want)) {
			t.Errorf("%s: %v", era, result)
		}
	}
}

// TestReadingWithoutTheSlash: a tree goes by both addresses.
func TestReadingWithoutTheSlash(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]map[string]any{
		"books://mona/7/in":       {"_meta": untrusted(), "uri": "books://mona/7/in/", "mimeType": "text/plain", "text": "mona|7||"},
		"books://mona/7/in?ref=b": {"_meta": untrusted(), "uri": "books://mona/7/in/?ref=b", "mimeType": "text/plain", "text": "mona|7||b"},
	} {
		for era, result := range reading(t, bookAt(asRead), uri) {
			if contents, _ := result["contents"].([]any); len(contents) != 1 || !reflect.DeepEqual(contents[0], any(want)) {
				t.Errorf("%s: %v", era, result)
			}
		}
	}
}

// TestReadingFails: every error has the code the revision wants
// (https://modelcontextprotocol.io/specification/2025-11-25/server/resources#error-handling)
// and says no more than it should.
func TestReadingFails(t *testing.T) {
	t.Parallel()
	panics := bookAt(func(shelf) (tools.Document, error) { panic("token-example") })
	huge := bookAt(func(shelf) (tools.Document, error) {
		return tools.Document{MediaType: "image/png", Bytes: make([]byte, 24_001)}, nil
	})
	missing := bookAt(func(shelf) (tools.Document, error) {
		return tools.Document{}, tools.NotFound(errors.New("books: it is lost"))
	})
	for name, c := range map[string]struct {
		resource       tools.Resource
		uri            string
		legacy, modern float64
		says           string
	}{
		"no such address": {bookAt(asRead), "other://x", -32002, -32602, `there is no resource "other://x"; known: books://{owner}/{number}/in/{+path}{?ref}`},
		"a bad one":       {bookAt(asRead), "books://mona/7/in/../x", -32002, -32602, `".." can't be part of a path; the address is like books://`},
		"a bad value":     {bookAt(asRead), "books://mona/x/in/a", -32002, -32602, `'number' must be a whole number, got "x"`},
		"too long a one":  {bookAt(asRead), "books://mona/7/in/" + strings.Repeat("a/", 1_000_000), -32002, -32602, "there is no resource"},
		"nothing there":   {missing, aBook, -32002, -32602, "books: it is lost"},
		"a panic":         {panics, aBook, -32603, -32603, "a fault in valetkey"},
		"too large":       {huge, aBook, -32603, -32603, "image/png, 24001 bytes, is too large to be shown"},
	} {
		answers := reading(t, c.resource, c.uri)
		for era, code := range map[string]float64{"2025-11-25": c.legacy, "2026-07-28": c.modern} {
			said, _ := answers[era]["message"].(string)
			if answers[era]["code"] != code || !strings.Contains(said, c.says) || len(said) > 500 || strings.Contains(said, "token-example") {
				t.Errorf("%s, %s: %v", name, era, answers[era])
			}
		}
	}
}

// TestLongDocumentIsCut, as a tool's answer is, and what nobody sees is left
// out.
func TestLongDocumentIsCut(t *testing.T) {
	t.Parallel()
	book := bookAt(func(shelf) (tools.Document, error) {
		return tools.Document{Text: strings.Repeat("line\u202e\n", 10_000)}, nil
	})
	book.MaxAnswer = 2000
	document, err := tools.ReadDocument(t.Context(), logTo(&lockedBuffer{}), book, aBook)
	if err != nil || !strings.HasSuffix(document.Text, "line\n[cut here: 1839 of 50000 bytes shown; the tool practice_tool reads the rest]") || len(document.Text) > 2000 {
		t.Errorf("%v, %d bytes, ends in %q", err, len(document.Text), document.Text[max(0, len(document.Text)-100):])
	}
}

// TestMaskedDocument: a mask reaches all that a resource says.
func TestMaskedDocument(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "token-example", "***") }
	for _, document := range []tools.Document{{Text: "a token-example"}, {Bytes: []byte("a token-example")}} {
		book := bookAt(func(shelf) (tools.Document, error) { return document, errors.New("no token-example") }).Masked(mask)
		got, err := book.Read(t.Context(), aBook)
		if got.Text+string(got.Bytes) != "a ***" || err.Error() != "no ***" {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestMaskedNotFound is still one to a client, and nothing in it tells what was
// masked.
func TestMaskedNotFound(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "token-example", "***") }
	book := bookAt(func(shelf) (tools.Document, error) {
		return tools.Document{}, tools.NotFound(errors.New("books: no token-example"))
	}).Masked(mask)
	for era, code := range map[string]float64{"2025-11-25": -32002, "2026-07-28": -32602} {
		if got := reading(t, book, aBook)[era]; got["code"] != code || got["message"] != "books: no ***" {
			t.Errorf("%s: %v", era, got)
		}
	}
	_, err := book.Read(t.Context(), aBook)
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "token-example") {
			t.Errorf("%#v", err)
		}
	}
}

// TestMistakesInResources stop the program before it is anybody's.
func TestMistakesInResources(t *testing.T) {
	t.Parallel()
	good := tools.Resource{Name: "practice_book", Title: "Book", Description: "A book.", Tool: "practice_tool", Template: "books://{owner}/{number}/{path}/{?ref}"}
	for name, change := range map[string]func(*tools.Resource){
		"":                                 func(*tools.Resource) {},
		"made of a-z":                      func(r *tools.Resource) { r.Name = "A Book" },
		"at most 40":                       func(r *tools.Resource) { r.Name = strings.Repeat("a", 41) },
		"no description":                   func(r *tools.Resource) { r.Description = "" },
		"no title":                         func(r *tools.Resource) { r.Title = " " },
		"no tool":                          func(r *tools.Resource) { r.Tool = "" },
		"the variables of books://{who}":   func(r *tools.Resource) { r.Template = "books://{who}/{number}/{path}/{?ref}" },
		"are not owner, number, path, ref": func(r *tools.Resource) { r.Template = "books://{owner}/{number}/{path}" },
		"there is no title to":             func(r *tools.Resource) { r.Completions = map[string]tools.Complete{"title": nil} },
	} {
		r := good
		change(&r)
		panicked := func() (panicked any) {
			defer func() { panicked = recover() }()
			tools.DefineResource(r, func(context.Context, shelf) (tools.Document, error) { return tools.Document{}, nil })
			return nil
		}()
		if said, _ := panicked.(string); (panicked != nil) != (name != "") || !strings.Contains(said, name) {
			t.Errorf("%s: %v", name, panicked)
		}
	}
}
