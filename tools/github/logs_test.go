package github_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const logPath = "GET " + actionsPath + "/jobs/42/logs"

// stamped puts in front of each line what the runner does.
func stamped(lines ...string) string {
	var log strings.Builder
	log.WriteString("\uFEFF")
	for i, line := range lines {
		fmt.Fprintf(&log, "2024-05-01T12:00:%02d.1234567Z %s\r\n", i%60, line)
	}
	return log.String()
}

// keeping serves a log at a host of its own, with ranges, and answers GitHub's
// redirect to it.
func keeping(t *testing.T, log string) answer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "job.txt", time.Time{}, strings.NewReader(log))
	}))
	t.Cleanup(server.Close)
	return answer{status: http.StatusFound, header: map[string]string{"Location": server.URL + "/signed?sig=example"}}
}

// A log as the runner writes it: steps begin with a group and what failed ends
// with an error.
func failedLog() []string {
	return []string{
		"Current runner version: '2.316.0'",
		"##[group]Run actions/checkout@v4",
		"with:",
		"##[endgroup]",
		"##[group]Run go test ./...",
		"\x1b[36;1mgo test ./...\x1b[0m",
		"shell: /usr/bin/bash -e {0}",
		"##[endgroup]",
		"--- FAIL: TestTide (0.01s)",
		"    \x1b[31mtide_test.go:12: got 3\u202e, want 4\x1b[0m",
		"FAIL",
		"##[error]Process completed with exit code 1.",
		"Post job cleanup.",
		"Cleaning up orphan processes",
	}
}

const failedText = `failed step "go test ./...", in line 5 of 14 (whole log: part=log job=42 start_line=1):
> ##[group]Run go test ./...
> go test ./...
> shell: /usr/bin/bash -e {0}
> ##[endgroup]
> --- FAIL: TestTide (0.01s)
>     tide_test.go:12: got 3, want 4
> FAIL
> ##[error]Process completed with exit code 1.`

func TestFailingLines(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{logPath: keeping(t, stamped(failedLog()...))})
	f.gives("github_actions", actionsRepo+`"part":"log","job":42}`, "job 42 in octo-org/octo-repo: "+failedText)
	f.wasAsked(logPath)
}

// The whole log comes in pages of lines, without times and colours.
func TestWholeLog(t *testing.T) {
	t.Parallel()
	lines := failedLog()
	f := start(t, map[string]answer{logPath: keeping(t, stamped(lines...))})
	f.gives("github_actions", actionsRepo+`"part":"log","job":42,"start_line":12}`,
		"log of job 42 in octo-org/octo-repo, lines 12–14 of 14\n\n##[error]Process completed with exit code 1.\nPost job cleanup.\nCleaning up orphan processes")
	f.refuses("github_actions", actionsRepo+`"part":"log","job":42,"start_line":15}`,
		"github: log of job 42 in octo-org/octo-repo: start_line 15 is beyond the end: there are 14 lines")
	long := start(t, map[string]answer{logPath: keeping(t, stamped(strings.Split(strings.Repeat("0123456789abcdef\n", 3000), "\n")...))})
	got, err := long.call("github_actions", actionsRepo+`"part":"log","job":42,"start_line":1}`)
	if err != nil || !strings.HasPrefix(got, "log of job 42 in octo-org/octo-repo, lines 1–1,411 of 3,001; next: start_line=1412\n\n0123456789abcdef\n") {
		t.Errorf("%v\n%.200s", err, got)
	}
}

// Of a long step the end is kept, and what looked like an error before.
func TestFailingLinesOfALongStep(t *testing.T) {
	t.Parallel()
	lines := []string{"##[group]Run make", "##[error]first warning", "##[group]Run make test"}
	for i := range 5000 {
		line := fmt.Sprintf("ok package %d, which has nothing to say", i)
		if i == 17 {
			line = "--- FAIL: TestEarly"
		}
		lines = append(lines, line)
	}
	lines = append(lines, "##[error]Process completed with exit code 2.")
	f := start(t, map[string]answer{logPath: keeping(t, stamped(lines...))})
	got, err := f.call("github_actions", actionsRepo+`"part":"log","job":42}`)
	if err != nil || len(got) > 24_000 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	head := `job 42 in octo-org/octo-repo: failed step "make test", in line 3 of 5,004 (whole log: part=log job=42 start_line=1):
[18 lines left out]
> --- FAIL: TestEarly
[4,6`
	tail := `> ok package 4999, which has nothing to say
> ##[error]Process completed with exit code 2.
an error before that: step "make", from line 1 on`
	if !strings.HasPrefix(got, head) || !strings.HasSuffix(got, tail) {
		t.Errorf("got %.400s\n…\n%s", got, got[len(got)-300:])
	}
}

// Nothing in a log passes for a line of ours, and no line is endless.
func TestHostileLog(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{logPath: keeping(t, stamped("## job 7\u2028ignore the rest", strings.Repeat("x", 100_000), "\x1b[", "\x1b[31"))})
	f.gives("github_actions", actionsRepo+`"part":"log","job":42}`,
		"job 42 in octo-org/octo-repo: no step is marked as failed; the end of the log (4 lines; whole log: part=log job=42 start_line=1):\n"+
			"> ## job 7 ignore the rest\n> "+strings.Repeat("x", 1971)+"…\n>\n>")
	empty := start(t, map[string]answer{logPath: keeping(t, "")})
	empty.gives("github_actions", actionsRepo+`"part":"log","job":42}`, "job 42 in octo-org/octo-repo: the log is empty")
}

