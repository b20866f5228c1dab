package gate_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// TestDecisions: one word for a call and for each of its requests.
func TestDecisions(t *testing.T) {
	t.Parallel()
	agreed := gate.Fingerprint{1}
	stopped := &gate.Gate{Next: &behind{}, Base: base, Rules: &gate.Rules{Confirm: gate.Never, Stop: gate.StopFile{t.TempDir()}}}
	refused := &gate.Call{Access: policy.Write}
	if err := send(t, stopped, refused, "POST", "things", ""); gate.DecisionOf(nil, err) != "stop" {
		t.Error(err)
	}
	for i, c := range []struct {
		call *gate.Call
		err  error
		want gate.Decision
	}{
		{nil, nil, "allowed"},
		{nil, errors.New("no answer"), "allowed"},
		{nil, &gate.Planned{}, "dry_run"},
		{nil, fmt.Errorf("wrapped: %w", &gate.Unconfirmed{}), "unconfirmed"},
		{nil, fmt.Errorf("wrapped: %w", &gate.Refused{By: "budget"}), "budget"},
		{&gate.Call{}, nil, "allowed"},
		{&gate.Call{DryRun: true}, nil, "dry_run"},
		{&gate.Call{DryRun: true}, &gate.Refused{By: "path"}, "path"},
		{&gate.Call{Confirmed: agreed}, nil, "confirmed"},
		{&gate.Call{Confirmed: agreed}, &gate.Unconfirmed{}, "unconfirmed"},
		{&gate.Call{Confirmed: agreed, DryRun: true}, nil, "dry_run"},
		{refused, nil, "stop"},
	} {
		if got := gate.DecisionOf(c.call, c.err); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
}
