package github

import (
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// probeEvery is how often a request is sent although a limit lasts.
const probeEvery = time.Minute

// secondary is the limit on the pace of requests, which is one for all.
const secondary = "secondary"

// limits are those that GitHub has told, by what they are on. The zero value is
// empty. They are safe for concurrent use.
type limits struct {
	mu    sync.Mutex
	known map[string]*limit
}

type limit struct {
	until, probe time.Time
	marks        http.Header // what GitHub told it with
}

// marks are the headers that say which limit it is, and whose.
func marks(header http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", credentials.TokenNumberHeader} {
		if value := header.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept
}

// kinds are the limits that hold a request back: none on other hosts, whose
// limits are their own, and none but the pace for what tells of the limits.
// https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user
func (p *patience) kinds(r *http.Request) []string {
	if p.base == nil || r.URL.Host != p.base.Host {
		return nil
	}
	below := strings.TrimPrefix(r.URL.Path, p.base.Path)
	switch {
	case r.URL.Path == graphPath(p.base):
		return []string{secondary, "graphql"}
	case below == "rate_limit":
		return []string{secondary}
	case below == "search/code":
		return []string{secondary, "code_search"}
	case path.Dir(below) == "search":
		return []string{secondary, "search"}
	}
	return []string{secondary, "core"}
}

// held is how long any of these limits still lasts, and what GitHub told it with.
func (l *limits) held(kinds []string) (left time.Duration, marks http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, kind := range kinds {
		if limit := l.known[kind]; limit != nil && time.Until(limit.until) > left {
			left, marks = time.Until(limit.until), limit.marks
		}
	}
	return left, marks
}

// probes tells whether it is time to send a request all the same, and counts it.
func (l *limits) probes(kinds []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, kind := range kinds {
		if limit := l.known[kind]; limit != nil && now.Before(limit.until) && now.Before(limit.probe) {
			return false
		}
	}
	for _, kind := range kinds {
		if limit := l.known[kind]; limit != nil {
			limit.probe = now.Add(probeEvery)
		}
	}
	return true
}

// note keeps the limit that an answer tells, or forgets another token's. A limit
// on something else than the request seemed to be about would hold back the wrong
// ones.
func (l *limits) note(kinds []string, answer *http.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left, reason := pauseAfter(answer, 1)
	until, of := time.Now().Add(left), answer.Header.Get("X-RateLimit-Resource")
	if isSecondary(answer.Header) {
		of = secondary
	}
	for _, kind := range kinds {
		old := l.known[kind]
		isOther := old != nil && old.marks.Get(credentials.TokenNumberHeader) != answer.Header.Get(credentials.TokenNumberHeader)
		if isOther {
			delete(l.known, kind)
		}
		if reason != limitReason || kind != of || old != nil && !isOther && old.until.After(until) {
			continue
		}
		if l.known == nil {
			l.known = map[string]*limit{}
		}
		l.known[kind] = &limit{until, time.Now().Add(probeEvery), marks(answer.Header)}
	}
}

// refusal is what GitHub would answer while a limit lasts.
func refusal(r *http.Request, marks http.Header, left time.Duration) *http.Response {
	header := marks.Clone()
	if isSecondary(header) {
		header.Set("Retry-After", strconv.Itoa(int((left+time.Second-1)/time.Second)))
	}
	return &http.Response{
		Status: "429 Too Many Requests", StatusCode: http.StatusTooManyRequests,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody, Request: r,
	}
}
