package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

const inFlight = 64

// atOnce is how many calls are in flight where so many are made one at a time,
// and ten times as many together.
func atOnce(calls int) int { return min(inFlight, 10*calls) }

// bench is what measurements have in common.
type bench struct {
	api   *api
	bare  *http.Client
	calls int
}

// figure is one cell of the table, or why it is empty.
type figure struct {
	text  string
	value float64 // in the unit of its row's limit
	fault error
}

// row names a figure. Valetkey's may be up to limit, which is 0 for none.
type row struct {
	name  string
	limit float64
}

// step measures a few rows together. Its functions answer a figure for each;
// bare is nil where there is nothing to measure without a server.
type step struct {
	rows   []row
	server func(b *bench, ctx context.Context, s server) []figure
	bare   func(b *bench, ctx context.Context) []figure
}

// steps are all that is measured, the times by so many calls.
func steps(calls int) []step {
	var questions []row
	limits := map[string]float64{askPullRequests: 6_000}
	for _, question := range tenQuestions() {
		questions = append(questions, row{question + ": bytes (tokens)", limits[question]})
	}
	all := []step{
		{[]row{{name: "exec to initialize: median, ms"}}, (*bench).starts, nil},
		{[]row{{name: "tools"}, {name: "tools/list: bytes (tokens)"}, {name: "memory after tools/list, MB"}}, (*bench).list, nil},
	}
	for _, question := range []string{askMe, askPullRequests} {
		all = append(all, timed(question, 1), timed(question, atOnce(calls)))
	}
	return append(all, step{questions, (*bench).questions, (*bench).bareQuestions}, large(askLargeLog), large(askLargeTree))
}

// faults is a reason why n figures are missing.
func faults(n int, err error) []figure {
	all := make([]figure, n)
	for i := range all {
		all[i].fault = err
	}
	return all
}

func (b *bench) starts(ctx context.Context, s server) []figure {
	var all timing
	for range max(3, b.calls/10) {
		begin := time.Now()
		c, err := start(ctx, s)
		if err != nil {
			return faults(1, err)
		}
		all.took = append(all.took, time.Since(begin))
		c.end()
	}
	return []figure{{text: fmt.Sprintf("%.1f", milliseconds(all.percentile(50)))}}
}

// list asks for every page of the tools, as hosts do.
func (b *bench) list(ctx context.Context, s server) []figure {
	c, err := start(ctx, s)
	if err != nil {
		return faults(3, err)
	}
	defer c.end()
	var page struct {
		Tools      []struct{}
		NextCursor string
	}
	tools, bytes := 0, 0
	for params := map[string]any{}; ; params["cursor"] = page.NextCursor {
		m, err := c.ask(ctx, "tools/list", params)
		if err != nil {
			return faults(3, err)
		}
		page.NextCursor = ""
		if err := json.Unmarshal(m.Result, &page); err != nil {
			return faults(3, err)
		}
		tools, bytes = tools+len(page.Tools), bytes+m.bytes
		if page.NextCursor == "" {
			return []figure{{text: fmt.Sprint(tools)}, inBytes(bytes), memoryOf(c, "VmRSS")}
		}
	}
}

// timed measures one question, so many at a time. With several it counts the
// connections that they took to the API and the memory, too.
func timed(question string, atOnce int) step {
	how := "one at a time"
	measured := []string{"median / p99, ms", "a second"}
	if atOnce > 1 {
		how = fmt.Sprintf("%d in flight", atOnce)
		measured = append(measured, "connections", "peak memory, MB")
	}
	rows := make([]row, len(measured))
	for i, what := range measured {
		rows[i].name = fmt.Sprintf("%s, %s: %s", question, how, what)
	}
	return step{rows,
		func(b *bench, ctx context.Context, s server) []figure {
			c, err := start(ctx, s)
			if err != nil {
				return faults(len(rows), err)
			}
			defer c.end()
			figures, err := b.time(ctx, atOnce, func(ctx context.Context) error { _, err := c.answer(ctx, s, question); return err })
			if err != nil {
				return faults(len(rows), err)
			}
			return append(figures, memoryOf(c, "VmHWM"))[:len(rows)]
		},
		func(b *bench, ctx context.Context) []figure {
			b.bare.CloseIdleConnections()
			figures, err := b.time(ctx, atOnce, func(ctx context.Context) error { _, err := b.direct(ctx, question); return err })
			if err != nil {
				return faults(len(rows), err)
			}
			return append(figures, figure{})[:len(rows)]
		}}
}

