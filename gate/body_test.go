package gate_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// TestWhatIsJudgedIsSent: the body that was judged is the one that is sent, and sent
// again, whatever the request says of itself.
func TestWhatIsJudgedIsSent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 1<<16)
	for name, c := range map[string]struct {
		body, want string
		change     func(*http.Request)
	}{
		"plain": {"judged", "judged", func(*http.Request) {}},
		"long":  {long, long, func(*http.Request) {}},
		"another GetBody": {"judged", "judged", func(r *http.Request) {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("harmless")), nil }
		}},
		"no GetBody":        {"judged", "judged", func(r *http.Request) { r.GetBody = nil }},
		"a wrong length":    {"judged", "judged", func(r *http.Request) { r.ContentLength = 2 }},
		"an unknown length": {"judged", "judged", func(r *http.Request) { r.ContentLength, r.TransferEncoding = -1, []string{"chunked"} }},
		"empty":             {"", "", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("")) }},
	} {
		for _, reads := range []bool{false, true} {
			service := &behind{}
			g := &gate.Gate{Next: service, Base: base, Rules: &gate.Rules{Confirm: gate.Never}, Reads: func(r *http.Request) bool {
				body, err := r.GetBody()
				if err != nil {
					t.Error(err)
				}
				content, _ := io.ReadAll(body)
				return reads && string(content) == c.want
			}}
			if c.want == "" {
				g.Reads = func(*http.Request) bool { return reads }
			}
			call := &gate.Call{Access: policy.Write}
			r, err := http.NewRequestWithContext(gate.With(t.Context(), call), "POST", base, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			c.change(r)
			header, length := r.Header.Clone(), r.ContentLength
			if _, err := g.RoundTrip(r); err != nil || len(service.got) != 1 || service.got[0] != (arrived{"POST", base, c.want, int64(len(c.want)), c.want}) {
				t.Errorf("%s: %v", name, err)
			}
			if len(header) != len(r.Header) || r.ContentLength != length || call.Passed() == reads {
				t.Errorf("%s: the request was changed, or is taken for one that changes: %v", name, call.Passed())
			}
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestBodiesThatCantBeJudged are not sent, and no lost answer either.
func TestBodiesThatCantBeJudged(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.Reader{"broken": broken{}, "endless": endless{}} {
		service := &behind{}
		g := &gate.Gate{Next: service, Base: base}
		r, err := http.NewRequestWithContext(gate.With(t.Context(), &gate.Call{Access: policy.Write}), "POST", base, body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.RoundTrip(r); outcome(err) != "body" || errors.Is(err, io.ErrUnexpectedEOF) || service.count() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
