package github

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"
)

// apiAnswer is what came back: JSON, a text, or a description of a binary.
type apiAnswer struct {
	status string // "200", "201" …
	next   string // how to ask for the next page; "" if there is none
	note   string // what else the heading has to say
	body   []byte
	isText bool
	room   room
}

// sendREST asks the REST API.
func (a *api) sendREST(ctx context.Context, c apiCall) (*apiAnswer, error) {
	var body any
	if c.Body != nil {
		body = c.Body
	}
	isAlert := strings.Contains(strings.ToLower(c.address.String()), "secret-scanning")
	if isAlert {
		// Nobody needs the secret itself to deal with an alert.
		c.address.query.Set("hide_secret", "true")
	}
	request, err := a.client.NewRequest(c.Method, a.client.BaseURL.String()+c.address.String(), body)
	if err != nil {
		return nil, explain(err, c.String())
	}
	if c.Accept != "" {
		request.Header.Set("Accept", c.Accept)
	}
	response, err := a.client.BareDo(asItIs(ctx), request)
	var accepted *github.AcceptedError
	switch {
	case errors.As(err, &accepted):
		answer := &apiAnswer{room: a.room, status: "202, GitHub is still at work on it", body: accepted.Raw}
		answer.judge(c.Accept, isAlert)
		return answer, nil
	case err != nil:
		return nil, explain(err, c.String())
	}
	defer response.Body.Close()
	answer := &apiAnswer{room: a.room, status: fmt.Sprint(response.StatusCode), next: nextQuery(response.Header, c.address.query)}
	return answer, explain(answer.read(ctx, a.large, response.Response, c.Accept, isAlert), c.String())
}

// read takes the body, unless it is a binary. GitHub labels raw texts as JSON
// now and then, so what was asked for and what is there decide.
func (a *apiAnswer) read(ctx context.Context, large turns, response *http.Response, accept string, isAlert bool) error {
	buffered := bufio.NewReaderSize(response.Body, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		length := "of unknown size"
		if response.ContentLength >= 0 {
			length = size(int(response.ContentLength))
		}
		a.note = join(", ", "binary and not shown", oneLine(mediaType, 60), length)
		return nil
	}
	if a.body, err = readBody(ctx, large, buffered, response.ContentLength); err != nil {
		return err
	}
	a.judge(accept, isAlert)
	return nil
}

// judge tells texts from JSON and takes credentials out of both: what a server
// makes of accept is its own business. What a file calls a secret stays.
func (a *apiAnswer) judge(accept string, isAlert bool) {
	wantsText := strings.Contains(accept, "raw") || strings.Contains(accept, "diff") || strings.Contains(accept, "patch")
	a.isText = wantsText || !json.Valid(a.body)
	hideSecrets(a.body, isAlert || !a.isText)
}

// sendDocument asks the GraphQL API. Errors beside data are left to the answer
// and named in its heading.
func (a *api) sendDocument(ctx context.Context, c apiCall) (*apiAnswer, error) {
	body := map[string]any{"query": c.GraphQL}
	if c.Variables != nil {
		body["variables"] = c.Variables
	}
	request, err := a.client.NewRequest(http.MethodPost, a.graphAddress(), body)
	if err != nil {
		return nil, err
	}
	response, err := a.client.BareDo(asItIs(ctx), request)
	if err != nil {
		return nil, explain(err, c.String())
	}
	defer response.Body.Close()
	answer := &apiAnswer{room: a.room, status: "200"}
	if answer.body, err = readBody(ctx, a.large, response.Body, response.ContentLength); err != nil {
		return nil, explain(err, c.String())
	}
	var outcome struct {
		Data   present
		Errors graphErrors
	}
	if err := json.Unmarshal(answer.body, &outcome); err != nil {
		return nil, explain(err, c.String())
	}
	fault := graphFault(response.Header, outcome.Errors, c.String())
	if fault != nil && bool(outcome.Data) {
		answer.note = "with errors: " + oneLine(outcome.Errors[0].Message, 300)
		fault = nil
	}
	return answer, fault
}

