package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

const browserCookie = "valetkey_practice"

// guard ties the page's forms to one browser: the cookie names the browser, and the forms carry a token that only this server
// can make from that name. A page of another site can neither read the token nor send the cookie (SameSite=Strict).
type guard struct{ key []byte }

func newGuard() guard {
	key := make([]byte, 32)
	rand.Read(key)
	return guard{key: key}
}

func (g guard) token(browser string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// welcome gives the browser's name, and a browser without one a name. One that another sandbox gave is kept: cookies don't tell
// ports apart, and two sandboxes would otherwise push each other's names out.
func (g guard) welcome(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(browserCookie); err == nil && cookie.Value != "" {
		return cookie.Value
	}
	browser := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name:     browserCookie,
		Value:    browser,
		Path:     "/login/",
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	})
	return browser
}

// check gives the name of the browser that sent a form of ours; not ok when cookie or token are missing or don't belong together.
func (g guard) check(r *http.Request) (browser string, ok bool) {
	cookie, err := r.Cookie(browserCookie)
	if err != nil {
		return "", false
	}
	return cookie.Value, hmac.Equal([]byte(g.token(cookie.Value)), []byte(r.PostFormValue("token")))
}
