package gate_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// square is a service whose places are the first part of a path: those that begin
// with p are private, and those with x can't be told.
type square struct {
	*gate.Gate
	asked, changed atomic.Int32
}

func newSquare(t *testing.T, name string, rules *gate.Rules) *square {
	t.Helper()
	q := &square{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			q.changed.Add(1)
		case strings.HasSuffix(r.URL.Path, "/gone"):
			w.WriteHeader(http.StatusNotFound)
		case strings.HasSuffix(r.URL.Path, "/same"):
			w.WriteHeader(http.StatusNotModified)
		case strings.HasSuffix(r.URL.Path, "/away"):
			http.Redirect(w, r, "/-/stored", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	q.Gate = &gate.Gate{
		Next: http.DefaultTransport, Service: name, Base: server.URL + "/", Rules: rules,
		Place: func(r *http.Request) string {
			place, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			return strings.Trim(place, "-")
		},
		Public: func(ctx context.Context, api *http.Client, apiURL, place string) (bool, error) {
			q.asked.Add(1)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, apiURL+"-/"+place, nil)
			if err != nil {
				return false, err
			}
			answer, err := api.Do(request)
			if err != nil {
				return false, err
			}
			answer.Body.Close()
			if strings.HasPrefix(place, "x") {
				return false, errors.New("nobody knows")
			}
			return !strings.HasPrefix(place, "p"), nil
		},
	}
	return q
}

// ask makes a request as a call, up to its end.
func (q *square) ask(t *testing.T, call *gate.Call, method, path string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(gate.With(t.Context(), call), method, q.Base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer call.Answered()
	answer, err := (&http.Client{Transport: q.Gate}).Do(request)
	if err == nil {
		answer.Body.Close()
	}
	return err
}

func (q *square) read(t *testing.T, path string) {
	t.Helper()
	if err := q.ask(t, &gate.Call{Tool: "read", Access: policy.Read, Strangers: true}, http.MethodGet, path); err != nil {
		t.Fatal(err)
	}
}

// why is why a change is asked about; "": it was sent.
func (q *square) why(t *testing.T, outward gate.Outward, path string) string {
	t.Helper()
	var missing *gate.Unconfirmed
	err := q.ask(t, &gate.Call{Tool: "write", Access: policy.Write, Outward: outward}, http.MethodPost, path)
	if err != nil && !errors.As(err, &missing) {
		t.Fatal(err)
	}
	if missing == nil {
		return ""
	}
	return missing.Why.String()
}

func usual() *gate.Rules {
	return &gate.Rules{Confirm: gate.AfterStranger, Untrusted: &gate.Untrusted{}}
}

// TestWhatIsAskedAbout: by what was read before, and where the change goes.
func TestWhatIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read    []string
		outward gate.Outward
		write   string
		want    string
		asked   int32
	}{
		"nothing was read":             {nil, gate.Anywhere, "q/a", "", 0},
		"private, then anywhere":       {[]string{"p/a", "p/b"}, gate.Anywhere, "q/a", "", 1},
		"private, then public":         {[]string{"p/a"}, gate.InPublic, "q/a", "", 1},
		"public, then anywhere":        {[]string{"q/a"}, gate.Anywhere, "q/a", "in q at square", 1},
		"public, then public":          {[]string{"q/a"}, gate.InPublic, "r/a", "in q at square", 2},
		"public, then private":         {[]string{"q/a"}, gate.InPublic, "p/a", "", 2},
		"public, then nowhere":         {[]string{"q/a"}, gate.Nowhere, "q/a", "", 0},
		"no place, then anywhere":      {[]string{"-/a"}, gate.Anywhere, "q/a", "in square", 0},
		"public, then no place":        {[]string{"q/a"}, gate.InPublic, "-/a", "in q at square", 1},
		"unknown, then anywhere":       {[]string{"x/a"}, gate.Anywhere, "q/a", "in x at square", 1},
		"public, then unknown":         {[]string{"q/a"}, gate.InPublic, "x/a", "in q at square", 2},
		"not found":                    {[]string{"q/gone"}, gate.Anywhere, "q/a", "in q at square", 1},
		"as it was":                    {[]string{"q/same"}, gate.Anywhere, "q/a", "in q at square", 1},
		"led elsewhere by the private": {[]string{"p/away"}, gate.Anywhere, "q/a", "", 1},
		"led elsewhere by the public":  {[]string{"q/away"}, gate.Anywhere, "q/a", "in q at square", 1},
		"the first one is named":       {[]string{"p/a", "r/a", "q/a"}, gate.Anywhere, "q/a", "in r at square", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newSquare(t, "square", usual())
			for _, path := range c.read {
				q.read(t, path)
			}
			if n := q.asked.Load(); n != 0 {
				t.Errorf("reading was followed by %d questions", n)
			}
			why := q.why(t, c.outward, c.write)
			if (why == "") != (c.want == "") || !strings.HasSuffix(why, c.want) {
				t.Errorf("asked since %q, want %q", why, c.want)
			}
			if sent := q.changed.Load() == 1; sent != (c.want == "") {
				t.Errorf("%d changes", q.changed.Load())
			}
			if n := q.asked.Load(); n != c.asked {
				t.Errorf("%d questions, want %d", n, c.asked)
			}
		})
	}
}

