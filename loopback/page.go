package loopback

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The page is filled in here because html/template calls methods by name, and
// with it the linker keeps every method of every library.
var (
	//go:embed page/page.html
	layout string
	//go:embed page/style.css
	style string
)

// page is what a person sees, as texts.
type page struct {
	status              int
	step                string
	sign                string // the path of a picture of 24 by 24
	heading, lead, next string
	// reason is what went wrong, "" for nothing.
	reason string
}

const (
	tick  = "m5.5 12.5 4.3 4.3 8.7-9.3"
	cross = "m7 7 10 10M17 7 7 17"
	mark  = "M12 5.5v8M12 18v.1"
)

const goBack = "You can close this tab and go back to your assistant or terminal."

// to names the service in a heading, if it has a name.
func to(title string) string {
	if title == "" {
		return ""
	}
	return " to " + title
}

func kept(title string) page {
	return page{http.StatusOK, "kept", tick, "You’re signed in" + to(title), "valetkey keeps the token and uses it for you.", goBack, ""}
}

func failed(title, reason string) page {
	return page{http.StatusOK, "failed", cross, "The sign-in" + to(title) + " didn’t work", "This time valetkey couldn’t finish it. This is why:", goBack, sentence(reason)}
}

func denied(title, reason string) page {
	return page{http.StatusOK, "denied", cross, "The sign-in" + to(title) + " was declined", "valetkey got no access by it.", goBack, sentence(reason)}
}

func unsure(title string) page {
	return page{http.StatusOK, "unsure", mark, "Look at valetkey", "The answer for your sign-in" + to(title) + " has arrived here, but this page wasn’t told what became of it.", "Go back to your assistant or terminal to see whether you’re signed in. You can close this tab.", ""}
}

func stranger(title string) page {
	return page{http.StatusBadRequest, "stranger", mark, "Not the sign-in valetkey waits for", "What was brought here doesn’t belong to the sign-in" + to(title) + " that is under way. Nothing was done with it, and the sign-in still waits.", "If you are signing in right now, finish in the tab that was opened for it. Otherwise close this one.", ""}
}

// sentence makes an error's words one for a page.
func sentence(text string) string {
	const most = 1000
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return strings.TrimSuffix(string(unicode.ToUpper(first))+text[size:], ".") + "."
}

// write sends a page and has it arrive.
func (p page) write(w http.ResponseWriter, title string) {
	reason, initial := "", ""
	if p.reason != "" {
		reason = `<p class="reason" role="alert">` + html.EscapeString(p.reason) + `</p>`
	}
	if first, size := utf8.DecodeRuneInString(title); size > 0 {
		initial = string(unicode.ToUpper(first))
	}
	// All at once, so that a value can't hold a place.
	text := strings.NewReplacer(
		"{{style}}", style, "{{step}}", p.step, "{{sign}}", p.sign, "{{reason}}", reason,
		"{{initial}}", html.EscapeString(initial), "{{heading}}", html.EscapeString(p.heading),
		"{{lead}}", html.EscapeString(p.lead), "{{next}}", html.EscapeString(p.next),
	).Replace(layout)
	send(w, p.status, "text/html; charset=utf-8", text)
}

// send answers with a text, and gives a browser that is slow to take it, or to
// send the rest of its request, a moment.
func send(w http.ResponseWriter, status int, kind, text string) {
	const moment = 5 * time.Second
	control := http.NewResponseController(w)
	// A connection that has gone can't be told anything.
	_ = control.SetReadDeadline(time.Now().Add(moment))
	_ = control.SetWriteDeadline(time.Now().Add(moment))
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// protect sets what every answer has: nothing but the page's own style is
// loaded, and neither the page nor its address, which may hold a code, gets
// anywhere.
func protect(header http.Header) {
	sum := sha256.Sum256([]byte(style))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}
