package rest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/valetkey/valetkey/jq"
	"github.com/valetkey/valetkey/tools"
)

const (
	filterTime   = 2 * time.Second
	filterMemory = 256 << 20
	// filtersAtOnce is how many filters run at the same time, since each may take
	// so much.
	filtersAtOnce = 2
)

// Filters shows answers, through jq if a call wants that. It is safe for
// concurrent use.
type Filters struct {
	service string
	less    string // what to do about an answer that is too much for a filter
	turns   Turns
	use     jq.Filter // its limits
}

// NewFilters answers the one a service's tools share. less says how to get a
// smaller answer, such as "ask for fewer pages"; most is how many bytes of an
// answer are shown.
func NewFilters(service, less string, most int) Filters {
	return Filters{service, less, make(Turns, filtersAtOnce), jq.Filter{Most: most, Time: filterTime, Memory: filterMemory}}
}

// CheckFilter says what keeps the argument jq from being a program; "" is none.
func CheckFilter(source string) []string {
	if source == "" {
		return nil
	}
	if err := jq.Check(source); err != nil {
		return []string{"'jq' is not a filter: " + err.Error()}
	}
	return nil
}

// TakeTurn waits for a turn of the call that has begun, before what is filtered
// is asked for.
func (f Filters) TakeTurn(ctx context.Context) error { return f.turns.Take(ctx) }

// run gives the results of a program, and whether there was more than fits.
func (f Filters) run(ctx context.Context, source string, input io.Reader, isText bool) (text string, isCut bool, err error) {
	ctx, end := WithTurns(ctx)
	defer end()
	if err := f.TakeTurn(ctx); err != nil {
		return "", false, err
	}
	f.use.Source, f.use.Text = source, isText
	text, isCut, err = f.use.Run(ctx, input)
	return text, isCut, f.fault(ctx, err)
}

func (f Filters) fault(ctx context.Context, err error) error {
	less := "; make it simpler, pick fewer fields, or " + f.less
	var stopped *jq.StoppedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stopped):
		return tools.UserError("%s: the jq filter stopped: %s; without jq, the answer shows what there is", f.service, OneLine(stopped.Reason, 300))
	case errors.Is(err, jq.ErrMemory):
		return tools.UserError("%s: the jq filter uses too much memory%s", f.service, less)
	case errors.Is(err, jq.ErrTime):
		return tools.UserError("%s: the jq filter takes longer than %v%s", f.service, f.use.Time, less)
	case ctx.Err() != nil:
		return err
	}
	return tools.UserError("%s: the jq filter gave no result: %w; try again, or without jq", f.service, err)
}
