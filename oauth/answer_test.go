package oauth_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

func TestParseAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"name":"a b"}`,
		"\ufeff {\"name\":\"a b\"}\r\n",
		`{"name":"a b","other":[1,{"deep":null}]}`,
		"name=a+b",
		"name=a%20b&other=1&name=second",
		"\n name=a%20b \n",
	} {
		answer, err := oauth.ParseAnswer([]byte(body))
		if err != nil || answer.String("name") != "a b" {
			t.Errorf("%q: got %q, %v", body, answer.String("name"), err)
		}
	}
	for _, body := range []string{
		"", " ", "null", "true", "17", `"name=a"`, "[]", `[{"name":"a"}]`, "{}", "{", `{"name":"a"`, `{"name":"a"} and more`,
		`{"name":"a"}{"name":"b"}`, "name", "no form but words", "=a", "&", "a;b=c", "name=%zz",
		"<html><body class=x>name=a</body></html>", "<!DOCTYPE html>", "503 Service Unavailable, retry=no", "\x00\x01=\x02",
	} {
		if _, err := oauth.ParseAnswer([]byte(body)); !errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%q: got %v, want ErrAnswer", body, err)
		}
	}
}

func TestAnswerText(t *testing.T) {
	t.Parallel()
	answer := parse(t, `{"text":"x","number":1,"null":null,"list":["x"],"object":{"text":"y"}}`)
	for name, want := range map[string]string{"text": "x", "number": "", "null": "", "list": "", "object": "", "missing": "", "Text": ""} {
		if got := answer.String(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := answer.Secret("text").Reveal(); got != "x" {
		t.Errorf("got the secret %q", got)
	}
	var zero oauth.Answer
	if zero.String("text") != "" || zero.Scopes() != nil {
		t.Error("the zero answer holds something")
	}
}

func TestAnswerIsNotPrinted(t *testing.T) {
	t.Parallel()
	answer := parse(t, `{"access_token":"`+canary+`"}`)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if out := fmt.Sprintf(verb+verb, answer, struct{ inner oauth.Answer }{answer}); shows(out) {
			t.Errorf("under %s: %s", verb, out)
		}
	}
}

func TestAnswerSeconds(t *testing.T) {
	t.Parallel()
	const century = 100 * 365 * 24 * time.Hour
	for value, want := range map[string]time.Duration{
		`5`: 5 * time.Second, `"5"`: 5 * time.Second, `5.0`: 5 * time.Second, `"5.0"`: 5 * time.Second, `" 5 "`: 5 * time.Second,
		`5e0`: 5 * time.Second, `2.5`: 2500 * time.Millisecond, `0`: 0, `"0"`: 0, `-5`: -5 * time.Second, `"-5"`: -5 * time.Second,
		`99999999999999999999`: century, `1e400`: century, `-1e400`: -century, `"Inf"`: century,
	} {
		if got, ok := parse(t, `{"n":`+value+`}`).Seconds("n"); !ok || got != want {
			t.Errorf("%s: got %v, %v; want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{`null`, `""`, `"never"`, `"5s"`, `"NaN"`, `true`, `[5]`, `{"n":5}`} {
		if got, ok := parse(t, `{"n":`+value+`}`).Seconds("n"); ok || got != 0 {
			t.Errorf("%s: got %v, %v; want none", value, got, ok)
		}
	}
	if got, ok := parse(t, "n=900").Seconds("n"); !ok || got != 15*time.Minute {
		t.Errorf("form: got %v, %v", got, ok)
	}
}

func TestAnswerScopes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"scope":"repo gist"}`:                         {"repo", "gist"},
		`{"scope":"repo,gist"}`:                         {"repo", "gist"},
		`scope=repo%2Cgist`:                             {"repo", "gist"},
		`{"scope":"repo, gist"}`:                        {"repo", "gist"},
		`{"scope":["user:read","", 3,"b"]}`:             {"user:read", "b"},
		`{"scope":""}`:                                  {},
		`{"scope":[]}`:                                  {},
		`{"scope":null}`:                                nil,
		`{"scope":"` + strings.Repeat("a ", 200) + `"}`: slices.Repeat([]string{"a"}, 100),
		`{"other":1}`:                                   nil,
	} {
		if got := parse(t, body).Scopes(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", body, got, want)
		}
	}
}

func parse(t *testing.T, body string) oauth.Answer {
	t.Helper()
	answer, err := oauth.ParseAnswer([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return answer
}
