package github

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// filtered runs a program over JSON.
func filtered(t *testing.T, source, input string, budget int) (string, bool, error) {
	t.Helper()
	program, err := newJQFilter(source)
	if err != nil {
		return "", false, err
	}
	value, err := decodeJSON([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return program.run(t.Context(), value, budget)
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
	} {
		got, isCut, err := filtered(t, test.source, test.input, 1000)
		if err != nil || isCut || got != test.want {
			t.Errorf("%s: %q, %t, %v", test.source, got, isCut, err)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
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
		strings.Repeat(".", 4001): "it is longer than 4,000 bytes",
	} {
		if _, err := newJQFilter(source); err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", source, err, want)
		}
	}
}

func TestFilterFails(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`.[0]`:          "github: the jq filter stopped: expected an array but got: object ({\"a\":\"x y\"}); without jq, the answer shows what there is",
		`error("n\no")`: "github: the jq filter stopped: error: n o; without jq, the answer shows what there is",
	} {
		if got, _, err := filtered(t, source, `{"a":"x y"}`, 1000); err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v", source, got, err)
		}
	}
}

// A filter that never ends is stopped, and one whose results never end is cut.
func TestFilterIsBounded(t *testing.T) {
	t.Parallel()
	endless, err := newJQFilter(`def f: f; f`)
	if err != nil {
		t.Fatal(err)
	}
	endless.time = 20 * time.Millisecond
	if _, _, err := endless.run(t.Context(), nil, 10); err == nil || err.Error() != "github: the jq filter takes longer than 20ms; make it simpler" {
		t.Errorf("an endless filter: %v", err)
	}
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
}

// A text that doubles with every step is stopped before the machine is out of
// memory.
func TestFilterMemory(t *testing.T) {
	t.Parallel()
	greedy, err := newJQFilter(`reduce range(26) as $i ("x"; .+.) | last(repeat(.))`)
	if err != nil {
		t.Fatal(err)
	}
	greedy.memory, greedy.time = 16<<20, time.Minute
	_, _, err = greedy.run(t.Context(), nil, 10)
	if err == nil || err.Error() != "github: the jq filter uses too much memory; make it simpler" {
		t.Errorf("a greedy filter: %v", err)
	}
}

func TestFilterOfACancelledCall(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	program, err := newJQFilter("def f: f; f")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := program.run(cancelled, nil, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
}
