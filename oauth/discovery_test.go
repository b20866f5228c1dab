package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// discovered is a server whose metadata somebody remembers, by a clock that the
// test moves.
type discovered struct {
	*recorder
	*oauth.Discovery
	now    time.Time
	answer http.HandlerFunc
}

func discovering(t *testing.T, header string) *discovered {
	t.Helper()
	d := &discovered{now: noon()}
	d.answer = func(w http.ResponseWriter, r *http.Request) {
		if header != "" {
			w.Header().Set("Cache-Control", header)
		}
		io.WriteString(w, about("http://"+r.Host, nil))
	}
	d.recorder = record(t, func(w http.ResponseWriter, r *http.Request) { d.answer(w, r) })
	d.Discovery = oauth.NewDiscovery(d.URL, d.Client(), func() time.Time { return d.now })
	return d
}

// RFC 9111 §5.2.2, within bounds: a server asked at each call is no use, nor are
// endpoints of last year.
func TestHowLongMetadataHolds(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                              time.Hour,
		"public":                        time.Hour,
		"public, max-age=7200":          2 * time.Hour,
		"MAX-AGE=7200":                  2 * time.Hour,
		`max-age="7200", private`:       2 * time.Hour,
		"max-age=15, stale-if-error=99": 5 * time.Minute,
		"max-age=0":                     5 * time.Minute,
		"max-age=-7200":                 5 * time.Minute,
		"max-age=soon":                  5 * time.Minute,
		"max-age=31536000":              24 * time.Hour,
		"max-age=99999999999999999999":  24 * time.Hour,
		"no-store":                      0,
		"max-age=7200, no-store":        0,
		"no-cache, max-age=7200":        0,
		"must-revalidate, max-age=7200": 2 * time.Hour,
	} {
		d := discovering(t, header)
		asked := []int{1, 1, 2}
		if want == 0 {
			asked = []int{1, 2, 3}
		}
		for i, at := range []time.Duration{0, max(0, want-time.Second), want} {
			d.now = noon().Add(at)
			if m, err := d.Metadata(t.Context()); err != nil || m.Endpoint.TokenURL != d.URL+"/token" {
				t.Fatalf("%q: got %+v, %v", header, m, err)
			}
			if got := len(d.requests()); got != asked[i] {
				t.Errorf("%q: asked %d times after %s, want %d", header, got, at, asked[i])
			}
		}
	}
}

// RFC 9111 §4.2.4: what has ended may serve where there is no connection, if the
// server hasn't forbidden it.
func TestMetadataThatHasEnded(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	elsewhere := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, about("https://other.example", nil)) }
	inPart := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == oauthPlace {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	}
	for name, test := range map[string]struct {
		header string
		answer http.HandlerFunc
		after  time.Duration
		serves bool
	}{
		"no answer":           {"max-age=3600", hangUp, time.Hour, true},
		"unavailable":         {"max-age=3600", answering(503, "", ""), time.Hour, true},
		"unavailable in part": {"max-age=3600", inPart, time.Hour, true},
		"too many":            {"max-age=3600", answering(429, "", ""), time.Hour, true},
		"nearly a day later":  {"max-age=3600", hangUp, time.Hour + day - time.Second, true},
		"a day later":         {"max-age=3600", hangUp, time.Hour + day, false},
		"it may not be":       {"max-age=3600, must-revalidate", hangUp, time.Hour, false},
		"it wasn't kept":      {"no-store", hangUp, 0, false},
		"not there any more":  {"max-age=3600", http.NotFound, time.Hour, false},
		"it is somebody else": {"max-age=3600", elsewhere, time.Hour, false},
	} {
		d := discovering(t, test.header)
		first, err := d.Metadata(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d.answer, d.now = test.answer, noon().Add(test.after)
		for range 2 {
			again, err := d.Metadata(t.Context())
			if (err == nil) != test.serves || test.serves && again != first {
				t.Errorf("%s: got %+v, %v", name, again, err)
			}
		}
	}
}

func TestMetadataIsNotRememberedWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	d := discovering(t, "")
	good := d.answer
	d.answer = http.NotFound
	if m, err := d.Metadata(t.Context()); m != nil || err == nil {
		t.Fatalf("got %+v", m)
	}
	d.answer = good
	if _, err := d.Metadata(t.Context()); err != nil {
		t.Error(err)
	}
}

// However many need it, the server is asked once, and each waits no longer than
// it wants to.
func TestMetadataIsAskedForOnce(t *testing.T) {
	t.Parallel()
	d := discovering(t, "")
	good, asked, let := d.answer, make(chan struct{}), make(chan struct{})
	var once sync.Once
	d.answer = func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(asked) })
		<-let
		good(w, r)
	}
	var failed atomic.Int32
	var all sync.WaitGroup
	need := func() {
		if _, err := d.Metadata(t.Context()); err != nil {
			failed.Add(1)
		}
	}
	all.Go(need)
	<-asked
	for range 10 {
		all.Go(need)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Metadata(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("one who doesn't wait got %v", err)
	}
	close(let)
	all.Wait()
	if failed.Load() != 0 || len(d.requests()) != 1 {
		t.Errorf("%d failed after %d requests", failed.Load(), len(d.requests()))
	}
}

// The end of whoever asks isn't the end of those who wait.
func TestMetadataOutlivesWhoAsked(t *testing.T) {
	t.Parallel()
	d := discovering(t, "")
	good, asked := d.answer, make(chan struct{})
	d.answer = func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}
	ctx, cancel := context.WithCancel(t.Context())
	var first, second error
	var both sync.WaitGroup
	both.Go(func() { _, first = d.Metadata(ctx) })
	<-asked
	d.answer = good
	both.Go(func() { _, second = d.Metadata(t.Context()) })
	cancel()
	both.Wait()
	if !errors.Is(first, context.Canceled) || second != nil {
		t.Errorf("who asked got %v, who waited %v", first, second)
	}
}