// TestReadingCountsOnceAnswered: a call's own change can't come from what it reads.
func TestReadingCountsOnceAnswered(t *testing.T) {
	t.Parallel()
	q := newSquare(t, "square", usual())
	call := &gate.Call{Tool: "both", Access: policy.Write, Strangers: true, Outward: gate.Anywhere}
	client := &http.Client{Transport: q.Gate}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		request, err := http.NewRequestWithContext(gate.With(t.Context(), call), method, q.Base+"q/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if why := q.why(t, gate.Anywhere, "q/b"); why != "" {
		t.Errorf("asked before anybody had the answer: %s", why)
	}
	call.Answered()
	if why := q.why(t, gate.Anywhere, "q/b"); why == "" {
		t.Error("not asked after it")
	}
}

// TestTwoServices: what was read at one keeps what goes out by the other.
func TestTwoServices(t *testing.T) {
	t.Parallel()
	rules := usual()
	one, other := newSquare(t, "one", rules), newSquare(t, "other", rules)
	other.Public = nil
	one.read(t, "p/a")
	if why := other.why(t, gate.Anywhere, "a"); why != "" {
		t.Errorf("asked since %q", why)
	}
	one.read(t, "q/a")
	if why := other.why(t, gate.InPublic, "a"); !strings.HasSuffix(why, "in q at one") {
		t.Errorf("asked since %q", why)
	}
	if one.asked.Load() != 2 || other.asked.Load() != 0 {
		t.Errorf("%d and %d questions", one.asked.Load(), other.asked.Load())
	}
}

// TestNobodyToSaySo: a failed question isn't taken for an answer that holds.
func TestNobodyToSaySo(t *testing.T) {
	t.Parallel()
	q := newSquare(t, "square", usual())
	says, public := atomic.Bool{}, q.Public
	q.Public = func(ctx context.Context, api *http.Client, apiURL, place string) (bool, error) {
		if !says.Load() {
			return false, errors.New("out of reach")
		}
		return public(ctx, api, apiURL, place)
	}
	q.read(t, "p/a")
	for range 2 {
		if q.why(t, gate.Anywhere, "q/a") == "" {
			t.Error("not asked though nobody knows")
		}
	}
	says.Store(true)
	if why := q.why(t, gate.Anywhere, "q/a"); why != "" {
		t.Errorf("asked since %q", why)
	}
}

// TestLookupsOnlyRead: what a service asks a place by changes nothing, has an end,
// and doesn't come back to the gate.
func TestLookupsOnlyRead(t *testing.T) {
	t.Parallel()
	q := newSquare(t, "square", usual())
	var failed error
	q.Public = func(ctx context.Context, api *http.Client, apiURL, place string) (bool, error) {
		if _, ends := ctx.Deadline(); !ends {
			t.Error("it may last for ever")
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, apiURL+"q/a", nil)
		if err != nil {
			return false, err
		}
		_, failed = api.Do(request)
		return false, nil
	}
	q.read(t, "p/a")
	q.why(t, gate.Anywhere, "q/a")
	if failed == nil || q.changed.Load() != 1 {
		t.Errorf("%v, and %d changes", failed, q.changed.Load())
	}
}

// TestManyAtOnce: each place is asked about once, whoever wants to know.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	q := newSquare(t, "square", usual())
	q.read(t, "p/a")
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() { q.read(t, "P/a"); q.why(t, gate.Anywhere, "q/a") })
	}
	calls.Wait()
	if n := q.asked.Load(); n != 1 {
		t.Errorf("%d questions", n)
	}
}

// TestTooManyPlaces: more than can be remembered count as public.
func TestTooManyPlaces(t *testing.T) {
	t.Parallel()
	q := newSquare(t, "square", usual())
	for i := range 101 {
		q.read(t, fmt.Sprintf("p%d/a", i))
	}
	if why := q.why(t, gate.Anywhere, "q/a"); !strings.HasSuffix(why, "in p100 at square") {
		t.Errorf("asked since %q", why)
	}
}

// TestNoRules: where nobody says anything, what goes outward is asked about.
func TestNoRules(t *testing.T) {
	t.Parallel()
	for _, rules := range []*gate.Rules{nil, {}, {Confirm: gate.AfterStranger}} {
		q := newSquare(t, "square", rules)
		var whys []string
		for _, outward := range []gate.Outward{gate.Nowhere, gate.InPublic, gate.Anywhere} {
			whys = append(whys, q.why(t, outward, "q/a"))
		}
		if whys[0] != "" || slices.Contains(whys[1:], "") {
			t.Errorf("%+v: %q", rules, whys)
		}
	}
}
