package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

const exampleKey = "example-key-1"

// sent is the token of the last call to the API.
func (w *world) sent() string {
	w.t.Helper()
	requests := w.box.Requests()
	if len(requests) == 0 {
		return ""
	}
	return strings.TrimPrefix(requests[len(requests)-1].Header.Get("Authorization"), "Bearer ")
}

func keyFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func overwrite(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

// The three ways, and their order. With a key the store is never touched.
func TestKeyIsSentAndTheStoreLeftAlone(t *testing.T) {
	t.Parallel()
	file := keyFile(t, "example-file-key\n")
	command := myself(t, "print", "example-command-key")
	cases := []struct {
		name     string
		settings credentials.Settings
		want     string
		source   credentials.Source
		variable string
	}{
		{"environment", credentials.Settings{Token: oauth.NewSecret("example-env-key"), KeyVariable: "GH_TOKEN"}, "example-env-key", credentials.SourceEnv, "GH_TOKEN"},
		{"file", credentials.Settings{TokenFile: file}, "example-file-key", credentials.SourceFile, "GITHUB_TOKEN_FILE"},
		{"command", credentials.Settings{TokenCommand: command}, "example-command-key", credentials.SourceCommand, "GITHUB_TOKEN_COMMAND"},
		{"environment before file and command", credentials.Settings{Token: oauth.NewSecret("example-env-key"), KeyVariable: "GITHUB_TOKEN", TokenFile: file, TokenCommand: command}, "example-env-key", credentials.SourceEnv, "GITHUB_TOKEN"},
		{"file before command", credentials.Settings{TokenFile: file, TokenCommand: command}, "example-file-key", credentials.SourceFile, "GITHUB_TOKEN_FILE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.settings, w.store = c.settings, forbidden{t}
			credential := w.credential()
			_ = w.call(credential)
			equal(t, "the token sent", w.sent(), c.want)
			status, err := credential.Status(t.Context())
			must(t, err)
			equal(t, "source", status.Source, c.source)
			equal(t, "variable", status.Variable, c.variable)
			equal(t, "signed in", status.SignedIn, true)
			if _, err := credential.SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), c.variable) {
				t.Errorf("SignIn with a key: %v", err)
			}
			equal(t, "sign-ins", w.signIns(), 0)
		})
	}
}

func TestKeyContent(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, want, complaint string }{
		{"plain", exampleKey, exampleKey, ""},
		{"newline and spaces around", " \n" + exampleKey + "\r\n\n", exampleKey, ""},
		{"byte order mark", "\ufeff" + exampleKey + "\r\n", exampleKey, ""},
		{"nothing", "", "", "gave nothing"},
		{"only spaces", " \n\t", "", "gave nothing"},
		{"two words", "example key", "", "no token has"},
		{"two lines", "example\nkey", "", "no token has"},
		{"control character", "example\x00key", "", "no token has"},
		{"UTF-16, as PowerShell writes it", "\xff\xfee\x00x\x00", "", "no token has"},
		{"a letter that is not ASCII", "exämple", "", "no token has"},
		{"too much", strings.Repeat("e", 64<<10+1), "", "65536 bytes"},
		{"an unexpanded variable is not a key in a file", "${TOKEN}", "${TOKEN}", ""},
	}
	for _, c := range cases {
		for variable, settings := range map[string]credentials.Settings{
			"GITHUB_TOKEN_FILE":    {TokenFile: keyFile(t, c.content)},
			"GITHUB_TOKEN_COMMAND": {TokenCommand: myself(t, "file", keyFile(t, c.content))},
		} {
			t.Run(c.name+" "+variable, func(t *testing.T) {
				t.Parallel()
				w := lasting(t)
				w.settings, w.store = settings, forbidden{t}
				err := w.call(w.credential())
				if c.complaint == "" {
					equal(t, "the token sent", w.sent(), c.want)
					return
				}
				equal(t, "calls", w.calls(), 0)
				contains(t, "the error", err.Error(), c.complaint, variable, "unset "+variable)
			})
		}
	}
}

func TestKeyFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings.TokenFile = filepath.Join(t.TempDir(), "example-secret-in-the-wrong-place")
	w.store = forbidden{t}
	err := w.call(w.credential())
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	contains(t, "the error", err.Error(), "GITHUB_TOKEN_FILE")
	if strings.Contains(err.Error(), "wrong-place") {
		t.Errorf("the error quotes the variable: %v", err)
	}
}

