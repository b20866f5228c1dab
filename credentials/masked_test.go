package credentials_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/valetkey/valetkey/credentials"
)

// parrot is an API that repeats the token it was sent wherever it can.
func parrot(body func(token string) io.Reader) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return &http.Response{
			StatusCode: http.StatusTeapot,
			Status:     "418 " + token,
			Header:     http.Header{"X-Echo": {"a", "you sent " + token}, "Location": {"https://example.com/?t=" + token}},
			Body:       io.NopCloser(body(token)),
			Request:    r,
		}, nil
	}
}

// Whatever the service repeats of the token, nobody gets to read it.
func TestTokenIsMaskedInAnswers(t *testing.T) {
	t.Parallel()
	hidden := strings.Repeat("*", len(exampleKey))
	half := exampleKey[:len(exampleKey)/2]
	for name, text := range map[string]string{
		"nothing":         "",
		"no token":        "the answer to everything",
		"the token":       exampleKey,
		"in the middle":   `{"message":"` + exampleKey + ` is bad","again":"` + exampleKey + `"}`,
		"side by side":    exampleKey + exampleKey,
		"a half before":   half + exampleKey + half,
		"a half":          half,
		"far into it":     strings.Repeat("x", 4<<10-5) + exampleKey + strings.Repeat("y", 9000) + exampleKey,
		"one letter less": exampleKey[:len(exampleKey)-1],
	} {
		for kind, read := range map[string]func(io.Reader) io.Reader{
			"at once":      func(r io.Reader) io.Reader { return r },
			"byte by byte": iotest.OneByteReader,
			"data and EOF": iotest.DataErrReader,
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				api := parrot(func(string) io.Reader { return read(strings.NewReader(text)) })
				response, err := keyed(t, api, "api.github.com").Get("https://api.github.com/user")
				must(t, err)
				got, err := io.ReadAll(read(response.Body))
				must(t, err)
				equal(t, "body", string(got), strings.ReplaceAll(text, exampleKey, hidden))
				equal(t, "status", response.Status, "418 "+hidden)
				equal(t, "header", response.Header.Get("X-Echo")+response.Header.Values("X-Echo")[1], "ayou sent "+hidden)
			})
		}
	}
}

// An error in the middle of an answer is passed on, after what came before it.
func TestMaskedAnswerBreaksOff(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	api := parrot(func(token string) io.Reader {
		return io.MultiReader(strings.NewReader("ab"+token+"c"), iotest.ErrReader(broken))
	})
	response, err := keyed(t, api, "api.github.com").Get("https://api.github.com/user")
	must(t, err)
	got, err := io.ReadAll(response.Body)
	if !errors.Is(err, broken) {
		t.Errorf("got the error %v", err)
	}
	equal(t, "body", string(got), "ab"+strings.Repeat("*", len(exampleKey))+"c")
}

// An answer without end isn't read without end, wherever it comes from.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://api.github.com/user", "https://example.com/"} {
		api := parrot(func(string) io.Reader { return endless{} })
		response, err := keyed(t, api, "api.github.com").Get(address)
		must(t, err)
		n, err := io.Copy(io.Discard, response.Body)
		var large *http.MaxBytesError
		if !errors.As(err, &large) || n > 32<<20 {
			t.Errorf("%s: %d bytes and the error %v", address, n, err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Whose a token is can be asked without the answer's address in an error.
func TestIdentify(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	_, err := c.Identify(t.Context())
	required(t, err)
	w.signIn(c)
	account, err := c.Identify(t.Context())
	must(t, err)
	equal(t, "account", account, "mona-example")
	w.service.APIURL = "https://nowhere.example/?code=example-code#"
	w.service.Hosts = []string{"nowhere.example"}
	away := w.with(options(w, func(o *credentials.Options) {
		o.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") })
	}))
	if _, err := away.Identify(t.Context()); err == nil || err.Error() != "broken" {
		t.Errorf("the error is %v", err)
	}
}
