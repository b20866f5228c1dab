package oauth_test

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

type issued struct {
	body, access, refresh, kind string
	scopes                      string
	expiry, refreshExpiry       time.Duration
}

// issuedTokens are the answers of the providers' documentation, with example
// tokens, and some that are worse.
func issuedTokens() map[string]issued {
	return map[string]issued{
		"RFC 6749 §5.1": {
			`{"access_token":"example-2YotnFZFEjr1","token_type":"example","expires_in":3600,"refresh_token":"example-tGzv3JOkF0XG","example_parameter":"example_value"}`,
			"example-2YotnFZFEjr1", "example-tGzv3JOkF0XG", "Bearer", "-", time.Hour, 0,
		},
		"GitHub OAuth App, as a form": {
			"access_token=example-gho-16C7e42F&token_type=bearer&scope=repo%2Cgist",
			"example-gho-16C7e42F", "", "Bearer", "repo gist", 0, 0,
		},
		"GitHub App": {
			`{"access_token":"example-ghu","expires_in":28800,"refresh_token":"example-ghr","refresh_token_expires_in":15897600,"scope":"","token_type":"bearer"}`,
			"example-ghu", "example-ghr", "Bearer", "", 8 * time.Hour, 184 * 24 * time.Hour,
		},
		"Slack, a user's": {
			`{"ok":true,"app_id":"A0","authed_user":{"id":"U1","scope":"chat:write,users:read","access_token":"example-xoxp","token_type":"user","refresh_token":"example-xoxe","expires_in":43200},"access_token":null}`,
			"example-xoxp", "example-xoxe", "Bearer", "chat:write users:read", 12 * time.Hour, 0,
		},
		"Slack, a bot's": {
			`{"ok":true,"access_token":"example-xoxb","token_type":"bot","scope":"commands","authed_user":{"access_token":"example-xoxp"}}`,
			"example-xoxb", "", "Bearer", "commands", 0, 0,
		},
		"Twitch": {
			`{"access_token":"example-twitch","expires_in":14124,"refresh_token":"example-r","scope":["channel:manage:polls"],"token_type":"bearer"}`,
			"example-twitch", "example-r", "Bearer", "channel:manage:polls", 14124 * time.Second, 0,
		},
		"scopes that aren't": {
			`{"access_token":"example-2YotnFZFEjr1","refresh_token":"example-tGzv3JOkF0XG","scope":"repo \u001b[31mEVIL \u001b]0;t\u0007 \u202e x\"y a\\b example-2YotnFZFEjr1 has-example-tGzv3JOkF0XG-in ` + strings.Repeat("z", 101) + ` gist"}`,
			"example-2YotnFZFEjr1", "example-tGzv3JOkF0XG", "Bearer", "repo gist", 0, 0,
		},
		"numbers as text":  {`{"access_token":"a","expires_in":"3600","refresh_token_expires_in":"7200.0"}`, "a", "", "Bearer", "-", time.Hour, 2 * time.Hour},
		"a float":          {`{"access_token":"a","expires_in":3600.0}`, "a", "", "Bearer", "-", time.Hour, 0},
		"null":             {`{"access_token":"a","expires_in":null,"refresh_token":null,"scope":null}`, "a", "", "Bearer", "-", 0, 0},
		"zero":             {`{"access_token":"a","expires_in":0}`, "a", "", "Bearer", "-", 0, 0},
		"negative":         {`{"access_token":"a","expires_in":-1}`, "a", "", "Bearer", "-", 0, 0},
		"no number":        {`{"access_token":"a","expires_in":"never"}`, "a", "", "Bearer", "-", 0, 0},
		"huge":             {`{"access_token":"a","expires_in":1e300}`, "a", "", "Bearer", "-", 100 * 365 * 24 * time.Hour, 0},
		"spelt otherwise":  {`{"access_token":"a","token_type":"BEARER"}`, "a", "", "Bearer", "-", 0, 0},
		"something else":   {`{"access_token":"a","token_type":"dpop"}`, "a", "", "DPoP", "-", 0, 0},
		"yet another":      {`{"access_token":"a","token_type":"mac"}`, "a", "", "MAC", "-", 0, 0},
		"without any type": {`{"access_token":"a"}`, "a", "", "Bearer", "-", 0, 0},
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for name, test := range issuedTokens() {
		token, err := parse(t, test.body).Token(noon())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		scopes := strings.Join(token.Scopes, " ")
		if token.Scopes == nil {
			scopes = "-"
		}
		if token.Access.Reveal() != test.access || token.Refresh.Reveal() != test.refresh || token.Type != test.kind || scopes != test.scopes {
			t.Errorf("%s: got %q, %q, %q, %q", name, token.Access.Reveal(), token.Refresh.Reveal(), token.Type, scopes)
		}
		if !token.Expiry.Equal(after(test.expiry)) || !token.RefreshExpiry.Equal(after(test.refreshExpiry)) {
			t.Errorf("%s: expires at %v and %v", name, token.Expiry, token.RefreshExpiry)
		}
	}
}

// WorkOS and others leave out expires_in, and the access token says it (RFC 7519
// §4.1.4, RFC 9068 §2.2).
func TestTokenThatSaysWhenItExpires(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return strconv.FormatInt(noon().Add(d).Unix(), 10) }
	for name, test := range map[string]struct {
		rest, access string
		want         time.Duration
	}{
		"a JWT":                 {"", jwt(`{"exp":` + in(time.Hour) + `,"sub":"mona"}`), time.Hour},
		"a fraction":            {"", jwt(`{"exp":` + in(time.Hour) + `.25}`), time.Hour},
		"null before":           {`,"expires_in":null`, jwt(`{"exp":` + in(time.Hour) + `}`), time.Hour},
		"the answer goes first": {`,"expires_in":60`, jwt(`{"exp":` + in(time.Hour) + `}`), time.Minute},
		"none in it":            {"", jwt(`{"sub":"mona"}`), 0},
		"over already":          {"", jwt(`{"exp":` + in(-time.Hour) + `}`), 0},
		"now":                   {"", jwt(`{"exp":` + in(0) + `}`), 0},
		"never":                 {"", jwt(`{"exp":1e300}`), 0},
		"a word":                {"", jwt(`{"exp":"tomorrow"}`), 0},
		"a list":                {"", jwt(`[` + in(time.Hour) + `]`), 0},
		"two values":            {"", jwt(`{"exp":` + in(time.Hour) + `} {}`), 0},
		"two parts":             {"", strings.TrimSuffix(jwt(`{"exp":`+in(time.Hour)+`}`), ".example"), 0},
		"five parts, a JWE":     {"", jwt(`{"exp":`+in(time.Hour)+`}`) + ".a.b", 0},
		"not base64url":         {"", "a." + base64.StdEncoding.EncodeToString([]byte(`{"exp":`+in(time.Hour)+`}??>`)) + ".b", 0},
		"dots only":             {"", "..", 0},
	} {
		token, err := parse(t, `{"access_token":"`+test.access+`"`+test.rest+`}`).Token(noon())
		if err != nil || !token.Expiry.Equal(after(test.want)) {
			t.Errorf("%s: got %+v, %v", name, token, err)
		}
	}
}

