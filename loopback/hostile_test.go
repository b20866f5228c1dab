package loopback_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/loopback"
)

const issuer = "https://issuer.example"

// Whatever anybody makes up is ignored, and the right answer still counts.
func TestWrongCallbacksAreIgnored(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(url.Values){
		"nothing":              func(v url.Values) { clear(v) },
		"no state":             func(v url.Values) { v.Del("state") },
		"an empty state":       func(v url.Values) { v.Set("state", "") },
		"a wrong state":        func(v url.Values) { v.Set("state", strings.Repeat("A", 26)) },
		"a state cut short":    func(v url.Values) { v.Set("state", v.Get("state")[1:]) },
		"a longer state":       func(v url.Values) { v.Set("state", v.Get("state")+"A") },
		"another case":         func(v url.Values) { v.Set("state", strings.ToLower(v.Get("state"))) },
		"two states":           func(v url.Values) { v.Add("state", "other") },
		"the same state twice": func(v url.Values) { v.Add("state", v.Get("state")) },
		"no code":              func(v url.Values) { v.Del("code") },
		"an empty code":        func(v url.Values) { v.Set("code", "") },
		"two codes":            func(v url.Values) { v.Add("code", "other") },
		"two errors":           func(v url.Values) { v["error"] = []string{"a", "b"} },
		"two descriptions":     func(v url.Values) { v.Set("error", "a"); v["error_description"] = []string{"a", "b"} },
		"no issuer":            func(v url.Values) { v.Del("iss") },
		"another issuer":       func(v url.Values) { v.Set("iss", "https://evil.example") },
		"nearly the issuer":    func(v url.Values) { v.Set("iss", issuer+"/") },
		"two issuers":          func(v url.Values) { v.Add("iss", "https://evil.example") },
		"a refusal by another": func(v url.Values) { v.Set("error", "access_denied"); v.Set("iss", "https://evil.example") },
		"a refusal, no state":  func(v url.Values) { v.Set("error", "access_denied"); v.Del("state") },
		"oversize":             func(v url.Values) { v.Set("more", strings.Repeat("x", 17<<10)) },
	} {
		p := serve(t)
		f := p.flow()
		f.Issuer, f.NeedsIssuer = issuer, true
		p.extra.Set("iss", issuer)
		a := start(t, f)
		answer := wait(t.Context(), f, a)
		wrong := right(a)
		wrong.Set("iss", issuer)
		change(wrong)
		page := visit(callbackTo(a, wrong))
		page.is(t, name, 400, "stranger")
		if hasSecret(page.body, code, a.State.Reveal()) || len(p.asked().tokens) != 0 {
			t.Errorf("%s: %s", name, page.body)
		}
		finish(t, a, answer)
	}
}

func TestMalformedCallbacksAreIgnored(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	for _, query := range []string{"?", "?%zz", "?state=" + a.State.Reveal() + "&code=%", "?state=" + a.State.Reveal() + ";code=" + code, "?state[]=" + a.State.Reveal() + "&code=" + code} {
		visit(a.RedirectURI+query).is(t, query, 400, "stranger")
	}
	huge, err := http.NewRequest(http.MethodGet, callbackTo(a, right(a)), nil)
	if err != nil {
		t.Fatal(err)
	}
	huge.Header.Set("Cookie", strings.Repeat("x", 100<<10))
	if page := do(huge); page.err == nil && page.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %d", page.status)
	}
	finish(t, a, answer)
}

// finish brings the right answer.
func finish(t *testing.T, a *loopback.Authorization, answer <-chan waited) {
	t.Helper()
	page := openServed(t.Context(), a.StartURI)
	got := <-answer
	if got.err != nil {
		t.Fatal(got.err)
	}
	got.approval.Tell(nil)
	last := <-page
	last.is(t, "the right answer", 200, "kept")
}

// A server that says who it is only now and then is believed when it does.
func TestIssuer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		known, given string
		needs        bool
		status       int
	}{
		"unknown and not given":      {"", "", false, 200},
		"unknown and given":          {"", "https://any.example", false, 200},
		"known and not given":        {issuer, "", false, 200},
		"known and right":            {issuer, issuer, false, 200},
		"known and wrong":            {issuer, "https://evil.example", false, 400},
		"announced and not given":    {"", "", true, 400},
		"announced, known and right": {issuer, issuer, true, 200},
	} {
		p := serve(t)
		f := p.flow()
		f.Issuer, f.NeedsIssuer = test.known, test.needs
		if test.given != "" {
			p.extra.Set("iss", test.given)
		}
		a := start(t, f)
		answer, page := wait(t.Context(), f, a), open(a.StartURI)
		if test.status == 200 {
			(<-answer).approval.Tell(nil)
		}
		if got := <-page; got.status != test.status {
			t.Errorf("%s: got %d, want %d", name, got.status, test.status)
		}
	}
}

