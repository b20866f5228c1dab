package rest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// What a filter can't do is said in words that tell what to do instead.
func TestFilterFaults(t *testing.T) {
	t.Parallel()
	const less = "make it simpler, pick fewer fields, or ask for less"
	for source, want := range map[string]string{
		`.[0]`:              `example: the jq filter stopped: expected an array but got: object ({"a":"x y"}); without jq, the answer shows what there is`,
		`error("n\no")`:     "example: the jq filter stopped: error: n o; without jq, the answer shows what there is",
		`"\u202eabc"|error`: "example: the jq filter stopped: error: abc; without jq, the answer shows what there is",
		`reduce range(40) as $i ("x"; .+.)|length`: "example: the jq filter uses too much memory; " + less,
		`def f: f; f`: "example: the jq filter takes longer than 300ms; " + less,
	} {
		f := NewFilters("example", "ask for less", MaxText)
		if f.use.Memory, f.use.Time = 64<<20, time.Minute; strings.HasPrefix(source, "def") {
			f.use.Time = 300 * time.Millisecond
		}
		text, isCut, err := f.run(t.Context(), source, strings.NewReader(`{"a":"x y"}`), false)
		if err == nil || err.Error() != want || text != "" || isCut {
			t.Errorf("%s: %q, %v", source, text, err)
		}
	}
}

// Only so many filters run at a time, and who waits for a turn may go away.
func TestFilterTurns(t *testing.T) {
	t.Parallel()
	f := NewFilters("example", "ask for less", MaxText)
	for range cap(f.turns) {
		f.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error, 1)
	go func() {
		_, _, err := f.run(ctx, ".", strings.NewReader("1"), false)
		waits <- err
	}()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("a call that waited and went away: %v", err)
	}
	<-f.turns
	for range cap(f.turns) + 1 {
		if text, _, err := f.run(t.Context(), ".", strings.NewReader("1"), false); text != "1" || err != nil {
			t.Errorf("a turn that was given back: %q, %v", text, err)
		}
	}
}