// time measures calls: how long, how many a second, over how many connections.
func (b *bench) time(ctx context.Context, atOnce int, ask func(context.Context) error) ([]figure, error) {
	before := b.api.connections.Load()
	t, err := load(ctx, atOnce, b.calls*min(atOnce, 10), ask)
	if err != nil {
		return nil, err
	}
	return []figure{
		{text: fmt.Sprintf("%.2f / %.2f", milliseconds(t.percentile(50)), milliseconds(t.percentile(99)))},
		{text: thousands(int(float64(len(t.took)) / t.all.Seconds()))},
		{text: fmt.Sprint(b.api.connections.Load() - before)},
	}, nil
}

func (b *bench) questions(ctx context.Context, s server) []figure {
	c, err := start(ctx, s)
	if err != nil {
		return faults(len(tenQuestions()), err)
	}
	defer c.end()
	return sizes(func(question string) (int, error) { return c.answer(ctx, s, question) })
}

func (b *bench) bareQuestions(ctx context.Context) []figure {
	return sizes(func(question string) (int, error) { return b.direct(ctx, question) })
}

func sizes(ask func(question string) (int, error)) []figure {
	var figures []figure
	for _, question := range tenQuestions() {
		bytes, err := ask(question)
		f := inBytes(bytes)
		f.fault = err
		figures = append(figures, f)
	}
	return figures
}

// large measures the most memory a new process has taken after one question,
// and how much the API has sent for that: who asks for less needs less.
func large(question string) step {
	rows := []row{{question + ": peak memory, MB", 64}, {name: question + ": sent by the API, MB"}}
	return step{rows, func(b *bench, ctx context.Context, s server) []figure {
		c, err := start(ctx, s)
		if err != nil {
			return faults(len(rows), err)
		}
		defer c.end()
		before := b.api.sent.Load()
		if _, err := c.answer(ctx, s, question); err != nil {
			return faults(len(rows), err)
		}
		return []figure{memoryOf(c, "VmHWM"), {text: fmt.Sprintf("%.1f", float64(b.api.sent.Load()-before)/1e6)}}
	}, nil}
}

// answer asks a question, in as many calls as the server needs for it, and
// answers how long the answers are.
func (c *client) answer(ctx context.Context, s server, question string) (int, error) {
	calls := s.questions[question]
	if len(calls) == 0 {
		return 0, errors.New("nobody said how to ask this; see -questions")
	}
	bytes := 0
	for _, asked := range calls {
		n, err := c.call(ctx, asked)
		if err != nil {
			return 0, err
		}
		bytes += n
	}
	return bytes, nil
}

// direct makes the requests that answer a question, without a server.
func (b *bench) direct(ctx context.Context, question string) (int, error) {
	bytes := 0
	for _, r := range bareRequests()[question] {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.api.address+apiPath+r.path, nil)
		if err != nil {
			return 0, err
		}
		request.Header.Set("Authorization", "Bearer example-token")
		if r.accept != "" {
			request.Header.Set("Accept", r.accept)
		}
		answer, err := b.bare.Do(request)
		if err != nil {
			return 0, err
		}
		n, err := io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", r.path, answer.Status)
		}
		if err != nil {
			return 0, err
		}
		bytes += int(n)
	}
	return bytes, nil
}

// measureAll measures column by column, so that a server has the machine to
// itself.
func measureAll(ctx context.Context, a *api, servers []server, o options, progress io.Writer) (*table, error) {
	b := &bench{api: a, bare: &http.Client{Transport: oauth.Network{}.APITransport()}, calls: o.calls}
	defer b.bare.CloseIdleConnections()
	t := newTable(o)
	without := column{name: "the API itself"}
	for _, s := range steps(o.calls) {
		if s.bare == nil {
			without.figures = append(without.figures, make([]figure, len(s.rows))...)
			continue
		}
		without.figures = append(without.figures, s.bare(b, ctx)...)
	}
	t.columns = append(t.columns, without)
	for _, s := range servers {
		c := column{name: s.name, own: s.own}
		for _, step := range steps(o.calls) {
			fmt.Fprintf(progress, "%s: %s\n", s.name, step.rows[0].name)
			c.figures = append(c.figures, step.server(b, ctx, s)...)
		}
		t.columns = append(t.columns, c)
	}
	return t, ctx.Err()
}