func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".example"
}

func after(d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return noon().Add(d)
}

func TestTokenAgesWhileTheMachineSleeps(t *testing.T) {
	t.Parallel()
	now := time.Now()
	token, err := parse(t, `{"access_token":"a","expires_in":60}`).Token(now)
	if err != nil || !token.Expiry.Equal(now.Add(time.Minute)) {
		t.Fatalf("got %v, %v", token, err)
	}
	if strings.Contains(token.Expiry.String(), "m=") {
		t.Errorf("%v is counted by the monotonic clock, which stands still while a machine sleeps", token.Expiry)
	}
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"token_type":"bearer"}`,
		`{"access_token":""}`,
		`{"access_token":null}`,
		`{"access_token":17}`,
		`{"access_token":["a"]}`,
		`{"access_token":"` + canary + `\r\nX-Evil: 1"}`,
		`{"access_token":"` + canary + ` "}`,
		`{"access_token":"` + canary + `\u00e9"}`,
		`{"access_token":"` + strings.Repeat("a", 64<<10+1) + `"}`,
		`{"access_token":"a","refresh_token":"` + strings.Repeat("a", 64<<10+1) + `"}`,
		`{"authed_user":{"id":"U1"}}`,
		`{"authed_user":"` + canary + `"}`,
	} {
		token, err := parse(t, body).Token(noon())
		if token != nil || !errors.Is(err, oauth.ErrAnswer) || shows(err.Error()) {
			t.Errorf("%s: got %v, %v; want ErrAnswer without the value", body, token, err)
		}
	}
}