// No shell sees the command: nothing is expanded, quotes group, and a backslash
// is a letter of a Windows path.
func TestKeyCommandArguments(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	must(t, err)
	cases := []struct {
		line string
		want []string
	}{
		{`a b`, []string{"a", "b"}},
		{"  a \t b  ", []string{"a", "b"}},
		{`"a b" 'c d'`, []string{"a b", "c d"}},
		{`a"b c"d`, []string{"ab cd"}},
		{`"it's" 'say "x"'`, []string{"it's", `say "x"`}},
		{`"" a ''`, []string{"", "a", ""}},
		{`$(whoami) $HOME ~ * %PATH% a;b a|b >f && "c` + "`d`" + `"`, []string{"$(whoami)", "$HOME", "~", "*", "%PATH%", "a;b", "a|b", ">f", "&&", "c`d`"}},
		{`op://Private/GitHub/token`, []string{"op://Private/GitHub/token"}},
		{`"C:\Program Files\x\" y\z \`, []string{`C:\Program Files\x\`, `y\z`, `\`}},
	}
	for _, c := range cases {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.settings.TokenCommand = `"` + program + `" play arguments ` + c.line
			_ = w.call(w.credential())
			var got []string
			must(t, json.Unmarshal([]byte(w.sent()), &got))
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestKeyCommandThatFails(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, line, complaint string }{
		{"exit code", myself(t, "fail", "example-secret-output"), "exit status 3"},
		{"no such program", "example-secret-program-that-is-not-there", "not on the PATH"},
		{"no such path", "/example-secret-directory/program", ""},
		{"an open quote", `gh "auth`, "is not closed"},
		{"no command", `"" x`, "no command"},
		{"a flood", myself(t, "flood"), "65536 bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.settings.TokenCommand, w.store = c.line, forbidden{t}
			err := w.call(w.credential())
			if err == nil {
				t.Fatal("no error")
			}
			contains(t, "the error", err.Error(), "github: GITHUB_TOKEN_COMMAND gives the key, and it can't be read", c.complaint, "unset GITHUB_TOKEN_COMMAND to sign in")
			if strings.Contains(err.Error(), "example-secret") || strings.Contains(w.log.String(), "example-secret") {
				t.Errorf("the error quotes the command or what it printed: %v", err)
			}
			equal(t, "calls", w.calls(), 0)
		})
	}
}

// The first caller may give up; the command goes on for the others. Close ends
// it.
func TestKeyCommandEndsWithTheCredential(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings.TokenCommand = myself(t, "hang")
	c := w.credential()
	ended := make(chan error, 1)
	go func() { ended <- w.call(c) }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := login(ctx, c.Client(), w.service.APIURL)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a call that is cancelled: %v", err)
	}
	c.Close()
	if err := <-ended; err == nil {
		t.Error("a call succeeded without a key")
	}
}

// A key that was replaced, for instance by a rotation, is read again after a
// 401, once for each call.
func TestRefusedKeyIsReadAgain(t *testing.T) {
	t.Parallel()
	file := keyFile(t, "example-old-key")
	for variable, settings := range map[string]credentials.Settings{
		"GITHUB_TOKEN_FILE":    {TokenFile: file},
		"GITHUB_TOKEN_COMMAND": {TokenCommand: myself(t, "file", file)},
	} {
		t.Run(variable, func(t *testing.T) {
			w := lasting(t)
			w.settings, w.store = settings, forbidden{t}
			c := w.credential()
			for range 2 {
				err := w.call(c)
				if !errors.Is(err, credentials.ErrKeyRefused) {
					t.Fatalf("an old key: %v", err)
				}
				contains(t, "the error", err.Error(), variable, w.service.Host, "unset "+variable)
			}
			equal(t, "calls to the API with the same key", w.calls(), 2)
			overwrite(t, file, w.box.IssueToken("repo"))
			must(t, w.call(c))
			good := w.sent()
			w.box.RevokeTokens()
			fresh := w.box.IssueToken("repo")
			overwrite(t, file, fresh)
			before := w.calls()
			must(t, w.call(c))
			equal(t, "calls to the API: one refused, one not", w.calls()-before, 2)
			equal(t, "the token sent", w.sent(), fresh)
			if good == fresh {
				t.Error("the key is the same")
			}
			overwrite(t, file, "example-old-key")
			w.box.RevokeTokens()
			if err := w.call(c); !errors.Is(err, credentials.ErrKeyRefused) {
				t.Errorf("a wrong key after a good one: %v", err)
			}
		})
	}
}

// A request that comes back late with a 401 finds that the key was read again
// since: no command that may ask a person is run for it once more.
func TestLateRefusalOfAnOldKey(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	old := w.box.IssueToken("repo")
	file, runs := keyFile(t, old), keyFile(t, "")
	w.settings.TokenCommand, w.store = myself(t, "count", file, runs), forbidden{t}
	arrived, release := make(chan struct{}), make(chan struct{})
	late := make(chan error, 1)
	c := w.with(options(w, func(o *credentials.Options) {
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("X-Late") != "" && strings.HasSuffix(r.Header.Get("Authorization"), old) {
				close(arrived)
				<-release
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	}))
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.service.APIURL+"user", nil)
		r.Header.Set("X-Late", "yes")
		response, err := c.Client().Do(r)
		if err == nil {
			err = response.Body.Close()
		}
		late <- err
	}()
	<-arrived
	w.box.RevokeTokens()
	overwrite(t, file, w.box.IssueToken("repo"))
	must(t, w.call(c))
	close(release)
	must(t, <-late)
	count, err := os.ReadFile(runs)
	must(t, err)
	equal(t, "runs of the command", string(count), "xx")
}

func TestRefusedKeyFromTheEnvironment(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings = credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GH_TOKEN"}
	w.store = forbidden{t}
	c := w.credential()
	for range 2 {
		err := w.call(c)
		if !errors.Is(err, credentials.ErrKeyRefused) {
			t.Fatalf("%v", err)
		}
		contains(t, "the error", err.Error(), "GH_TOKEN", w.service.Host)
	}
	equal(t, "calls", w.calls(), 2)
	equal(t, "sign-ins", w.signIns(), 0)
}
