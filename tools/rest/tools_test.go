package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// fake is an API that remembers what it was asked.
type fake struct {
	t       *testing.T
	url     string
	offer   tools.Offer
	asked   []*http.Request
	bodies  []string
	answers map[string]func(http.ResponseWriter)
}

// start serves answers by "METHOD /path", below /base/.
func start(t *testing.T, answers map[string]func(http.ResponseWriter)) *fake {
	t.Helper()
	f := &fake{t: t, answers: answers}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	f.offer = Offer(tools.Setup{
		API: server.Client(), Version: "1.2.3",
		At: credentials.Service{Name: "acme", Title: "Acme", APIURL: server.URL + "/base/", HostVariable: "ACME_API_URL"},
	}, nil, nil)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	f.asked, f.bodies = append(f.asked, r), append(f.bodies, string(body))
	answer, known := f.answers[r.Method+" "+r.URL.EscapedPath()]
	if !known {
		http.Error(w, `{"detail":"nothing here"}`, http.StatusNotFound)
		return
	}
	answer(w)
}

func (f *fake) call(name, arguments string) string {
	f.t.Helper()
	i := slices.IndexFunc(f.offer.Tools, func(t tools.Tool) bool { return t.Name == name })
	text, err := f.offer.Tools[i].Call(f.t.Context(), json.RawMessage(arguments))
	if err != nil {
		return "error: " + err.Error()
	}
	return text
}

// says answers with a status, a body and headers.
func says(status int, body string, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	const link = `<https://acme.example/base/users?cursor=0:0:1&limit=2>; rel="previous"; results="false", <https://acme.example/base/users?cursor=0:100:0&limit=2>; rel="next"; results="%t"; cursor="0:100:0"`
	f := start(t, map[string]func(http.ResponseWriter){
		"GET /base/users":        says(200, "{\n \"users\": [1, 2]}", "Link", fmt.Sprintf(link, true)),
		"GET /base/users/":       says(200, `[1]`, "Link", fmt.Sprintf(link, false)),
		"GET /base/groups/a%2Fb": says(200, `{"id":7,"note":"hid\u200bden"}`),
		"GET /base/google":       says(200, `{"items":[],"nextPageToken":"tok"}`),
		"GET /base/slack":        says(200, `{"ok":true,"response_metadata":{"next_cursor":"dXNlcg=="}}`),
		"GET /base/django":       says(200, `{"count":3,"next":"https://acme.example/base/django?page=2"}`),
		"GET /base/odata":        says(200, `{"value":[],"@odata.nextLink":"https://acme.example/base/odata?$skiptoken=x"}`),
		"GET /base/odd":          says(200, `{"next_cursor":null,"next":7}`),
		"GET /base/text":         says(200, "a\u202eb", "Content-Type", "text/plain"),
		"GET /base/zip":          says(200, "PK\x03\x04\x00", "Content-Type", "application/zip"),
		"GET /base/unchanged":    says(304, ""),
		"GET /base/empty":        says(204, ""),
	})
	for arguments, want := range map[string]string{
		`{"path":"users","query":{"limit":2}}`:      `GET users: 200; next: query with {"cursor":"0:100:0"}` + "\n\n" + `{"users":[1,2]}`,
		`{"path":"/users?limit=2","jq":".users[]"}`: `GET users?limit=2: 200; next: query with {"cursor":"0:100:0"}` + "\n\n1\n2",
		`{"path":"users/"}`:                         "GET users/: 200\n\n[1]",
		`{"path":"groups/a%2Fb"}`:                   "GET groups/a%2Fb: 200\n\n" + `{"id":7,"note":"hid\u200bden"}`,
		`{"path":"groups/a%2Fb","jq":".note"}`:      "GET groups/a%2Fb: 200\n\nhidden",
		`{"path":"google"}`:                         `GET google: 200; next: query with {"pageToken":"tok"}` + "\n\n" + `{"items":[],"nextPageToken":"tok"}`,
		`{"path":"slack","jq":".ok"}`:               `GET slack: 200; next: query with {"cursor":"dXNlcg=="}` + "\n\ntrue",
		`{"path":"django","jq":".count"}`:           `GET django: 200; next: query with {"page":"2"}` + "\n\n3",
		`{"path":"odata","jq":".value"}`:            `GET odata: 200; next: query with {"$skiptoken":"x"}` + "\n\n[]",
		`{"path":"odd"}`:                            "GET odd: 200\n\n" + `{"next_cursor":null,"next":7}`,
		`{"path":"text"}`:                           "GET text: 200; [1 invisible character left out]\n\nab",
		`{"path":"zip"}`:                            "GET zip: 200; binary and not shown, application/zip, 5 B",
		`{"path":"unchanged"}`:                      "GET unchanged: 304",
		`{"path":"empty"}`:                          "GET empty: 204",
		`{"path":"gone"}`:                           "error: acme: GET gone: not found (404 nothing here); check the path; it may also be something the account may not see",
	} {
		if got := f.call("acme_api", arguments); got != want {
			t.Errorf("%s\n got %s\nwant %s", arguments, got, want)
		}
	}
}

