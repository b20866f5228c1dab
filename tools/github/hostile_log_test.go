package github_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// hostileLog is how long a log is; ones that take a while to read are shorter
// unless there is time.
func hostileLog(slow bool) int64 {
	if slow && os.Getenv("VALET_TEST_LONG") != "1" {
		return 2 << 20
	}
	return 100 << 20
}

// pattern is a body that says the same again and again, without being held. It
// notes how much memory this process holds at most while it is read.
type pattern struct {
	ctx  context.Context
	text string
	left int64
	at   int64
	peak *uint64
	done func() // called after 1 MiB
}

func (p *pattern) Read(b []byte) (int, error) {
	switch {
	case p.ctx.Err() != nil:
		return 0, p.ctx.Err()
	case p.left <= 0:
		return 0, io.EOF
	}
	n := 0
	for limit := int(min(int64(len(b)), p.left)); n < limit; {
		n += copy(b[n:limit], p.text[(p.at+int64(n))%int64(len(p.text)):])
	}
	if p.at>>20 != (p.at+int64(n))>>20 {
		*p.peak = max(*p.peak, heapInUse())
		if p.done != nil {
			p.done()
		}
	}
	p.at, p.left = p.at+int64(n), p.left-int64(n)
	return n, nil
}

func (p *pattern) Close() error { return nil }

// heapInUse is the memory of all that has been made and not yet collected.
func heapInUse() uint64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64() + heap[1].Value.Uint64()
}

// hostile is a transport that answers with a log of so many bytes, in parts of
// at most 32 MiB, as the authorised one does.
func hostile(text string, size int64, peak *uint64, done func()) roundTripper {
	text = strings.Repeat(text, 1+64<<10/len(text))
	return func(r *http.Request) (*http.Response, error) {
		status, from := http.StatusOK, int64(0)
		if given, is := strings.CutPrefix(r.Header.Get("Range"), "bytes="); is {
			var err error
			if from, err = strconv.ParseInt(strings.TrimSuffix(given, "-"), 10, 64); err != nil {
				return nil, err
			}
			status = http.StatusPartialContent
		}
		body := http.MaxBytesReader(nil, &pattern{ctx: r.Context(), text: text, at: from, left: size - from, peak: peak, done: done}, 32<<20)
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/plain"}}, ContentLength: -1, Body: body, Request: r}, nil
	}
}

// unrecorded are tools whose answers nobody else holds.
func unrecorded(client *http.Client) []tools.Tool {
	return github.Offer(tools.Setup{API: client, At: credentials.Service{APIURL: "http://127.0.0.1/api/v3"}, After: atOnce}).Tools
}

// Whatever a log of 100 MB is made of, little memory is held while it is read.
// The test runs alone, so that nobody else's is counted.
func TestHostileLogs(t *testing.T) {
	stamp := "2024-05-01T12:00:00.1234567Z "
	for name, c := range map[string]struct {
		text, want string
		slow       bool
	}{
		"one line":          {"x", "no step is marked as failed; the end of the log (1 line; ", false},
		"short lines":       {"x\n", "no step is marked as failed; the end of the log (", true},
		"empty lines":       {"\n", "no step is marked as failed; the end of the log (", true},
		"errors":            {stamp + "##[error]no\n", "failed before the first step, in line 1 of ", true},
		"failed steps":      {"##[group]Run a\n##[error]no\n", `failed step "a", in line `, true},
		"long failed steps": {"##[group]Run " + strings.Repeat("a", 3000) + "\n##[error]" + strings.Repeat("b", 3000) + "\n", `failed step "aaa`, true},
		"telling":           {strings.Repeat("x", 100) + " error\n", "no step is marked as failed; ", true},
		"colours":           {"\x1b[31m", "no step is marked as failed; the end of the log (1 line; ", false},
		"not UTF-8":         {"\xff\xfe\xfd\n", "no step is marked as failed; ", true},
		"marks and nulls":   {"\uFEFF\x00\r\n", "no step is marked as failed; ", true},
	} {
		t.Run(name, func(t *testing.T) {
			var peak uint64
			client := &http.Client{Transport: hostile(c.text, hostileLog(c.slow), &peak, nil)}
			f := &fake{t: t, tools: unrecorded(client)}
			runtime.GC()
			before := heapInUse()
			got, err := f.call("github_actions", actionsRepo+`"part":"log","job":42}`)
			if err != nil || !strings.HasPrefix(got, "job 42 in octo-org/octo-repo: "+c.want) || len(got) > 30_000 {
				t.Errorf("%v, %d bytes: %.300s", err, len(got), got)
			}
			if peak > before+16<<20 {
				t.Errorf("%d MB were held, and %d before", peak>>20, before>>20)
			}
		})
	}
}

// A log that never ends is given up: with its caller, or when it is longer than
// any log.
func TestEndlessLog(t *testing.T) {
	const endless = 1 << 60
	var peak uint64
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{t: t, tools: unrecorded(&http.Client{Transport: hostile("a line\n", endless, &peak, cancel)})}
	if _, err := f.callWith(ctx, "github_actions", actionsRepo+`"part":"log","job":42}`); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away: %v", err)
	}
	f.tools = unrecorded(&http.Client{Transport: hostile(strings.Repeat("x", 4096), endless, &peak, nil)})
	for _, arguments := range []string{`"job":42`, `"job":42,"start_line":1`} {
		f.refuses("github_actions", actionsRepo+`"part":"log",`+arguments+`}`,
			"github: the log is longer than 1 GB, which is more than is read; open the job on GitHub")
	}
}
