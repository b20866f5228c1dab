package sandbox

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
)

const pagePath = "/login/device"

//go:embed page
var pageFiles embed.FS

// page is what a person sees: HTML files with places to fill in, and the headers that go with them. The files are filled in by a
// few lines here, because html/template calls methods by name, and with it the linker keeps every method of every library.
type page struct {
	guard  guard
	files  map[string]string // by name, with what all of them share filled in
	policy string            // Content-Security-Policy, but for form-action
}

// markup is HTML. Text becomes markup by escape alone.
type markup string

func escape(text string) markup { return markup(html.EscapeString(text)) }

// fill puts values into the {{places}} of a file, all at once, so that a value can't hold a place.
func fill(file string, values map[string]markup) string {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{{"+name+"}}", string(value))
	}
	return strings.NewReplacer(pairs...).Replace(file)
}

func newPage() (*page, error) {
	entries, err := pageFiles.ReadDir("page")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, entry := range entries {
		content, err := pageFiles.ReadFile("page/" + entry.Name())
		if err != nil {
			return nil, err
		}
		files[entry.Name()] = strings.TrimSuffix(string(content), "\n")
	}
	style := files["style.css"]
	top := fill(files["top.html"], map[string]markup{"style": markup(style)})
	for name, file := range files {
		files[name] = fill(file, map[string]markup{"top": markup(top), "brand": markup(files["brand.html"]), "foot": markup(files["foot.html"])})
	}
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; " +
		"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	return &page{guard: newGuard(), files: files, policy: policy}, nil
}

func (p *page) write(w http.ResponseWriter, status int, name string, values map[string]markup) {
	p.writeFor(w, status, name, &url.URL{}, values)
}

// writeFor is write for a page whose form leads to another address in the end: browsers hold redirects against form-action too.
func (p *page) writeFor(w http.ResponseWriter, status int, name string, end *url.URL, values map[string]markup) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	policy := p.policy
	if end.Host != "" {
		policy += " " + end.Scheme + "://" + end.Host
	}
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Frame-Options", "DENY")
	header.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: with it a browser sends "Origin: null" with the forms, and they would be refused.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The page is on its way: a browser that has gone can't be told.
	_, _ = io.WriteString(w, fill(p.files[name], values))
}

// showPage asks for the code. One in the address only fills in the field: the person still sends it (RFC 8628 §3.3.1).
func (s *Sandbox) showPage(w http.ResponseWriter, r *http.Request) {
	browser := s.page.guard.welcome(w, r)
	s.writeForm(w, http.StatusOK, browser, cut(r.URL.Query().Get("user_code")), "")
}

// submitPage takes either form: the code, or the decision.
func (s *Sandbox) submitPage(w http.ResponseWriter, r *http.Request) {
	browser, ok := s.page.guard.check(r)
	if !ok {
		s.page.write(w, http.StatusForbidden, "stale.html", nil)
		return
	}
	typed := r.PostFormValue("user_code")
	switch r.PostFormValue("decision") {
	case "approve":
		s.showOutcome(w, browser, typed, approved, "approved.html")
	case "deny":
		s.showOutcome(w, browser, typed, denied, "denied.html")
	default:
		s.showConfirmation(w, browser, typed)
	}
}

func (s *Sandbox) showConfirmation(w http.ResponseWriter, browser, typed string) {
	asked, err := s.devices.enter(typed)
	if err != nil {
		s.showProblem(w, browser, typed, err)
		return
	}
	s.page.write(w, http.StatusOK, "confirm.html", map[string]markup{
		"token":  escape(s.page.guard.token(browser)),
		"code":   escape(asked.UserCode),
		"spoken": escape(spoken(asked.UserCode)),
		"scopes": listScopes(describeScopes(asked.Scopes)),
		"left":   escape(minutesLeft(int(math.Ceil(asked.Left.Minutes())))),
	})
}

func listScopes(scopes []scope) markup {
	if len(scopes) == 0 {
		return "<li><span>Read what is public anyway</span></li>\n"
	}
	var list markup
	for _, s := range scopes {
		list += "<li><span>" + escape(s.Words) + "</span> <code>" + escape(s.Name) + "</code></li>\n"
	}
	return list
}

func minutesLeft(minutes int) string {
	if minutes == 1 {
		return "1 more minute"
	}
	return fmt.Sprintf("%d more minutes", minutes)
}

// writeForm asks for the code, if need be once more, with the problem there was.
func (s *Sandbox) writeForm(w http.ResponseWriter, status int, browser, code, problem string) {
	values := map[string]markup{
		"token":     escape(s.page.guard.token(browser)),
		"code":      escape(code),
		"title":     "Enter your code",
		"problem":   "",
		"described": `aria-describedby="hint"`,
	}
	if problem != "" {
		values["title"] = "Problem with the code"
		values["problem"] = `<p class="note bad" role="alert" id="problem">` + escape(problem) + `</p>`
		values["described"] = `aria-describedby="hint problem" aria-invalid="true"`
	}
	s.page.write(w, status, "enter.html", values)
}

func (s *Sandbox) showOutcome(w http.ResponseWriter, browser, typed string, verdict decision, name string) {
	if err := s.devices.enterDecision(typed, verdict, browser); err != nil {
		s.showProblem(w, browser, typed, err)
		return
	}
	s.page.write(w, http.StatusOK, name, nil)
}

// showProblem shows the code form again, with what is wrong. A misspelt code is left to be mended; any other is of no more use.
func (s *Sandbox) showProblem(w http.ResponseWriter, browser, typed string, err error) {
	status, words := problem(err)
	code := ""
	if errors.Is(err, ErrUnknownCode) {
		code = cut(typed)
	}
	s.writeForm(w, status, browser, code, words)
}

// problem puts an error of a user code into words for the person who typed it.
func problem(err error) (status int, words string) {
	switch {
	case errors.Is(err, ErrExpiredCode):
		return http.StatusGone, "This code has expired. Ask your assistant to sign in again, then type the new code."
	case errors.Is(err, ErrUsedCode):
		return http.StatusConflict, "This code has already been used. If you still need to sign in, ask your assistant for a new one."
	case errors.Is(err, errTooManyTries):
		return http.StatusTooManyRequests, "Too many wrong codes were typed here. Wait an hour, then try again."
	}
	return http.StatusBadRequest, "No sign-in has this code. Compare it with the one your assistant shows and type it again."
}

// cut keeps what is shown again in the field short.
func cut(typed string) string {
	const most = 40
	if runes := []rune(typed); len(runes) > most {
		return string(runes[:most])
	}
	return typed
}

// spoken is a code letter by letter, with a rest at the hyphen.
func spoken(code string) string {
	letters := strings.Join(strings.Split(code, ""), " ")
	return strings.ReplaceAll(letters, " - ", ", ")
}
