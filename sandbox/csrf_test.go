package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

func TestForgedFormsAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	deviceCode, userCode := begin(t, s, "")
	mine, theirs := openBrowser(t, s, ""), openBrowser(t, s, "")
	u, err := url.Parse(s.URL() + pagePath)
	must(t, err)
	cookie := mine.client.Jar.Cookies(u)[0].String()
	for _, c := range []struct {
		name, cookie, token string
		header              map[string]string
	}{
		{"no cookie", "", mine.token(), nil},
		{"empty cookie", "valetkey_practice=", mine.token(), nil},
		{"no token", cookie, "", nil},
		{"wrong token", cookie, "AAAA", nil},
		{"a token of another browser", cookie, theirs.token(), nil},
		{"from another site, by Sec-Fetch-Site", cookie, mine.token(), map[string]string{"Sec-Fetch-Site": "cross-site"}},
		{"from another site, by Origin", cookie, mine.token(), map[string]string{"Origin": "https://example.com"}},
		{"from a file", cookie, mine.token(), map[string]string{"Origin": "null"}},
	} {
		form := url.Values{"user_code": {userCode}, "decision": {"approve"}, "token": {c.token}}
		r, err := http.NewRequest(http.MethodPost, u.String(), strings.NewReader(form.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", c.cookie)
		for name, value := range c.header {
			r.Header.Set(name, value)
		}
		expect(t, c.name, do(t, r).StatusCode, http.StatusForbidden)
	}
	expect(t, "the device", poll(t, s, deviceCode).fields["error"], "authorization_pending")
}

// Two sandboxes share the cookies of one browser: cookies don't tell ports apart.
func TestTwoSandboxesInOneBrowser(t *testing.T) {
	t.Parallel()
	first, second := start(t, sandbox.Options{}), start(t, sandbox.Options{})
	_, userCode := begin(t, first, "")
	b := openBrowser(t, first, "")
	form := b.html
	response, err := b.client.Get(second.URL() + pagePath)
	b.show(response, err)
	expect(t, "one token for both", b.token() == "" || strings.Contains(form, b.token()), false)
	b.html = form
	b.send("user_code", userCode)
	b.expect("the first one's form", 200, userCode)
}
