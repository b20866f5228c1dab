package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
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
	// As a record of format 1, which holds no addresses.
	w.unbind(c)
	if _, err := away.Identify(t.Context()); err == nil || err.Error() != "broken" {
		t.Errorf("the error is %v", err)
	}
}

// An answer so broken that the error quotes it.
func TestTokenIsMaskedInErrors(t *testing.T) {
	t.Parallel()
	broken := roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, errors.New("malformed status " + r.Header.Get("Authorization"))
	})
	_, err := keyed(t, broken, "api.github.com").Get("https://api.github.com/user")
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, errors.Unwrap(err), err), exampleKey) || !strings.Contains(err.Error(), "malformed status") {
		t.Errorf("%v", err)
	}
}

// What only a reader of JSON could see is masked where it has been read.
func TestMask(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	if got := c.Mask("nothing to mask"); got != "nothing to mask" {
		t.Errorf("%q", got)
	}
	w.signIn(c)
	token := w.record(c).Token.Access.Reveal()
	equal(t, "masked", c.Mask("a "+token+" b"), "a "+strings.Repeat("*", len(token))+" b")
	early := credentials.New(credentials.Options{Settings: credentials.Settings{Token: oauth.NewSecret(exampleKey)}})
	equal(t, "masked before its first use", early.Mask(exampleKey), strings.Repeat("*", len(exampleKey)))
}

// A name that an API gives is shown in terminals, so it is one line of letters,
// and not the token.
func TestAccountIsFitToShow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ given, want string }{
		"escapes":   {"\x1b[31mEVIL\x1b]0;t\x07", "[31mEVIL]0;t"},
		"two lines": {"x: token from the keyring\nGitHub as root", "x: token from the keyringGitHub as root"},
		"turned":    {"a\u202eb\u200bc", "abc"},
		"long":      {strings.Repeat("ä", 500), strings.Repeat("ä", 100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.service.Identify = func(context.Context, *http.Client, string) (string, error) { return test.given, nil }
			c := w.credential()
			w.signIn(c)
			equal(t, "kept", w.record(c).Account, test.want)
			account, err := c.Identify(t.Context())
			must(t, err)
			equal(t, "asked", account, test.want)
		})
	}
	w := lasting(t)
	w.service.Identify = func(_ context.Context, api *http.Client, apiURL string) (string, error) {
		_, err := login(t.Context(), api, apiURL)
		return w.sent(), err
	}
	c := w.credential()
	w.signIn(c)
	if account := w.record(c).Account; strings.Trim(account, "*") != "" || account == "" {
		t.Errorf("the token is the account: %s", account)
	}
}
