package github_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const jobsPath = "GET /repos/octocat/Hello-World/actions/jobs/"

// checkRunsOf are check runs as GitHub Actions reports them; those with an even
// number are of another application.
func checkRunsOf(conclusions ...string) answer {
	var runs []string
	for i, conclusion := range conclusions {
		app := "github-actions"
		if i%2 == 1 {
			app = "octoapp"
		}
		runs = append(runs, fmt.Sprintf(`{"id":%d,"name":"build %d","status":"completed","conclusion":%q,"html_url":"https://github.com/octocat/Hello-World/actions/runs/9/job/%d","app":{"slug":%q}}`,
			i+1, i+1, conclusion, i+1, app))
	}
	return answer{body: fmt.Sprintf(`{"total_count":%d,"check_runs":[%s]}`, len(runs), strings.Join(runs, ","))}
}

const jobLog = "\uFEFF2024-05-01T12:00:00.1234567Z ##[group]Run go test ./...\n" +
	"2024-05-01T12:00:01.1234567Z \x1b[31m--- FAIL: TestSum (0.00s)\x1b[0m\n" +
	"2024-05-01T12:00:02.1234567Z ##[error]Process completed with exit code 1.\n"

// GitHub leads to the log at another host.
func TestPullRequestChecksLogs(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/log-1" {
			t.Errorf("asked elsewhere for %s", r.URL)
		}
		w.Write([]byte(jobLog))
	}))
	t.Cleanup(elsewhere.Close)
	answers := pullAnswers()
	answers[commitPath+"/check-runs"] = checkRunsOf("failure", "failure", "success", "cancelled", "timed_out")
	answers[commitPath+"/status"] = answer{body: `{"statuses":[]}`}
	answers[jobsPath+"1/logs"] = answer{status: http.StatusFound}.with("Location", elsewhere.URL+"/log-1")
	answers[jobsPath+"5/logs"] = answer{status: http.StatusGone, body: `{"message":"Gone"}`}
	f := start(t, answers)
	got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"checks"}`)
	for _, part := range []string{
		"octocat/Hello-World#1347: 5 checks of commit 6dcb09b; page 1 of 1\n\nbuild 1 — failure\n  https://github.com/octocat/Hello-World/actions/runs/9/job/1\nbuild 2 — failure\n",
		"\nbuild 3 — success\n\n## build 1 (github_actions job=1)\n",
		"> --- FAIL: TestSum (0.00s)\n> ##[error]Process completed with exit code 1.",
		"\n\n## build 5 (github_actions job=5)\ngithub: log of job 5 in octocat/Hello-World: ",
	} {
		if err != nil || !strings.Contains(got, part) {
			t.Errorf("%v, no %q in\n%s", err, part, got)
		}
	}
	if len(f.requests) != 5 {
		t.Errorf("requests %q", f.requests)
	}
}

// Many jobs with long logs share an answer, and those left out are counted.
func TestPullRequestChecksLogsSize(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	conclusions := make([]string, 21)
	for i := range conclusions {
		conclusions[i] = "failure"
		answers[fmt.Sprintf("%s%d/logs", jobsPath, i+1)] = answer{body: strings.Replace(jobLog, "\n", "\n"+strings.Repeat("2024-05-01T12:00:00.1234567Z some line of a log\n", 20_000), 1)}
	}
	answers[commitPath+"/check-runs"] = checkRunsOf(conclusions...)
	got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"checks"}`)
	if err != nil || len(got) < 15_000 || len(got) > 30_000 || strings.Count(got, "> --- FAIL: TestSum") != 5 || !strings.HasSuffix(got, "\n\n[6 more jobs failed; their logs: a smaller per_page, page by page]") {
		t.Errorf("%d bytes, %v\n%s", len(got), err, got)
	}
	t.Logf("%d bytes", len(got))
}