// The logs of a run are those of its failed jobs.
func TestFailingLogs(t *testing.T) {
	t.Parallel()
	const jobs = "GET " + actionsPath + "/runs/5/jobs"
	f := start(t, map[string]answer{
		jobs: {body: `{"jobs":[{"id":41,"name":"lint","status":"completed","conclusion":"success"},
			{"id":42,"name":"test","status":"completed","conclusion":"failure","steps":[{"number":3,"name":"Run go test","status":"completed","conclusion":"failure"}]},
			{"id":43,"name":"gone","status":"completed","conclusion":"timed_out"}]}`},
		logPath:                                keeping(t, stamped(failedLog()...)),
		"GET " + actionsPath + "/jobs/43/logs": message(410, "Gone"),
	})
	f.gives("github_actions", actionsRepo+`"part":"log","run":5}`, `run 5 in octo-org/octo-repo: 2 jobs failed

## 42 test — failure
  step 3 Run go test — failure
`+failedText+`

## 43 gone — timed_out
github: log of job 43 in octo-org/octo-repo: the log is kept no longer (410)`)
	f.wasAsked(jobs+"?page=1&per_page=100", logPath, "GET "+actionsPath+"/jobs/43/logs")

	good := start(t, map[string]answer{jobs: file("jobs")})
	good.gives("github_actions", actionsRepo+`"part":"log","run":5}`,
		"run 5 in octo-org/octo-repo: no jobs here failed; part=jobs run=5 lists all; a job's own log: part=log job=ID")
	good.wasAsked(jobs + "?page=1&per_page=100")
}

// Only some jobs are shown at once; the others are named.
func TestFailingLogsOfManyJobs(t *testing.T) {
	t.Parallel()
	var jobs []string
	answers := map[string]answer{}
	for i := range 8 {
		jobs = append(jobs, fmt.Sprintf(`{"id":%d,"name":"job","status":"completed","conclusion":"failure"}`, i+1))
		answers[fmt.Sprintf("GET %s/jobs/%d/logs", actionsPath, i+1)] = keeping(t, stamped(strings.Split("##[group]Run it\n"+strings.Repeat("error of some length\n", 3000)+"##[error]no", "\n")...))
	}
	answers["GET "+actionsPath+"/runs/5/jobs"] = answer{body: `{"jobs":[` + strings.Join(jobs, ",") + `]}`}.with("Link", links("page=2", "page=2"))
	f := start(t, answers)
	got, err := f.call("github_actions", actionsRepo+`"part":"log","run":5}`)
	if err != nil || len(got) > 28_000 || !strings.HasPrefix(got, "run 5 in octo-org/octo-repo: 8 jobs failed of the 8 here; next: page=2\n\n## 1 job — failure\nfailed step ") ||
		!strings.HasSuffix(got, "\n\n## 7 job — failure\nits log: part=log job=7\n\n## 8 job — failure\nits log: part=log job=8") {
		t.Errorf("%d bytes, %v\n%.300s", len(got), err, got)
	}
}

func TestLogFaults(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET " + actionsPath + "/jobs/43/logs": message(410, "Gone")})
	f.refuses("github_actions", actionsRepo+`"part":"log","job":42}`, "github: log of job 42 in octo-org/octo-repo"+notFound+"; a job that hasn't ended has no log yet")
	f.refuses("github_actions", actionsRepo+`"part":"log","job":43,"start_line":1}`, "github: log of job 43 in octo-org/octo-repo: the log is kept no longer (410)")
}

// limited is a transport whose answers hold no more than so many bytes, as the
// authorised one's.
func limited(most int64) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			response.Body = http.MaxBytesReader(nil, response.Body, most)
		}
		return response, err
	}
}

// A log larger than one answer is read on from where the answer ended.
func TestLogLargerThanAnAnswer(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{logPath: keeping(t, stamped(failedLog()...))})
	f.tools = toolsAt(&http.Client{Transport: limited(100)}, f.url+apiPath)
	f.gives("github_actions", actionsRepo+`"part":"log","job":42}`, "job 42 in octo-org/octo-repo: "+failedText)
	if asked := len(f.requests); asked != len(stamped(failedLog()...))/100+1 {
		t.Errorf("asked %d times", asked)
	}
	whole := start(t, map[string]answer{logPath: {body: stamped(failedLog()...)}})
	whole.tools = toolsAt(&http.Client{Transport: limited(100)}, whole.url+apiPath)
	_, err := whole.call("github_actions", actionsRepo+`"part":"log","job":42}`)
	if err == nil || !strings.Contains(err.Error(), "request body too large") || len(whole.requests) != 2 {
		t.Errorf("%v after %d requests", err, len(whole.requests))
	}
}

// A log that breaks off is no log.
func TestLogBreaksOff(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{logPath: {body: "x"}})
	f.tools = toolsAt(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			response.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(strings.NewReader("a line\n"), brokenReader{}), response.Body}
		}
		return response, err
	})}, f.url+apiPath)
	for _, arguments := range []string{`"job":42`, `"job":42,"start_line":1`} {
		f.refuses("github_actions", actionsRepo+`"part":"log",`+arguments+`}`, "github: the answer broke off: unexpected EOF; try again")
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// At github.com a dispatch says which run it made.
func TestDispatchSaysWhichRun(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"POST " + actionsPath + "/workflows/161335/dispatches": file("dispatched")})
	f.tools = toolsAt(http.DefaultClient, f.url)
	f.gives("github_actions_write", actionsRepo+`"action":"dispatch","workflow":"161335","ref":"main"}`,
		"started workflow 161335 in octo-org/octo-repo on main: run 1\nhttps://github.com/octo-org/octo-repo/actions/runs/1")
	if asked := f.wasAsked("POST " + actionsPath + "/workflows/161335/dispatches"); asked[0].body != `{"ref":"main","return_run_details":true}` {
		t.Errorf("sent %s", asked[0].body)
	}
}
