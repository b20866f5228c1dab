package jq

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// roleVariable has this program be something else than a filter when it is
// started as one.
const roleVariable = "GORACE"

// TestMain also plays the process that filters.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		os.Exit(Serve(os.Stdin, os.Stdout))
	}
	// The race detector makes every process wait a second at its end otherwise.
	os.Setenv(roleVariable, "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

const (
	mebibyte = 1 << 20
	patience = time.Minute
)

// filtered runs a program over JSON.
func filtered(t *testing.T, source, input string, most int) (string, bool, error) {
	t.Helper()
	return Filter{Source: source, Most: most, Time: patience, Memory: 256 * mebibyte}.Run(t.Context(), strings.NewReader(input))
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, input, want string }{
		{`.`, `{"b":1,"a":[true,null,"x\ny"]}`, `{"a":[true,null,"x\ny"],"b":1}`},
		{`.[]|.n`, `[{"n":"a"},{"n":"b"}]`, "a\nb"},
		{`.[]|{number,title}`, `[{"number":1,"title":"t","x":1}]`, `{"number":1,"title":"t"}`},
		{`.id`, `{"id":9007199254740993}`, "9007199254740993"},
		{`.a + 1.5`, `{"a":1}`, "2.5"},
		{`map("\(.n)=\(.v)")|join("; ")`, `[{"n":"a","v":1},{"n":"b","v":2}]`, "a=1; b=2"},
		{`empty`, `1`, ""},
		{`1,halt,2`, `1`, "1"},
		{`$ENV`, `1`, "{}"},
		{`env.PATH`, `1`, "null"},
		{`"<&>"|[.]`, `1`, `["<&>"]`},
		{`.`, "1\n", "1"},
	} {
		got, isCut, err := filtered(t, test.source, test.input, 1000)
		if err != nil || isCut || got != test.want {
			t.Errorf("%s: %q, %t, %v", test.source, got, isCut, err)
		}
	}
}

// A text is the program's input as it is, also when it is JSON.
func TestFilterOfAText(t *testing.T) {
	t.Parallel()
	f := Filter{Source: `.[1:4]|.,length`, Text: true, Most: 100, Time: patience, Memory: 256 * mebibyte}
	if got, isCut, err := f.Run(t.Context(), strings.NewReader("[\"ü\n")); err != nil || isCut || got != "\"ü\n\n3" {
		t.Errorf("%q, %t, %v", got, isCut, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`.[`:                      `unexpected EOF after ".["`,
		`.a | | .b`:               `unexpected token "|" at the end of ".a | |"`,
		`.a | nope(1)`:            "function not defined: nope/1",
		`.a + $x`:                 "variable not defined: $x",
		`"abc`:                    `unterminated string literal after "\"abc"`,
		`input`:                   "input(s)/0 is not allowed",
		`import "a" as a; .`:      `cannot load module: "a"`,
		`include "/etc/x"; .`:     `cannot load module: "/etc/x"`,
		strings.Repeat(".", 4001): "it is longer than 4000 bytes",
	} {
		if err := Check(source); err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", source, err, want)
		}
	}
	if err := Check(`.[]|{number}`); err != nil {
		t.Error(err)
	}
}

func TestFilterStops(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, input, want string }{
		{`.[0]`, `{"a":"x y"}`, `expected an array but got: object ({"a":"x y"})`},
		{`error("n\no")`, `1`, "error: n o"},
		{`.[`, `1`, `unexpected EOF after ".["`},
		{`.`, `{"a":`, "the input can't be read: unexpected EOF"},
		{`.`, `<html>`, "the input can't be read: invalid character '<' looking for beginning of value"},
		{`.`, ``, "the input can't be read: EOF"},
	} {
		got, _, err := filtered(t, test.source, test.input, 10)
		var stopped *StoppedError
		if !errors.As(err, &stopped) || got != "" || err.Error() != test.want {
			t.Errorf("%s of %s: %q, %v", test.source, test.input, got, err)
		}
	}
}

// Results that never end are cut, and so is a small value that stands for an
// endless text.
func TestFilterIsCut(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`repeat(7)`:                         strings.Repeat("7\n", 50),
		`"x" * 100000`:                      strings.Repeat("x", 100),
		`reduce range(40) as $i (1; [.,.])`: "[[[[[[[[[[",
		`[limit(100; repeat({a:"long"}))]`:  `[{"a":"long"},`,
	} {
		got, isCut, err := filtered(t, source, `1`, 100)
		if err != nil || !isCut || len(got) != 100 || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %d bytes %.60q, %t, %v", source, len(got), got, isCut, err)
		}
	}
	if got, isCut, err := filtered(t, `"üü"`, `1`, 3); got != "ü" || !isCut || err != nil {
		t.Errorf("cut inside a character: %q, %t, %v", got, isCut, err)
	}
}

// A caller who has gone away gets no result, and no process is started or left.
func TestFilterOfACancelledCall(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	f := Filter{Source: "def f: f; f", Most: 10, Time: patience, Memory: 256 * mebibyte}
	if _, _, err := f.Run(cancelled, strings.NewReader("1")); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
}

// The process has no variable that a secret could be in.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"GITHUB_TOKEN", "VALET_PROXY", "HTTPS_PROXY", "HOME", "PATH", "LD_PRELOAD", "GODEBUG", "GOTRACEBACK"} {
		t.Setenv(name, "example")
	}
	t.Setenv("TZ", "UTC")
	f := Filter{Source: ".", Most: 10, Time: patience, Memory: 256 * mebibyte}
	command, err := f.command(t.Context(), strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(command.Env)
	if !slices.Equal(command.Env, []string{roleVariable + "=atexit_sleep_ms=0", "TZ=UTC"}) || len(command.ExtraFiles) > 0 || command.Stderr != nil {
		t.Errorf("the environment is %q", command.Env)
	}
	if args := command.Args[1:]; !slices.Equal(args, []string{Command}) {
		t.Errorf("the arguments are %q", args)
	}
}

// What the parent doesn't send in full is no filter, and a process that nobody
// talks to ends.
func TestServeOfNothing(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "{", "{}", "x\n1", strings.Repeat("x", maxHeader+1) + "\n1"} {
		if code := Serve(strings.NewReader(in), io.Discard); code != exitBroken {
			t.Errorf("%.20q: %d", in, code)
		}
	}
}
