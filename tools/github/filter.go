package github

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

// filters puts answers through jq.
type filters struct {
	turns turns
	use   jq.Filter // its limits
}

func newFilters(room room) filters {
	return filters{make(turns, filtersAtOnce), jq.Filter{Most: room.file(), Time: filterTime, Memory: filterMemory}}
}

// run gives the results of a program, and whether there was more than fits.
func (f filters) run(ctx context.Context, source string, input io.Reader, isText bool) (text string, isCut bool, err error) {
	ctx, end := withTurns(ctx)
	defer end()
	if err := f.turns.take(ctx); err != nil {
		return "", false, err
	}
	f.use.Source, f.use.Text = source, isText
	text, isCut, err = f.use.Run(ctx, input)
	return text, isCut, f.fault(ctx, err)
}

func (f filters) fault(ctx context.Context, err error) error {
	const less = "make it simpler, pick fewer fields, or ask GitHub for less, by page and per_page"
	var stopped *jq.StoppedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stopped):
		return tools.UserError("github: the jq filter stopped: %s; without jq, the answer shows what there is", oneLine(stopped.Reason, 300))
	case errors.Is(err, jq.ErrMemory):
		return tools.UserError("github: the jq filter uses too much memory; " + less)
	case errors.Is(err, jq.ErrTime):
		return tools.UserError("github: the jq filter takes longer than %v; "+less, f.use.Time)
	case ctx.Err() != nil:
		return err
	}
	return tools.UserError("github: the jq filter gave no result: %w; try again, or without jq", err)
}