// The first right answer counts; whoever brings one later is told the same.
func TestAnswerComesAgain(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	first := open(a.StartURI)
	approval := (<-answer).approval
	other := right(a)
	other.Set("code", "example-other-code")
	again, denied, from := open(callbackTo(a, other)), open(callbackTo(a, url.Values{"state": {a.State.Reveal()}, "error": {"access_denied"}})), open(a.StartURI)
	visit(callbackTo(a, nil)).is(t, "a wrong one", 400, "stranger")
	approval.Tell(nil)
	got := <-first
	got.is(t, "the first", 200, "kept")
	for _, page := range []<-chan shown{again, denied, from} {
		// The port may have been closed before it was asked.
		if got := <-page; got.err == nil {
			got.is(t, "a later one", 200, "kept")
		}
	}
	if asked := p.asked(); len(asked.tokens) != 1 || len(asked.authorized) != 1 || asked.tokens[0].Get("code") != code {
		t.Errorf("asked %d times for a code, and for a token with %v", len(asked.authorized), asked.tokens)
	}
}

// A name that has been made to point here gets nothing (DNS rebinding), and
// neither does another path or method.
func TestOnlyWhatABrowserBringsHere(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	f.Redirect = "http://localhost/callback"
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	callback := callbackTo(a, right(a))
	port := mustParse(t, a.RedirectURI).Port()
	root := "http://localhost:" + port
	for name, test := range map[string]struct {
		method, address, host string
		status                int
	}{
		"another host":          {"GET", callback, "evil.example", 421},
		"another host, start":   {"GET", a.StartURI, "evil.example:" + port, 421},
		"without the port":      {"GET", callback, "localhost", 421},
		"another port":          {"GET", callback, "localhost:1", 421},
		"a subdomain":           {"GET", callback, "a.localhost:" + port, 421},
		"a trailing dot":        {"GET", callback, "localhost.:" + port, 421},
		"the icon":              {"GET", root + "/favicon.ico", "", 404},
		"the root":              {"GET", root + "/", "", 404},
		"below the callback":    {"GET", root + "/callback/x", "", 404},
		"a doubled slash":       {"GET", root + "//callback", "", 404},
		"a guessed start":       {"GET", root + "/AAAAAAAAAAAAAAAAAAAAAAAAAA", "", 404},
		"a posted answer":       {"POST", callback, "", 405},
		"a preflight":           {"OPTIONS", callback, "", 405},
		"deleting":              {"DELETE", callback, "", 405},
		"a look at the answer":  {"HEAD", callback, "", 200},
		"a look at the start":   {"HEAD", a.StartURI, "", 200},
		"a made-up answer":      {"GET", a.RedirectURI, "", 400},
		"by the other spelling": {"GET", "http://127.0.0.1:" + port + "/callback", "", 400},
	} {
		request, err := http.NewRequest(test.method, test.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		got := do(request)
		if got.err != nil || got.status != test.status || hasSecret(got.body, code, a.State.Reveal()) {
			t.Errorf("%s: got %d, %v, want %d", name, got.status, got.err, test.status)
		}
		checkHeaders(t, name, got.header)
	}
	if asked := p.asked(); len(asked.tokens)+len(asked.authorized) != 0 {
		t.Errorf("the server was asked: %+v", asked)
	}
	page := open(callback)
	got := <-answer
	if got.approval != nil {
		t.Error("a code nobody asked for has brought a token")
	}
	last := <-page
	last.is(t, "a code nobody asked for", 200, "failed")
}

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	address, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// Five hundred connections that say nothing, or not enough, keep no browser out.
func TestIdleConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	flood := func() {
		for i := range 250 {
			c, err := net.Dial("tcp", mustParse(t, a.StartURI).Host)
			if err != nil {
				t.Fatal(err)
			}
			idle = append(idle, c)
			if i%2 == 0 {
				c.Write([]byte("GET /"))
			}
		}
	}
	flood()
	page := open(a.StartURI)
	got := <-answer
	if got.err != nil {
		t.Fatal(got.err)
	}
	// A browser that is kept waiting isn't put out either.
	flood()
	got.approval.Tell(nil)
	last := <-page
	last.is(t, "beside idle connections", 200, "kept")
}

// Those who say nothing are put out, so that their number is bounded.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	first, err := net.Dial("tcp", mustParse(t, a.StartURI).Host)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	for range 64 {
		c, err := net.Dial("tcp", mustParse(t, a.StartURI).Host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if n, err := first.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the oldest of too many connections got %d bytes, %v", n, err)
	}
	finish(t, a, answer)
}
