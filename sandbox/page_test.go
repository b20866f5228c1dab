package sandbox_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// browser keeps cookies and the page it shows.
type browser struct {
	t      *testing.T
	client *http.Client
	page   string // address
	html   string
	status int
	header http.Header
}

func openBrowser(t *testing.T, s *sandbox.Sandbox, query string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, page: s.URL() + pagePath, client: &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}}
	response, err := b.client.Get(b.page + query)
	b.show(response, err)
	return b
}

func (b *browser) show(response *http.Response, err error) {
	b.t.Helper()
	must(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.t, err)
	b.html, b.status, b.header = string(body), response.StatusCode, response.Header
}

// token is the hidden field of the form shown.
func (b *browser) token() string {
	found := regexp.MustCompile(`<input type="hidden" name="token" value="([^"]+)">`).FindStringSubmatch(b.html)
	if found == nil {
		return ""
	}
	return found[1]
}

// send sends the form shown.
func (b *browser) send(pairs ...string) {
	b.t.Helper()
	form := url.Values{"token": {b.token()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	response, err := b.client.PostForm(b.page, form)
	b.show(response, err)
}

func (b *browser) expect(what string, status int, texts ...string) {
	b.t.Helper()
	expect(b.t, what+": status", b.status, status)
	for _, text := range texts {
		if !strings.Contains(b.html, text) {
			b.t.Errorf("%s: the page lacks %q:\n%s", what, text, b.html)
		}
	}
}

func TestApproveOnThePage(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	deviceCode, userCode := begin(t, s, "repo custom:thing")
	b := openBrowser(t, s, "?user_code="+userCode)
	b.expect("the code form", 200, `value="`+userCode+`"`, `<label for="user_code">`, "not GitHub", `lang="en"`)
	expect(t, "before the code is sent", poll(t, s, deviceCode).fields["error"], "authorization_pending")
	b.send("user_code", strings.ToLower(userCode))
	b.expect("the confirmation", 200, userCode, "valetkey", "private ones too", "custom:thing", "Approve only if you started this", "15 more minutes", `value="approve"`, `value="deny"`)
	b.send("user_code", userCode, "decision", "approve")
	b.expect("the end", 200, "Signed in", "You can close this window and go back to your assistant.")
	if err := s.Deny(userCode); err == nil {
		t.Error("the code is still undecided")
	}
}

func TestDenyOnThePage(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	deviceCode, userCode := begin(t, s, "")
	b := openBrowser(t, s, "")
	b.send("user_code", userCode)
	b.expect("the confirmation", 200, "Read what is public anyway")
	b.send("user_code", userCode, "decision", "deny")
	b.expect("the end", 200, "Denied", "valetkey got no access")
	expect(t, "the device", poll(t, s, deviceCode).fields["error"], "access_denied")
}

func TestCodeProblemsOnThePage(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now, CodeLifetime: 10 * time.Minute})
	_, approved := begin(t, s, "")
	_, denied := begin(t, s, "")
	_, expired := begin(t, s, "")
	must(t, s.Approve(approved))
	must(t, s.Deny(denied))
	now.Advance(10 * time.Minute)
	for _, c := range []struct {
		code   string
		status int
		words  string
		kept   string // in the field
	}{
		{"wdjb mjht", 400, "No sign-in has this code.", "wdjb mjht"},
		{"", 400, "No sign-in has this code.", ""},
		{approved, 409, "already been used", ""},
		{denied, 409, "already been used", ""},
		{expired, 410, "expired", ""},
	} {
		for _, decision := range []string{"", "approve", "deny"} {
			b := openBrowser(t, s, "")
			b.send("user_code", c.code, "decision", decision)
			b.expect(c.code+" "+decision, c.status, c.words, `role="alert"`, `aria-invalid="true"`, `name="user_code" value="`+c.kept+`"`, `name="token"`)
		}
	}
}

// A second click on the same button is no error; a change of mind, or another browser, is.
func TestRepeatedDecision(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	deviceCode, userCode := begin(t, s, "")
	b := openBrowser(t, s, "")
	other := openBrowser(t, s, "")
	b.send("user_code", userCode)
	confirmation := b.html
	for range 2 {
		b.html = confirmation
		b.send("user_code", userCode, "decision", "approve")
		b.expect("approve", 200, "Signed in")
	}
	poll(t, s, deviceCode)
	b.html = confirmation
	b.send("user_code", userCode, "decision", "approve")
	b.expect("approve after the token was fetched", 200, "Signed in")
	b.html = confirmation
	b.send("user_code", userCode, "decision", "deny")
	b.expect("deny after approve", 409, "already been used")
	other.send("user_code", userCode, "decision", "approve")
	other.expect("approve in another browser", 409, "already been used")
}

func TestPageHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	_, userCode := begin(t, s, "")
	b := openBrowser(t, s, "")
	cookie := b.header.Get("Set-Cookie")
	for _, attribute := range []string{"HttpOnly", "SameSite=Strict", "Path=/login/"} {
		if !strings.Contains(cookie, "; "+attribute) {
			t.Errorf("the cookie lacks %s: %s", attribute, cookie)
		}
	}
	checkHeaders(t, b)
	b.send("user_code", userCode)
	checkHeaders(t, b)
	expect(t, "a second cookie", b.header.Get("Set-Cookie"), "")
	b.html = ""
	b.send()
	checkHeaders(t, b)
}

func checkHeaders(t *testing.T, b *browser) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"X-Frame-Options":        "DENY",
		"X-Content-Type-Options": "nosniff",
		"Cache-Control":          "no-store",
		"Referrer-Policy":        "same-origin",
	} {
		expect(t, name, b.header.Get(name), want)
	}
	_, rest, _ := strings.Cut(b.html, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	policy := strings.Split(b.header.Get("Content-Security-Policy"), "; ")
	for _, directive := range []string{
		"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'",
		"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	} {
		if !slices.Contains(policy, directive) {
			t.Errorf("the policy lacks %s: %v", directive, policy)
		}
	}
}

// The page works without scripts and loads nothing.
func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	_, userCode := begin(t, s, "repo")
	pages := map[string]string{}
	b := openBrowser(t, s, "")
	pages["enter"] = b.html
	b.send("user_code", userCode)
	pages["confirm"] = b.html
	b.send("user_code", userCode, "decision", "approve")
	pages["approved"] = b.html
	allowed := regexp.MustCompile(`^(data:image/svg\+xml,|/login/device$)`)
	for name, html := range pages {
		for _, banned := range []string{"<script", "<img", "<iframe", "@import", "url(", " style=", " onclick"} {
			if strings.Contains(strings.ToLower(html), banned) {
				t.Errorf("%s has %s", name, banned)
			}
		}
		for _, link := range regexp.MustCompile(`(?:src|href|action)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
			if !allowed.MatchString(link[1]) {
				t.Errorf("%s leads to %s", name, link[1])
			}
		}
	}
}

func TestHostileTextIsShownAsText(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	hostile := []string{
		`"><script>alert(1)</script>`,
		`' autofocus onfocus=alert(1) x='`,
		`</style><svg onload=alert(1)>`,
		"{{.Token}}",
		"\x00\xff<b>",
		strings.Repeat("<", 10_000),
	}
	for _, text := range hostile {
		b := openBrowser(t, s, "?user_code="+url.QueryEscape(text))
		b.expect("prefilled", 200)
		checkHarmless(t, b, text)
		b.send("user_code", text)
		b.expect("typed", 400)
		checkHarmless(t, b, text)
	}
	_, userCode := begin(t, s, "<script>alert(1)</script> a&b")
	b := openBrowser(t, s, "")
	b.send("user_code", userCode)
	b.expect("scopes", 200, "&lt;script&gt;alert(1)&lt;/script&gt;", "a&amp;b")
	checkHarmless(t, b, "<script>")
}

func checkHarmless(t *testing.T, b *browser, text string) {
	t.Helper()
	if strings.Contains(b.html, text) && strings.ContainsAny(text, `<"'`) {
		t.Errorf("%q is in the page as it is", text[:min(len(text), 40)])
	}
	if strings.Contains(b.html, "<script") || strings.Count(b.html, "<svg") != 1 || strings.Count(b.html, "<input") > 2 {
		t.Errorf("%q made elements:\n%s", text[:min(len(text), 40)], b.html)
	}
	if len(b.html) > 12_000 {
		t.Errorf("%d bytes of page for %q", len(b.html), text[:min(len(text), 40)])
	}
}

// RFC 8628 §5.1: wrong codes are limited, here to GitHub's 50 an hour.
func TestWrongCodesAreLimited(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now, CodeLifetime: 3 * time.Hour})
	_, userCode := begin(t, s, "")
	b := openBrowser(t, s, "")
	for i := range 50 {
		b.send("user_code", "WDJB-MJHT", "decision", []string{"", "approve"}[i%2])
		b.expect("a wrong code", 400)
	}
	for range 2 {
		b.send("user_code", userCode)
		b.expect("the right code", 429, "Too many wrong codes")
		b.send("user_code", userCode, "decision", "approve")
		b.expect("the decision", 429, "Too many wrong codes")
	}
	now.Advance(time.Hour)
	b.send("user_code", userCode)
	b.expect("an hour later", 200, userCode)
}

func TestRightCodesAreNotLimited(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	_, userCode := begin(t, s, "")
	b := openBrowser(t, s, "")
	form := b.html
	for range 60 {
		b.html = form
		b.send("user_code", userCode)
		b.expect("the right code", 200)
	}
}

func TestRootLeadsToThePage(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	r, err := http.NewRequest(http.MethodGet, s.URL()+"/", nil)
	must(t, err)
	response := do(t, r)
	expect(t, "status", response.StatusCode, http.StatusSeeOther)
	expect(t, "Location", response.Header.Get("Location"), pagePath)
}
