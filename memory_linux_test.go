package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const mostMemory = 64_000_000

// largeAnswers are what a server may answer, by the end of the path.
func largeAnswers() map[string]string {
	var tree strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&tree, `,{"path":"a/directory%d/with/a/long/path/file%d.go","mode":"100644","type":"blob","sha":"%040d","size":%d,"url":"https://api.github.com/repos/o/r/git/blobs/%040d"}`, i%500, i, i, i, i)
	}
	return map[string]string{
		"/jobs/42/logs":   strings.Repeat("##[group]Run a\n##[error]no\n", 100_000_000/27),
		"/git/trees/HEAD": `{"truncated":false,"tree":[` + tree.String()[1:] + `]}`,
		"/a/list":         `[` + strings.Repeat(`{"title":"a title","body":"`+strings.Repeat("words ", 100)+`"},`, 31_000_000/630) + `{}]`,
	}
}

// TestMemory: the program as it is shipped holds little, however much it is
// answered.
func TestMemory(t *testing.T) {
	t.Parallel()
	answers := largeAnswers()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for end, answer := range answers {
			if strings.HasSuffix(r.URL.Path, end) {
				w.Header().Set("Content-Type", "application/json")
				http.ServeContent(w, r, "", time.Time{}, strings.NewReader(answer))
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer api.Close()
	env := environment(t.TempDir(), "GITHUB_HOST="+api.URL, "GITHUB_TOKEN=example-token", "VALET_TOOLSETS=all")
	program := shipped(t)
	for _, c := range []struct{ tool, arguments, want string }{
		{"github_actions", `{"repo":"o/r","part":"log","job":42}`, `job 42 in o/r: failed step "a", in line 7,407,405 of 7,407,406 `},
		{"github_contents", `{"repo":"o/r","recursive":true}`, "o/r: all files, entries 1–"},
		{"github_api", `{"path":"repos/o/a/list"}`, "GET repos/o/a/list: 200; cut after 24.0 kB of "},
		{"github_api", `{"path":"repos/o/a/list","jq":".[0].title"}`, "GET repos/o/a/list: 200\n\na title"},
	} {
		s := serveProgram(t, program, env)
		s.initialize()
		if text, isError := s.call(c.tool, c.arguments); isError || !strings.HasPrefix(text, c.want) {
			t.Errorf("%s: %.200s", c.tool, text)
		}
		most := mostResident(t, s.process.Process.Pid)
		t.Logf("%s %s: %.1f MB", c.tool, c.arguments, float64(most)/1e6)
		if most > mostMemory {
			t.Errorf("%s %s: %d MB were held", c.tool, c.arguments, most/1_000_000)
		}
		s.end()
	}
}

// TestMemoryOfManyAnswers: answers that are large are read one after the other,
// also when they are asked for at once, and none is kept.
func TestMemoryOfManyAnswers(t *testing.T) {
	t.Parallel()
	list := `[` + strings.Repeat(`{"a":"b"},`, 240_000) + `{}]`
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(list))
	}))
	defer api.Close()
	env := environment(t.TempDir(), "GITHUB_HOST="+api.URL, "GITHUB_TOKEN=example-token", "VALET_TOOLSETS=all")
	program := shipped(t)
	for _, c := range []struct{ rounds, atOnce, most int }{{12, 1, mostMemory}, {2, 16, 2 * mostMemory}} {
		s := serveProgram(t, program, env)
		s.initialize()
		for range c.rounds {
			for id := range c.atOnce {
				s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"github_api","arguments":{"path":"repos/o/%d"}}}`, id+1, id))
			}
			for range c.atOnce {
				if said := fmt.Sprint(s.receive()["result"]); !strings.Contains(said, ": 200; cut after 24.0 kB of 2.4 MB") {
					t.Errorf("%.200s", said)
				}
			}
		}
		most := mostResident(t, s.process.Process.Pid)
		t.Logf("%d times %d: %.1f MB", c.rounds, c.atOnce, float64(most)/1e6)
		if most > c.most {
			t.Errorf("%d times %d: %d MB were held", c.rounds, c.atOnce, most/1_000_000)
		}
		s.end()
	}
}

// mostResident is the most memory that a process has held, in bytes.
func mostResident(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.TrimSpace(strings.Split(after, "kB")[0]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes * 1024
}
