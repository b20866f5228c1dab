package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const githubErrorsPage = "https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow"

// fields is a flat OAuth answer: strings and whole numbers.
type fields map[string]any

func (s *Sandbox) answer(w http.ResponseWriter, r *http.Request, status int, f fields) {
	w.Header().Set("Cache-Control", "no-store")
	if s.options.GitHubManners && !strings.Contains(r.Header.Get("Accept"), "json") {
		writeForm(w, status, f)
		return
	}
	writeObject(w, status, f)
}

func (s *Sandbox) answerRefusal(w http.ResponseWriter, r *http.Request, no *refusal) {
	words := no.reason.wording()
	f := fields{"error": words.code}
	status := words.status
	if s.options.GitHubManners {
		f, status = fields{"error": words.github}, words.githubStatus
	}
	if words.description != "" {
		f["error_description"] = words.description
	}
	if s.options.GitHubManners && status != http.StatusNotFound {
		f["error_uri"] = githubErrorsPage
	}
	if s.options.GitHubManners && no.interval > 0 {
		f["interval"] = wholeSeconds(no.interval)
	}
	s.answer(w, r, status, f)
}

func writeForm(w http.ResponseWriter, status int, f fields) {
	values := url.Values{}
	for name, value := range f {
		values.Set(name, fmt.Sprint(value))
	}
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, values.Encode())
}

func writeObject(w http.ResponseWriter, status int, object any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The answer is on its way: a client that has gone can't be told.
	_ = json.NewEncoder(w).Encode(object)
}

// wholeSeconds rounds up, so that a client that waits as told is never early.
func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