// What could reach something else than it seems to, or hold a secret, is
// refused before anything is sent.
func TestRefusesArguments(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	const plain, host = "'path' is not a plain path, like users/1", "'path' must be a path below the API's address, without a host, like users/1"
	const parts, escaped = "'path' must be a plain path, without '..' and empty parts", "'path' must not hold escaped slashes or the like; for such a name use another tool"
	for arguments, want := range map[string]string{
		`{"path":"../admin"}`:                                           parts,
		`{"path":"a/../../admin"}`:                                      parts,
		`{"path":"a/%2e%2e/b"}`:                                         parts,
		`{"path":"a/..;x=y/b"}`:                                         parts,
		`{"path":"a/..%3Bx/b"}`:                                         parts,
		`{"path":"a/%20../b"}`:                                          parts,
		`{"path":"a/%2E./b"}`:                                           parts,
		`{"path":"a%2F..%2Fb"}`:                                         parts,
		`{"path":"a%2f%2e%2E"}`:                                         parts,
		`{"path":"a/%2F/b"}`:                                            parts,
		`{"path":"a%252F..%252Fb"}`:                                     escaped,
		`{"path":"a/%252e%252e"}`:                                       escaped,
		`{"path":"a%5Cb"}`:                                              escaped,
		`{"path":"a\\b"}`:                                               plain,
		`{"path":"a#b"}`:                                                plain,
		`{"path":"a\r\nHost: evil.example"}`:                            plain,
		`{"path":"a//b"}`:                                               parts,
		`{"path":"/"}`:                                                  parts,
		`{"path":"//evil.example/a"}`:                                   host,
		`{"path":"https://evil.example/a"}`:                             host,
		`{"path":"/https://evil.example/a"}`:                            host,
		`{"path":"a?private_token=x"}`:                                  "a token or secret has no place in an address; the request is signed in already",
		`{"path":"a","query":{"q":"glpat-exampleexample12345"}}`:        "a token or secret has no place in an address; the request is signed in already",
		`{"path":"a","headers":{"Authorization":"x"}}`:                  `header "Authorization" can't be set; allowed: Accept, Accept-Language, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key, Prefer, Range, and one that ends in -Version`,
		`{"path":"a","headers":{"accept":"a\r\nHost: b"}}`:              "header Accept must be a line of at most 300 ASCII characters",
		`{"path":"a","headers":{"Prefer":"ghp_exampleexampleexample"}}`: "a token or secret has no place in a header; the request is signed in already",
		`{"path":"a","headers":{"Prefer":["x"]}}`:                       `headers parameter "Prefer" must be a text, a number, true or false`,
		`{"path":"a","jq":".["}`:                                        `'jq' is not a filter: unexpected EOF after ".["`,
	} {
		if got := f.call("acme_api", arguments); got != "error: acme_api: "+want {
			t.Errorf("%s\n got %s\nwant %s", arguments, got, want)
		}
	}
	long := fmt.Sprintf(`{"path":%q}`, strings.Repeat("a/", 4000)+"b")
	if got := f.call("acme_api", long); got != "error: acme_api: 'path' is longer than 8000 bytes; put parameters into 'query'" {
		t.Errorf("a long path: %.200s", got)
	}
	for _, header := range []string{"Host", "Cookie", "Content-Type", "Content-Length", "Transfer-Encoding", "X-API-Key", "Private-Token", "X-Forwarded-For", "X-HTTP-Method-Override", "-Version"} {
		if got := f.call("acme_api", fmt.Sprintf(`{"path":"a","headers":{%q:"x"}}`, header)); !strings.Contains(got, "can't be set") {
			t.Errorf("%s: %s", header, got)
		}
	}
	if got := f.call("acme_api_write", `{"method":"POST","path":"a","body":{},"form":{}}`); got != "error: acme_api_write: 'form' takes the place of 'body'" {
		t.Error(got)
	}
	if len(f.asked) != 0 {
		t.Errorf("%d requests were sent", len(f.asked))
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]func(http.ResponseWriter){
		"POST /base/json":   says(201, `{"id":1}`),
		"PUT /base/form":    says(200, `{}`),
		"PATCH /base/list":  says(200, `[]`),
		"DELETE /base/a":    says(204, ""),
		"PATCH /base/moved": says(302, "", "Location", "/base/elsewhere"),
	})
	for i, test := range []struct{ arguments, want, kind, body string }{
		{`{"method":"POST","path":"json","body":{"a": "<b>"},"headers":{"Idempotency-Key":"k-1","Notion-Version":"2022-06-28"},"jq":".id"}`, "POST json: 201\n\n1", "application/json", `{"a": "<b>"}`},
		{`{"method":"PUT","path":"form","form":{"b":"x y","a":1}}`, "PUT form: 200\n\n{}", "application/x-www-form-urlencoded", "a=1&b=x+y"},
		{`{"method":"PATCH","path":"list","body":[{"op":"remove","path":"/a"}]}`, "PATCH list: 200\n\n[]", "application/json", `[{"op":"remove","path":"/a"}]`},
		{`{"method":"DELETE","path":"a","query":{"force":true}}`, "DELETE a: 204", "", ""},
		{`{"method":"PATCH","path":"moved","body":{}}`, "PATCH moved: 302; not followed: /base/elsewhere", "application/json", "{}"},
	} {
		if got := f.call("acme_api_write", test.arguments); got != test.want {
			t.Errorf("%s: got %s", test.arguments, got)
		}
		if len(f.asked) != i+1 || f.bodies[i] != test.body || f.asked[i].Header.Get("Content-Type") != test.kind {
			t.Fatalf("%s: sent %q as %q in %d requests", test.arguments, f.bodies[i], f.asked[i].Header.Get("Content-Type"), len(f.asked))
		}
	}
	header := f.asked[0].Header
	if header.Get("Idempotency-Key") != "k-1" || header.Get("Notion-Version") != "2022-06-28" || header.Get("User-Agent") != "valetkey/1.2.3" || header.Get("Accept") != "application/json, */*;q=0.5" {
		t.Errorf("sent %v", header)
	}
	if got := f.asked[3].URL.RawQuery; got != "force=true" {
		t.Errorf("query %s", got)
	}
}

