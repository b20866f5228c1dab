package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// asking is an API that a test answers for.
func asking(t *testing.T, word func(*rest.Refusal), answer http.HandlerFunc) *rest.API {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return rest.NewAPI(tools.Setup{
		Version: "1.2.3", At: credentials.Service{Name: "acme", Title: "Acme", APIURL: server.URL + "/v1/", HostVariable: "ACME_API_URL"},
	}, word)
}

// ask makes one request in a call of its own.
func ask(t *testing.T, a *rest.API, r rest.Request, into any) error {
	ctx, end := rest.WithTurns(t.Context())
	defer end()
	return a.Ask(ctx, r, into)
}

// TestAsk: a request as it was asked for, and its answer.
func TestAsk(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body string
	a := asking(t, nil, func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		got, body = r, string(content)
		io.WriteString(w, `{"name":"tea"}`)
	})
	var answer struct{ Name string }
	err := ask(t, a, rest.Request{
		Method: http.MethodPatch, Path: "things/a%2Fb", Query: url.Values{"$filter": {"a b+c"}}, Header: http.Header{"If-Match": {`"1"`}}, Body: map[string]any{"n": 1}, What: "a thing",
	}, &answer)
	if err != nil || answer.Name != "tea" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if got.Method != http.MethodPatch || got.RequestURI != "/v1/things/a%2Fb?%24filter=a%20b%2Bc" || body != `{"n":1}` {
		t.Errorf("%s %s %s", got.Method, got.RequestURI, body)
	}
	for name, want := range map[string]string{"If-Match": `"1"`, "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "valetkey/1.2.3"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %s", name, got.Header.Get(name))
		}
	}
	if err := ask(t, a, rest.Request{Method: http.MethodGet, Header: http.Header{"Accept": {"text/x"}}}, nil); err != nil || got.Header.Get("Accept") != "text/x" || got.Header.Get("Content-Type") != "" || body != "" {
		t.Errorf("%v, %v, %q", err, got.Header, body)
	}
}

// TestRefusals: what happened to what, what the service said, and what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header string
		body   string
		want   string
	}{
		"401":          {401, "", `{"error":"invalid_token"}`, "acme: the credential was refused (401 invalid_token); run: valetkey status"},
		"403":          {403, "", `{"message":"no"}`, "acme: a thing: no permission (403 no); the account, or the scopes of its token, don't allow it"},
		"limit":        {403, "7", ``, "acme: a thing: too many requests (403); try again in 7 s"},
		"429":          {429, "", ``, "acme: a thing: too many requests (429); wait a minute or more before the next call"},
		"404":          {404, "", ``, "acme: a thing: not found (404); check the path; it may also be something the account may not see"},
		"405":          {405, "", ``, "acme: a thing: not there by this method (405); allowed: not said"},
		"412":          {412, "", ``, "acme: a thing: it has changed meanwhile (412); read it again first"},
		"400":          {400, "", `{"message":"a\nb"}`, "acme: a thing: not accepted (400 a b)"},
		"a redirect":   {302, "", ``, "acme: a thing: not accepted (302)"},
		"503":          {503, "", `<html>`, "acme: a thing: Acme has trouble (503); try again in a minute"},
		"known better": {409, "", `{"message":"taken"}`, "acme: a thing: the name is taken (409 taken!); choose another"},
		"not JSON":     {200, "", `<html>`, "acme: a thing: the answer is not what the API of Acme gives; check ACME_API_URL and whether a proxy or sign-in page is in between"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			word := func(r *rest.Refusal) {
				if r.Status == http.StatusConflict {
					r.Message += "!"
					r.Happened, r.Advice = "the name is taken", "choose another"
				}
			}
			a := asking(t, word, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", c.header)
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			err := ask(t, a, rest.Request{Method: http.MethodPost, What: "a thing"}, &struct{}{})
			if err == nil || err.Error() != c.want {
				t.Errorf("%v", err)
			}
			var refusal *rest.Refusal
			if c.status != 200 && (!errors.As(err, &refusal) || refusal.Status != c.status) {
				t.Errorf("%T", err)
			}
			if rest.IsLost(err) != (c.status == 200 || c.status == 503) {
				t.Error("lost")
			}
		})
	}
}

// TestOnce: what got no answer is asked for again under the same id, now and by
// whoever asks for the same later; what got one is another thing the next time.
func TestOnce(t *testing.T) {
	t.Parallel()
	var c rest.Creations
	var ids []string
	answers := []error{io.EOF, io.ErrUnexpectedEOF, nil, nil, &rest.Refusal{Status: 409}, nil}
	send := func(id string) error {
		ids = append(ids, id)
		return answers[len(ids)-1]
	}
	if err := c.Once(t.Context(), "tea", send); !errors.Is(err, io.ErrUnexpectedEOF) || len(ids) != 2 || ids[0] != ids[1] {
		t.Fatalf("%v %v", ids, err)
	}
	for i, request := range []string{"tea", "tea", "tea", "tea"} {
		err := c.Once(t.Context(), request, send)
		if (err != nil) != (i == 2) || len(ids) != 3+i || (ids[2+i] == ids[1+i]) != (i == 0) {
			t.Fatalf("%d: %v %v", i, ids, err)
		}
	}
	if id := ids[0]; len(id) != 32 || strings.Trim(id, "abcdefghijklmnopqrstuv0123456789") != "" {
		t.Error(id)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled []string
	stop := func(id string) error {
		cancelled = append(cancelled, id)
		cancel()
		return ctx.Err()
	}
	for range 2 {
		if err := c.Once(ctx, "coffee", stop); err == nil {
			t.Fatal("no error")
		}
	}
	if len(cancelled) != 2 || cancelled[0] != cancelled[1] {
		t.Errorf("%v", cancelled)
	}
}
