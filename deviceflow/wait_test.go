package deviceflow_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

const (
	pendingBody = `{"error":"authorization_pending","error_description":"The authorization request is still pending."}`
	grantedBody = `{"access_token":"example-token","token_type":"bearer","scope":"repo,gist"}`
	grantType   = "urn:ietf:params:oauth:grant-type:device_code"
)

func pending() http.HandlerFunc { return jsonAnswer(200, pendingBody) }

// RFC 8628 §3.4: one request a poll, with the client in the form, and no PKCE.
func TestWaitPollsOnceAGap(t *testing.T) {
	t.Parallel()
	for name, yet := range map[string]http.HandlerFunc{
		"GitHub":            pending(),
		"GitHub, as a form": answer(200, "application/x-www-form-urlencoded", "error=authorization_pending&error_description=x"),
		"RFC 8628":          refusal("authorization_pending"),
		"Auth0":             jsonAnswer(403, pendingBody),
		"Google":            jsonAnswer(428, pendingBody),
		"Twitch":            jsonAnswer(400, `{"status":400,"message":"authorization_pending"}`),
		"an odd one":        jsonAnswer(503, pendingBody),
	} {
		p := serve(t, yet, yet, yet, granted())
		flow := p.flow()
		flow.Client.Secret = oauth.NewSecret(clientSecret)
		flow.Scopes, flow.Parameters = []string{"repo"}, url.Values{"audience": {"x"}}
		token, err := flow.Wait(t.Context(), p.pending())
		if err != nil || token.Access.Reveal() != "example-token" || token.Type != "Bearer" || !slices.Equal(token.Scopes, []string{"repo", "gist"}) {
			t.Errorf("%s: got %v, %v", name, token, err)
		}
		requests := p.requests()
		if len(requests) != 4 {
			t.Errorf("%s: %d requests for 4 polls", name, len(requests))
		}
		want := url.Values{"grant_type": {grantType}, "device_code": {deviceCode}, "client_id": {"example-client"}, "client_secret": {clientSecret}}
		for _, got := range requests {
			if got.path != "/token" || got.header.Get("Authorization") != "" || !reflect.DeepEqual(got.form, want) {
				t.Errorf("%s: sent %s %v %v", name, got.path, got.header, got.form)
			}
		}
		checkSleeps(t, name, p, 6, 6, 6, 6)
	}
}

// checkSleeps compares the sleeps, in seconds.
func checkSleeps(t *testing.T, name string, p *provider, want ...float64) {
	t.Helper()
	var got []float64
	for _, d := range p.clock.sleeps() {
		got = append(got, d.Seconds())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: slept %v s, want %v s", name, got, want)
	}
}

func TestGapIsCountedFromTheAnswer(t *testing.T) {
	t.Parallel()
	var p *provider
	slow := func(w http.ResponseWriter, r *http.Request) {
		p.clock.Advance(20 * time.Second)
		pending()(w, r)
	}
	p = serve(t, slow, slow, granted())
	if _, err := p.flow().Wait(t.Context(), p.pending()); err != nil {
		t.Fatal(err)
	}
	checkSleeps(t, "a slow server", p, 6, 6, 6)
	requests := p.requests()
	if gap := requests[1].at.Sub(requests[0].at); gap != 26*time.Second {
		t.Errorf("polled again %v after the last poll", gap)
	}
}

// RFC 8628 §3.5 adds 5 s; GitHub's answer says the new interval.
func TestSlowDown(t *testing.T) {
	t.Parallel()
	slowDown := func(interval string) http.HandlerFunc {
		return jsonAnswer(200, `{"error":"slow_down"`+interval+`}`)
	}
	for name, test := range map[string]struct {
		answers []http.HandlerFunc
		want    []float64
	}{
		"without an interval":       {[]http.HandlerFunc{slowDown(""), pending(), granted()}, []float64{6, 12, 12}},
		"again and again":           {[]http.HandlerFunc{slowDown(""), slowDown(""), pending(), granted()}, []float64{6, 12, 18, 18}},
		"with the same":             {[]http.HandlerFunc{slowDown(`,"interval":10`), pending(), granted()}, []float64{6, 12, 12}},
		"with a larger one":         {[]http.HandlerFunc{slowDown(`,"interval":20`), pending(), granted()}, []float64{6, 24, 24}},
		"as text":                   {[]http.HandlerFunc{slowDown(`,"interval":"20.0"`), granted()}, []float64{6, 24}},
		"with a smaller one":        {[]http.HandlerFunc{slowDown(`,"interval":1`), pending(), granted()}, []float64{6, 12, 12}},
		"with nonsense":             {[]http.HandlerFunc{slowDown(`,"interval":-7`), granted()}, []float64{6, 12}},
		"with a huge one":           {[]http.HandlerFunc{slowDown(`,"interval":1e9`), pending(), granted()}, []float64{6, 72, 72}},
		"Twitch":                    {[]http.HandlerFunc{jsonAnswer(400, `{"status":400,"message":"slow_down"}`), granted()}, []float64{6, 12}},
		"with 429 and Retry-After":  {[]http.HandlerFunc{slowDownLater, pending(), granted()}, []float64{6, 36, 12}},
		"pending, with Retry-After": {[]http.HandlerFunc{pendingLater, pending(), granted()}, []float64{6, 36, 6}},
	} {
		p := serve(t, test.answers...)
		if _, err := p.flow().Wait(t.Context(), p.pending()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkSleeps(t, name, p, test.want...)
	}
}

func slowDownLater(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "30")
	jsonAnswer(429, `{"error":"slow_down"}`)(w, r)
}