// What a service refuses is said so that a model can act on it, whatever form
// its answer has: RFC 9457's, RFC 6750's, GitLab's, a page.
func TestRefusals(t *testing.T) {
	t.Parallel()
	answers := map[string]func(http.ResponseWriter){}
	f := start(t, answers)
	for _, test := range []struct {
		status       int
		body, header string
		want         string
	}{
		{401, `{"error":"invalid_token","error_description":"The token expired"}`, "", "the credential was refused (401 The token expired); run: valetkey status"},
		{403, `{"message":"403 Forbidden"}`, "", "GET x: no permission (403 403 Forbidden); the account, or the scopes of its token, don't allow it"},
		{403, `slow down`, "Retry-After: 7", "GET x: too many requests (403 slow down); try again in 7 s"},
		{405, ``, "Allow: POST, PUT", "GET x: not there by this method (405); allowed: POST, PUT"},
		{412, ``, "", "GET x: it has changed meanwhile (412); read it again first"},
		{422, `{"title":"Invalid","detail":"name\nis \u202etoo long"}`, "", "GET x: not accepted (422 name is too long)"},
		{400, `{"message":{"name":["is missing"]}}`, "", `GET x: not accepted (400 {"name":["is missing"]})`},
		{429, `{"error":{"code":9}}`, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", `GET x: too many requests (429 {"code":9}); try again after 2015-10-21T07:28:00Z`},
		{429, ``, "", "GET x: too many requests (429); wait a minute or more before the next call"},
		{429, ``, "X-RateLimit-Reset: 1609844400", "GET x: too many requests (429); try again after 2021-01-05T11:00:00Z"},
		{429, ``, "RateLimit-Reset: 30", "GET x: too many requests (429); try again in 30 s"},
		{429, ``, "X-Rate-Limit-Reset: 1609844400", "GET x: too many requests (429); try again after 2021-01-05T11:00:00Z"},
		{429, ``, "X-Sentry-Rate-Limit-Reset: 1609844400", "GET x: too many requests (429); try again after 2021-01-05T11:00:00Z"},
		{429, ``, "X-RateLimit-Reset: 1609844400000", "GET x: too many requests (429); try again after 2021-01-05T11:00:00Z"},
		{429, ``, `RateLimit: "api";r=0;t=55`, "GET x: too many requests (429); try again in 55 s"},
		{429, ``, "X-RateLimit-Reset: soon", "GET x: too many requests (429); wait a minute or more before the next call"},
		{429, ``, "Retry-After: -1", "GET x: too many requests (429); wait a minute or more before the next call"},
		{403, ``, "X-RateLimit-Reset: 1609844400", "GET x: no permission (403); the account, or the scopes of its token, don't allow it"},
		{403, ``, `RateLimit: "api";r=9;t=55`, "GET x: no permission (403); the account, or the scopes of its token, don't allow it"},
		{502, `<html>Bad gateway</html>`, "", "GET x: Acme has trouble (502); try again in a minute"},
		{503, `[]`, "Retry-After: 30", "GET x: Acme has trouble (503 []); try again in 30 s"},
	} {
		name, value, _ := strings.Cut(test.header, ": ")
		answers["GET /base/x"] = says(test.status, test.body, name, value)
		if test.header == "" {
			answers["GET /base/x"] = says(test.status, test.body)
		}
		if got := f.call("acme_api", `{"path":"x"}`); got != "error: acme: "+test.want {
			t.Errorf("%d %s\n got %s\nwant %s", test.status, test.body, got, test.want)
		}
	}
}

// What is left of a limit tells a 403 for want of permission from one for want of
// patience, as GitHub's API means it.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func TestRefusalOfOneTooMany(t *testing.T) {
	t.Parallel()
	answers := map[string]func(http.ResponseWriter){}
	f := start(t, answers)
	for left, want := range map[string]string{
		"0":  "GET x: too many requests (403); try again after 2021-01-05T11:00:00Z",
		"12": "GET x: no permission (403); the account, or the scopes of its token, don't allow it",
	} {
		answers["GET /base/x"] = says(403, "", "X-RateLimit-Reset", "1609844400", "X-RateLimit-Remaining", left)
		if got := f.call("acme_api", `{"path":"x"}`); got != "error: acme: "+want {
			t.Errorf("%s left: %s", left, got)
		}
	}
}

// Two tools more take at most 1.6 kB of what a model reads.
func TestBudget(t *testing.T) {
	t.Parallel()
	var size int
	for _, tool := range start(t, nil).offer.Tools {
		line, err := json.Marshal(map[string]any{"name": tool.Name, "description": tool.Description, "inputSchema": tool.Schema, "annotations": map[string]any{
			"title": tool.Title, "readOnlyHint": true, "destructiveHint": true, "idempotentHint": true, "openWorldHint": true,
		}})
		if err != nil {
			t.Fatal(err)
		}
		size += len(line)
	}
	if size > 1600 {
		t.Errorf("%d bytes", size)
	}
}
