package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// script answers one after the other, and the last one for ever.
type script struct {
	answers []func() *http.Response
	asked   int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.asked++
	return s.answers[min(s.asked, len(s.answers))-1](), nil
}

func plays(answers ...func() *http.Response) *script { return &script{answers: answers} }

func says(status int, header ...string) func() *http.Response {
	return func() *http.Response { return answered(status, "{}", header...) }
}

// inSeconds is a primary limit that is reset then.
func inSeconds(n int) func() *http.Response {
	return func() *http.Response {
		return answered(http.StatusForbidden, "{}", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", fmt.Sprint(time.Now().Unix()+int64(n)))
	}
}

func patient(next http.RoundTripper) *patience {
	return &patience{next: next, base: &url.URL{Scheme: "https", Host: "api.github.com", Path: "/"}}
}

func send(ctx context.Context, transport http.RoundTripper, method, body string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, oneRepo, nil)
	if body != "" {
		r, err = http.NewRequestWithContext(ctx, method, oneRepo, strings.NewReader(body))
	}
	if err != nil {
		return 0, err
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// TestPatience: what is asked again, how often and after how long.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
func TestPatience(t *testing.T) {
	t.Parallel()
	fine := says(200)
	for name, c := range map[string]struct {
		method, body  string
		script        *script
		status, asked int
		waited        time.Duration
	}{
		"nothing wrong":            {"GET", "", plays(fine), 200, 1, 0},
		"a short secondary limit":  {"GET", "", plays(says(403, "Retry-After", "7"), fine), 200, 2, 7 * time.Second},
		"the same by 429":          {"HEAD", "", plays(says(429, "Retry-After", "20"), fine), 200, 2, 20 * time.Second},
		"a long one":               {"GET", "", plays(says(403, "Retry-After", "21"), fine), 403, 1, 0},
		"one that won't end":       {"GET", "", plays(says(403, "Retry-After", "1")), 403, 3, 2 * time.Second},
		"long when taken together": {"GET", "", plays(says(403, "Retry-After", "15"), says(403, "Retry-After", "6"), fine), 403, 2, 15 * time.Second},
		"no time given":            {"GET", "", plays(says(403), fine), 403, 1, 0},
		"nonsense":                 {"GET", "", plays(says(403, "Retry-After", "Fri, 31 Dec 1999"), fine), 403, 1, 0},
		"a huge number":            {"GET", "", plays(says(429, "Retry-After", "99999999999999999"), fine), 429, 1, 0},
		"a short primary limit":    {"GET", "", plays(inSeconds(9), fine), 200, 2, 10 * time.Second},
		"one that has just ended":  {"GET", "", plays(inSeconds(-5), fine), 200, 2, time.Second},
		"a long primary limit":     {"GET", "", plays(inSeconds(30), fine), 403, 1, 0},
		"no permission":            {"GET", "", plays(says(403, "X-RateLimit-Remaining", "9"), fine), 403, 1, 0},
		"trouble for a moment":     {"GET", "", plays(says(502), says(504), fine), 200, 3, 3 * time.Second},
		"trouble that stays":       {"GET", "", plays(says(503)), 503, 3, 3 * time.Second},
		"trouble for long":         {"GET", "", plays(says(503, "Retry-After", "60"), fine), 503, 1, 0},
		"a fault":                  {"GET", "", plays(says(500), fine), 500, 1, 0},
		"a write that failed":      {"POST", "{}", plays(says(502), fine), 502, 1, 0},
		"a write that is limited":  {"PATCH", "{}", plays(says(403, "Retry-After", "1"), fine), 403, 1, 0},
		"deleting":                 {"DELETE", "", plays(says(503), fine), 503, 1, 0},
		"a GraphQL query":          {"POST", `{"query":"{viewer{login}}"}`, plays(says(502), fine), 502, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				status, err := send(t.Context(), patient(c.script), c.method, c.body)
				if err != nil || status != c.status || c.script.asked != c.asked || time.Since(start) != c.waited {
					t.Errorf("%d, %v, asked %d times, waited %s; want %+v", status, err, c.script.asked, time.Since(start), c)
				}
			})
		})
	}
}

// TestWaitIsCancelled at once, and never begun when the caller would be gone.
func TestWaitIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := plays(says(403, "Retry-After", "10"))
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		start := time.Now()
		if status, err := send(ctx, patient(limited), http.MethodGet, ""); status != 403 || err != nil || time.Since(start) != 0 {
			t.Errorf("%d, %v after %s", status, err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(4*time.Second, cancel)
		if _, err := send(ctx, patient(limited), http.MethodGet, ""); !errors.Is(err, context.Canceled) || time.Since(start) != 4*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// TestOneCallWaitsOnce: the waits of a tool call's requests count together,
// but those at the same time only once.
func TestOneCallWaitsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx := withPatience(t.Context())
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if status, err := send(ctx, patient(plays(inSeconds(14), says(200))), http.MethodGet, ""); status != 200 || err != nil {
					t.Errorf("at the same time: %d, %v", status, err)
				}
			})
		}
		group.Wait()
		for pause, want := range map[string]int{"6": 403, "5": 200} {
			status, err := send(ctx, patient(plays(says(403, "Retry-After", pause), says(200))), http.MethodGet, "")
			if status != want || err != nil {
				t.Errorf("%s s more: %d, %v", pause, status, err)
			}
		}
		if waited := time.Since(start); waited != 20*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

// TestToolsWaitOnce: an issue is one request and its comments another.
func TestToolsWaitOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		issue := func() *http.Response { return answered(200, `{"number":1,"comments":1}`) }
		client := &http.Client{Transport: plays(inSeconds(14), issue, inSeconds(14), issue)}
		for _, tool := range Offer(tools.Setup{API: client, At: credentials.Service{APIURL: publicAPI}}).Tools {
			if tool.Name != "github_issue" {
				continue
			}
			if _, err := tool.Call(t.Context(), []byte(`{"repo":"o/r","number":1}`)); err == nil || !strings.Contains(err.Error(), "rate limit") {
				t.Errorf("%v", err)
			}
		}
		if waited := time.Since(start); waited != 15*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

// TestLimitHoldsEverybodyBack: GitHub bans who goes on asking, so others wait
// for a short limit too, before they ask, and writes with them.
func TestLimitHoldsEverybodyBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		limited := plays(says(403, "Retry-After", "10"), says(200))
		p := patient(limited)
		if status, _ := send(t.Context(), p, http.MethodPost, "{}"); status != 403 {
			t.Errorf("the limited write: %d", status)
		}
		<-time.After(4 * time.Second)
		if status, err := send(t.Context(), p, http.MethodPost, "{}"); status != 200 || err != nil || time.Since(start) != 10*time.Second || limited.asked != 2 {
			t.Errorf("the next: %d, %v after %s, asked %d times", status, err, time.Since(start), limited.asked)
		}
		if _, err := send(t.Context(), p, http.MethodGet, ""); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("after the limit: %v after %s", err, time.Since(start))
		}
	})
}