// present tells an object that has any member but null, without holding it.
type present bool

// UnmarshalJSON implements [json.Unmarshaler].
func (p *present) UnmarshalJSON(object []byte) error {
	members := json.NewDecoder(bytes.NewReader(object))
	if opened, err := members.Token(); err != nil || opened != nil && opened != json.Delim('{') {
		return errNotGitHub
	}
	for members.More() && !bool(*p) {
		if _, err := members.Token(); err != nil {
			return err
		}
		// What a value begins with tells whether it is null.
		begins, err := members.Token()
		if err != nil {
			return err
		}
		*p = begins != nil
	}
	return nil
}

// nextQuery says how to ask for the next page, by what is different in its
// address.
func nextQuery(header http.Header, sent url.Values) string {
	link := regexp.MustCompile(`<([^>]*)>;[^,<]*rel="next"`).FindStringSubmatch(header.Get("Link"))
	if link == nil {
		return ""
	}
	next, err := url.Parse(link[1])
	if err != nil {
		return ""
	}
	different := map[string]string{}
	for name, values := range next.Query() {
		if !slices.Equal(values, sent[name]) {
			different[oneLine(name, 60)] = oneLine(values[0], 200)
		}
	}
	if page := different["page"]; page != "" && len(different) == 1 {
		return "next: page=" + page
	}
	parameters, err := json.Marshal(different)
	if err != nil || len(different) == 0 {
		return ""
	}
	return "next: query with " + string(parameters)
}

// show writes the heading, which says all there is to say, and below it
// nothing but the answer.
func (a *api) show(ctx context.Context, c apiCall, answer *apiAnswer) (string, error) {
	content := answer.content
	if c.JQ != "" && len(answer.body) > 0 {
		content = func() (text, cut string, err error) { return a.filtered(ctx, c.JQ, answer) }
	}
	text, cut, err := content()
	if err != nil {
		return "", err
	}
	heading := c.String() + ": " + join("; ", answer.status, answer.note, answer.next, cut)
	if text == "" {
		return heading, nil
	}
	return heading + "\n\n" + text, nil
}

// content is the answer as far as it fits, and what was cut.
func (a *apiAnswer) content() (shown, cut string, err error) {
	if len(a.body) == 0 {
		return "", "", nil
	}
	text := a.reader()
	if shown, err = text.beginning(a.room.file()); err != nil {
		return "", "", explain(err, "the answer")
	}
	switch whole := len(shown) == text.bytes; {
	case whole && a.isText:
		return shown, strings.TrimSpace(hiddenNote(text.hidden)), nil
	case whole:
		return shown, "", nil
	case a.isText:
		end := utf8.RuneCountInString(shown)
		return shown, fmt.Sprintf("cut after %s of %s characters; next: jq=.[%d:%d]",
			thousands(end), thousands(text.runes), end, end+a.room.file()), nil
	}
	return shown, fmt.Sprintf("cut after %s of %s: pick fields with jq, or ask for less", size(len(shown)), size(text.bytes)), nil
}

// reader gives the answer as it is shown: JSON compactly.
func (a *apiAnswer) reader() *cleanReader {
	body := bytes.NewReader(a.body)
	if a.isText {
		return cleaned(body)
	}
	return cleaned(&compactReader{from: body})
}

// filtered puts the answer through jq: JSON as it is, anything else as one
// text.
func (a *api) filtered(ctx context.Context, source string, answer *apiAnswer) (text, cut string, err error) {
	var input io.Reader = bytes.NewReader(answer.body)
	if answer.isText {
		input = answer.reader()
	}
	text, isCut, err := a.filters.run(ctx, source, input, answer.isText)
	switch {
	case err != nil:
		return "", "", err
	case isCut:
		cut = fmt.Sprintf("cut after %s: let jq pick less", size(len(text)))
	case text == "":
		cut = "jq gave nothing"
	}
	return clean(text), cut, nil
}
