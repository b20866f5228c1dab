package loopback_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func checkHeaders(t *testing.T, name string, header http.Header) {
	t.Helper()
	for field, want := range map[string]string{
		"Cache-Control":          "no-store",
		"Referrer-Policy":        "no-referrer",
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
	} {
		if got := header.Get(field); got != want {
			t.Errorf("%s: %s is %q, want %q", name, field, got, want)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: the policy is %q", name, policy)
	}
}

// Every page is one that a screen reader reads, a phone shows, a browser loads
// nothing else for, and nobody can put anything into.
func TestPages(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	f.Title = `Ünited <b>&"{{style}}`
	good, goodPage := approved(t, f)
	good.Tell(nil)
	bad, badPage := approved(t, f)
	bad.Tell(errors.New("the keyring is locked; {{style}} it"))
	a := start(t, f)
	wrong := wait(t.Context(), f, a)
	pages := map[string]shown{"kept": <-goodPage, "failed": <-badPage, "stranger": visit(callbackTo(a, nil))}
	finishPage := open(a.StartURI)
	late := (<-wrong).approval
	close(p.clock.elapsed)
	pages["unsure"] = <-finishPage
	late.Tell(nil)
	for name, page := range pages {
		page.is(t, name, page.status, name)
		checkHeaders(t, name, page.header)
		checkMarkup(t, name, page)
	}
}

func checkMarkup(t *testing.T, name string, page shown) {
	t.Helper()
	body := page.body
	for _, want := range []string{`<html lang="en">`, `<meta name="viewport" content="width=device-width`, `content="light dark"`, "<main ", "prefers-color-scheme: dark"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%s: %d times %s", name, strings.Count(body, want), want)
		}
	}
	for _, element := range []string{"h1", "title", "main"} {
		if strings.Count(body, "</"+element+">") != 1 {
			t.Errorf("%s: not one %s", name, element)
		}
	}
	if strings.Contains(body, "<b>") || strings.Contains(body, "<script") || regexp.MustCompile(`(?i)\son[a-z]+=|src=|url\(|@import|style="`).MatchString(body) {
		t.Errorf("%s: more than text in %s", name, body)
	}
	if name != "failed" && regexp.MustCompile(`\{\{[^s]`).MatchString(body) {
		t.Errorf("%s: a place is left in %s", name, body)
	}
	styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(body, -1)
	if len(styles) != 1 {
		t.Fatalf("%s: %d styles", name, len(styles))
	}
	sum := sha256.Sum256([]byte(styles[0][1]))
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(page.header.Get("Content-Security-Policy"), want) {
		t.Errorf("%s: the policy doesn't have %s", name, want)
	}
}

// The way to the provider tells it nothing and isn't kept.
func TestStartLeadsToTheProvider(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	a := start(t, f)
	answer := wait(t.Context(), f, a)
	client := browser()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Get(a.StartURI)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 302 || response.Header.Get("Location") != a.AuthorizationURI {
		t.Errorf("got %d to %s", response.StatusCode, response.Header.Get("Location"))
	}
	checkHeaders(t, "start", response.Header)
	finish(t, a, answer)
}