func pendingLater(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "30")
	jsonAnswer(400, pendingBody)(w, r)
}

// An interval that grows beyond a minute goes on growing: the RFC sets no end.
func TestSlowDownHasNoEnd(t *testing.T) {
	t.Parallel()
	p := serve(t, refusal("slow_down"), refusal("slow_down"), granted())
	a := p.pending()
	a.Interval = time.Minute
	if _, err := p.flow().Wait(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	checkSleeps(t, "a slow server", p, 72, 78, 84)
}

func TestWaitBearsWithTrouble(t *testing.T) {
	t.Parallel()
	date := newClock().Now().Add(6*time.Second + 40*time.Second).Format(http.TimeFormat)
	for name, test := range map[string]struct {
		answers []http.HandlerFunc
		want    []float64
	}{
		"no answer":             {[]http.HandlerFunc{hangUp, granted()}, []float64{6, 12}},
		"again and again":       {[]http.HandlerFunc{hangUp, hangUp, hangUp, hangUp, hangUp, granted()}, []float64{6, 12, 24, 48, 72, 72}},
		"and then regularly":    {[]http.HandlerFunc{hangUp, hangUp, pending(), hangUp, granted()}, []float64{6, 12, 24, 6, 12}},
		"request timeout":       {[]http.HandlerFunc{retryAfter(408, ""), granted()}, []float64{6, 12}},
		"too many":              {[]http.HandlerFunc{retryAfter(429, ""), granted()}, []float64{6, 12}},
		"for so long":           {[]http.HandlerFunc{retryAfter(429, "100"), pending(), granted()}, []float64{6, 120, 6}},
		"until a time":          {[]http.HandlerFunc{retryAfter(429, date), granted()}, []float64{6, 48}},
		"for less":              {[]http.HandlerFunc{retryAfter(429, "1"), granted()}, []float64{6, 12}},
		"internal error":        {[]http.HandlerFunc{retryAfter(500, ""), granted()}, []float64{6, 12}},
		"bad gateway":           {[]http.HandlerFunc{answer(502, "text/html", "<html>"), retryAfter(504, ""), granted()}, []float64{6, 12, 24}},
		"unavailable for long":  {[]http.HandlerFunc{retryAfter(503, "20"), granted()}, []float64{6, 24}},
		"unavailable, with 400": {[]http.HandlerFunc{refusal("temporarily_unavailable"), granted()}, []float64{6, 12}},
		"server error":          {[]http.HandlerFunc{refusal("server_error"), granted()}, []float64{6, 12}},
		"an unknown failure":    {[]http.HandlerFunc{jsonAnswer(500, `{"error":"unknown_error"}`), granted()}, []float64{6, 12}},
		"a captive portal":      {[]http.HandlerFunc{answer(200, "text/html", "<html>"), jsonAnswer(200, "null"), granted()}, []float64{6, 12, 24}},
		"one that comes again":  {[]http.HandlerFunc{jsonAnswer(200, "{}"), jsonAnswer(200, "{}"), pending(), jsonAnswer(200, "{}"), jsonAnswer(200, "{}"), granted()}, []float64{6, 12, 24, 6, 12, 24}},
		"incorrect, once":       {[]http.HandlerFunc{refusal("incorrect_device_code"), pending(), granted()}, []float64{6, 6, 6}},
		"Twitch's, once":        {[]http.HandlerFunc{jsonAnswer(400, `{"status":400,"message":"invalid device code"}`), granted()}, []float64{6, 6}},
		"slow_down, meanwhile":  {[]http.HandlerFunc{refusal("slow_down"), hangUp, hangUp, pending(), granted()}, []float64{6, 12, 24, 48, 12}},
	} {
		p := serve(t, test.answers...)
		token, err := p.flow().Wait(t.Context(), p.pending())
		if err != nil || token.Access.Reveal() != "example-token" {
			t.Errorf("%s: got %v, %v", name, token, err)
		}
		if got := len(p.requests()); got != len(test.answers) {
			t.Errorf("%s: %d requests, want %d", name, got, len(test.answers))
		}
		checkSleeps(t, name, p, test.want...)
	}
}

func TestWaitClampsTheInterval(t *testing.T) {
	t.Parallel()
	for interval, want := range map[time.Duration]float64{0: 6, -time.Second: 6, time.Nanosecond: 1.2, time.Hour: 72} {
		p := serve(t, granted())
		a := p.pending()
		a.Interval = interval
		if _, err := p.flow().Wait(t.Context(), a); err != nil {
			t.Errorf("%v: %v", interval, err)
		}
		checkSleeps(t, interval.String(), p, want)
	}
}

func TestWaitHonoursItsContext(t *testing.T) {
	t.Parallel()
	p := serve(t, pending(), pending(), granted())
	ctx, cancel := context.WithCancel(t.Context())
	p.clock.during = func() {
		if len(p.requests()) == 2 {
			cancel()
		}
	}
	a := p.pending()
	before := *a
	if _, err := p.flow().Wait(ctx, a); err != context.Canceled {
		t.Errorf("cancelled in a sleep: got %v", err)
	}
	p.clock.during = nil
	if token, err := p.flow().Wait(t.Context(), a); err != nil || token.Access.Reveal() != "example-token" {
		t.Errorf("waiting again: got %v, %v", token, err)
	}
	if *a != before {
		t.Errorf("the authorization became %+v", *a)
	}

	ctx, cancel = context.WithCancel(t.Context())
	p = serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	flow := p.flow()
	flow.Sleep = func(_ context.Context, d time.Duration) error { return p.clock.Sleep(context.Background(), d) }
	if _, err := flow.Wait(ctx, p.pending()); err != context.Canceled {
		t.Errorf("cancelled in a request, with a sleeper that doesn't look: got %v", err)
	}
	if got := len(p.requests()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestDeadlineIsTheCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		polls := 0
		flow := inMemory(func(*http.Request) (*http.Response, error) {
			polls++
			return response(200, "application/json", pendingBody), nil
		})
		a := &deviceflow.Authorization{DeviceCode: oauth.NewSecret(deviceCode), Interval: 5 * time.Second, Expiry: start.Add(15 * time.Minute)}
		_, err := flow.Wait(ctx, a)
		if err != context.DeadlineExceeded || polls != 3 || time.Since(start) != 20*time.Second {
			t.Errorf("got %v after %d polls in %v", err, polls, time.Since(start))
		}
	})
}

