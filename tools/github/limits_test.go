package github

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/credentials"
)

// primaryLimit is used up on something until a number of seconds from now.
func primaryLimit(of string, seconds int64) func() *http.Response {
	return func() *http.Response {
		return answered(http.StatusForbidden, "{}", "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0",
			"X-RateLimit-Resource", of, "X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix()+seconds, 10))
	}
}

// byToken is an answer to a token.
func byToken(number string, answer func() *http.Response) func() *http.Response {
	return func() *http.Response {
		a := answer()
		a.Header.Set(credentials.TokenNumberHeader, number)
		return a
	}
}

func get(t *testing.T, p *patience, address string) *http.Response {
	t.Helper()
	answer, err := p.RoundTrip(newRequest(t, http.MethodGet, address, ""))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestLongLimitIsRemembered: "If you continue making requests while you are rate
// limited, your integration may be banned."
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
func TestLongLimitIsRemembered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first func() *http.Response
		says  string
	}{
		"secondary": {says(403, "Retry-After", "60"), "github: too many requests in a short time (secondary rate limit); try again in 45 s"},
		"by 429":    {says(429, "Retry-After", "60"), "github: too many requests in a short time (secondary rate limit); try again in 45 s"},
		"primary":   {primaryLimit("core", 60), "github: the rate limit of 5,000 requests is used up; try again in 45 s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Inside, sleeping moves a clock of its own on and takes no time.
			synctest.Test(t, func(t *testing.T) {
				limited := plays(c.first, says(200))
				p := patient(limited)
				for range 3 {
					get(t, p, oneRepo)
					time.Sleep(5 * time.Second)
				}
				answer := get(t, p, oneRepo)
				if err := explain(github.CheckResponse(answer), "x"); limited.asked != 1 || err == nil || err.Error() != c.says {
					t.Errorf("asked %d times; %v", limited.asked, err)
				}
				time.Sleep(46 * time.Second)
				if answer := get(t, p, oneRepo); answer.StatusCode != 200 || limited.asked != 2 {
					t.Errorf("after it: %d, asked %d times", answer.StatusCode, limited.asked)
				}
			})
		})
	}
}

// TestNonsenseIsNotRemembered: a limit longer than GitHub's may come from
// anything in between.
func TestNonsenseIsNotRemembered(t *testing.T) {
	t.Parallel()
	for _, nonsense := range []func() *http.Response{
		says(403), says(403, "Retry-After", "86401"), says(429, "Retry-After", "99999999999999999999"), says(429, "Retry-After", "-1"),
		says(403, "X-RateLimit-Remaining", "9"), says(503, "Retry-After", "3600"), primaryLimit("core", 90_000), primaryLimit("search", 60),
	} {
		odd := plays(nonsense)
		p := patient(odd)
		get(t, p, oneRepo)
		if get(t, p, oneRepo); odd.asked != 2 {
			t.Errorf("%v: asked %d times", nonsense().Header, odd.asked)
		}
	}
}

// TestLimitHoldsItsOwnBack: a limit on searches is none on the rest, nor one of
// another host on the API.
func TestLimitHoldsItsOwnBack(t *testing.T) {
	t.Parallel()
	const api, elsewhere = "https://api.github.com/", "https://logs.example.com/1"
	for _, c := range []struct {
		limit      func() *http.Response
		first      string
		held, free []string
	}{
		{primaryLimit("search", 60), api + "search/issues?q=x", []string{api + "search/users?q=x"}, []string{oneRepo, api + "search/code?q=x", api + "graphql", elsewhere}},
		{primaryLimit("code_search", 60), api + "search/code?q=x", []string{api + "search/code?q=y"}, []string{api + "search/issues", oneRepo}},
		{primaryLimit("graphql", 60), api + "graphql", []string{api + "graphql"}, []string{oneRepo}},
		{primaryLimit("core", 60), oneRepo, []string{api + "user"}, []string{api + "rate_limit", api + "search/issues", api + "graphql"}},
		{says(403, "Retry-After", "60"), oneRepo, []string{api + "user", api + "graphql", api + "search/code", api + "rate_limit"}, []string{elsewhere}},
		{says(429, "Retry-After", "60"), elsewhere, nil, []string{oneRepo, elsewhere}},
	} {
		limited := plays(c.limit, says(200))
		p := patient(limited)
		get(t, p, c.first)
		for _, address := range c.held {
			if answer := get(t, p, address); answer.StatusCode != 429 || limited.asked != 1 {
				t.Errorf("%s then %s: %d, asked %d times", c.first, address, answer.StatusCode, limited.asked)
			}
		}
		for _, address := range c.free {
			if answer := get(t, p, address); answer.StatusCode != 200 {
				t.Errorf("%s then %s: %d", c.first, address, answer.StatusCode)
			}
		}
	}
}

// TestOtherAccountsLimit: one request a minute finds out that somebody else has
// signed in, for whom the limit isn't.
func TestOtherAccountsLimit(t *testing.T) {
	t.Parallel()
	// As above: no time passes but that of the bubble's clock.
	synctest.Test(t, func(t *testing.T) {
		hour := says(403, "Retry-After", "3600")
		for want, limited := range map[string]*script{
			"403/1 429/1 403/2 429/2 429/2 200/3 200/4": plays(byToken("1", hour), byToken("1", hour), byToken("2", says(200))),
			"403/1 429/1 200/2 429/2 429/2 200/3 429/3": plays(byToken("1", hour), byToken("1", says(200))),
			"403/1 429/1 403/2 429/2 429/2 403/3 429/3": plays(byToken("1", hour), byToken("2", hour)),
		} {
			p := patient(limited)
			var statuses []string
			for _, pause := range []time.Duration{30, 31, 1, 58, 2, 0, 0} {
				statuses = append(statuses, fmt.Sprintf("%d/%d", get(t, p, oneRepo).StatusCode, limited.asked))
				time.Sleep(pause * time.Second)
			}
			if got := strings.Join(statuses, " "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

// closed tells whether a body was given up.
type closed struct {
	*strings.Reader
	is bool
}

func (c *closed) Close() error { c.is = true; return nil }

// TestRefusedWriteIsGivenUp: what isn't sent keeps the promises of a transport.
func TestRefusedWriteIsGivenUp(t *testing.T) {
	t.Parallel()
	p := patient(plays(says(403, "Retry-After", "60")))
	get(t, p, oneRepo)
	body := &closed{Reader: strings.NewReader("{}")}
	r := newRequest(t, http.MethodPost, oneRepo, "")
	r.Body = body
	answer, err := p.RoundTrip(r)
	if err != nil || answer.Request != r || answer.Body == nil || !body.is {
		t.Error(errors.Join(err, errors.New("the answer isn't whole, or the body stays open")))
	}
}
