package gate_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// spender makes calls under a budget, by a clock that stands still.
type spender struct {
	t   *testing.T
	now time.Time
	to  *behind
	*gate.Gate
}

func newSpender(t *testing.T, perMinute, perSession int) *spender {
	s := &spender{t: t, now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), to: &behind{}}
	s.Gate = &gate.Gate{Next: s.to, Base: base, Rules: &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{
		PerMinute: perMinute, PerSession: perSession, Now: func() time.Time { return s.now },
	}}}
	return s
}

// call makes a call with a number of changes, and answers its error.
func (s *spender) call(changes int) error {
	s.t.Helper()
	call := &gate.Call{Access: policy.Write}
	for range changes {
		if err := send(s.t, s.Gate, call, "POST", "things", "{}"); err != nil {
			return err
		}
	}
	return nil
}

func (s *spender) may(t *testing.T, want string) {
	t.Helper()
	err := s.call(1)
	if want == "" && err == nil {
		return
	}
	if outcome(err) != "budget" || want == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("at %s: %v, want %q", s.now.Format("04:05.000"), err, want)
	}
}

// TestBudgetOfAMinute: it is exact, and slides.
func TestBudgetOfAMinute(t *testing.T) {
	t.Parallel()
	s := newSpender(t, 2, 0)
	s.may(t, "")
	s.now = s.now.Add(20 * time.Second)
	s.may(t, "")
	s.may(t, "VALET_WRITES_PER_MINUTE=2, are used up; try again in 40 s")
	s.now = s.now.Add(39*time.Second + 1)
	s.may(t, "try again in 1 s")
	s.now = s.now.Add(time.Second - 1)
	s.may(t, "")
	s.may(t, "try again in 20 s")
	s.now = s.now.Add(time.Hour)
	s.may(t, "")
	s.may(t, "")
	s.may(t, "try again in 60 s")
}

// TestBudgetOfASession ends for good.
func TestBudgetOfASession(t *testing.T) {
	t.Parallel()
	s := newSpender(t, 100, 2)
	s.may(t, "")
	s.may(t, "")
	s.now = s.now.Add(24 * time.Hour)
	s.may(t, "VALET_WRITES_PER_SESSION=2, are used up; the person can restart it in their host")
	unlimited := newSpender(t, 0, 0)
	for range 1000 {
		unlimited.may(t, "")
	}
}

// TestWhatCosts: a call counts once, and what was never sent costs nothing.
func TestWhatCosts(t *testing.T) {
	t.Parallel()
	s := newSpender(t, 2, 2)
	for range 5 {
		for _, free := range []*gate.Call{{Access: policy.Read}, {Access: policy.Write, DryRun: true}, nil} {
			_ = send(t, s.Gate, free, "POST", "things", "{}")
			_ = send(t, s.Gate, free, "GET", "things", "")
		}
		s.Rules.Confirm = gate.Writes
		if err := s.call(1); outcome(err) != "asks" {
			t.Error(err)
		}
		s.Rules.Confirm, s.Rules.Stop = gate.Never, gate.StopFile{t.TempDir()}
		if err := s.call(1); outcome(err) != "stop" {
			t.Error(err)
		}
		s.Rules.Stop = nil
		s.to.fail = fmt.Errorf("wrapped: %w", errUnsent)
		if err := s.call(1); !errors.Is(err, errUnsent) {
			t.Error(err)
		}
		s.to.fail = nil
	}
	if err := s.call(50); err != nil {
		t.Error(err)
	}
	s.to.fail = errors.New("no answer")
	if err := s.call(1); outcome(err) != "no answer" {
		t.Error(err)
	}
	s.to.fail = nil
	s.may(t, "VALET_WRITES_PER_SESSION")
}

// TestBudgetAtOnce: calls at the same time never get more than there is.
func TestBudgetAtOnce(t *testing.T) {
	t.Parallel()
	for _, limits := range [][2]int{{7, 0}, {0, 7}, {7, 7}, {7, 20}} {
		s := newSpender(t, limits[0], limits[1])
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if err := s.call(2); err != nil && outcome(err) != "budget" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := s.to.count(); got != 14 {
			t.Errorf("%v: %d requests were sent; want 7 calls of 2", limits, got)
		}
	}
}