// A server that keeps silent costs half a minute a poll, not the sign-in.
func TestSilenceIsTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		flow := inMemory(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		a := &deviceflow.Authorization{DeviceCode: oauth.NewSecret(deviceCode), Interval: 5 * time.Second, Expiry: start.Add(time.Minute)}
		_, err := flow.Wait(t.Context(), a)
		if !errors.Is(err, deviceflow.ErrExpired) || errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute+18*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestSleepersErrorIsPassedOn(t *testing.T) {
	t.Parallel()
	p := serve(t, granted())
	flow, broken := p.flow(), errors.New("no clock")
	flow.Sleep = func(context.Context, time.Duration) error { return broken }
	if _, err := flow.Wait(t.Context(), p.pending()); err != broken || len(p.requests()) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestWaitNeedsASafeAddress(t *testing.T) {
	t.Parallel()
	p := serve(t, granted())
	flow := p.flow()
	flow.Client.Endpoint.TokenURL = "http://192.0.2.1/token"
	if _, err := flow.Wait(t.Context(), p.pending()); !errors.Is(err, oauth.ErrUnsafeAddress) || len(p.requests()) != 0 {
		t.Errorf("got %v", err)
	}
}

// A token on its way when the person gives up is not lost: the server hands it
// over once. It has a second.
func TestTokenOnItsWayIsKept(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration]error{999 * time.Millisecond: nil, 1001 * time.Millisecond: context.Canceled} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			flow := inMemory(func(r *http.Request) (*http.Response, error) {
				cancel()
				select {
				case <-time.After(late):
					return response(200, "application/json", grantedBody), nil
				case <-r.Context().Done():
					return nil, r.Context().Err()
				}
			})
			a := &deviceflow.Authorization{DeviceCode: oauth.NewSecret(deviceCode), Interval: 5 * time.Second, Expiry: time.Now().Add(time.Minute)}
			token, err := flow.Wait(ctx, a)
			if err != want || want == nil && token.Access.Reveal() != "example-token" {
				t.Errorf("after %s: got %v, %v", late, token, err)
			}
		})
	}
}
