package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBrowser: the page is opened once a code, without a shell, and a browser
// that fails or hangs costs nothing.
func TestBrowser(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can a test put itself in the browser's place")
	}
	for name, ending := range map[string]string{"works": "exit 0", "fails": "exit 3", "hangs": "exec sleep 600"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			script := "#!/bin/sh\nprintf '%s|%s\\n' $# \"$1\" >>" + bin + "/opened\necho $$ >>" + bin + "/pids\necho noise\n" + ending + "\n"
			if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { endProcesses(t, filepath.Join(bin, "pids")) })
			p := startPractice(t, "VALET_STORE=memory")
			s := serve(t, with(p.env, "VALET_BROWSER=auto", "DISPLAY=:0", "PATH="+bin+":"+os.Getenv("PATH")))
			s.initialize()
			first, isError := s.call("github_whoami", "{}")
			if isError || !userCode.MatchString(first) {
				t.Errorf("the words don't come: %q", first)
			}
			if second, _ := s.call("github_whoami", "{}"); userCode.FindString(second) != userCode.FindString(first) {
				t.Errorf("another code: %q", second)
			}
			want := "1|" + p.URL() + "/login/device\n"
			if got := waitForFile(t, filepath.Join(bin, "opened")); got != want {
				t.Errorf("the browser got %q, want %q", got, want)
			}
			s.end()
		})
	}
}

// waitForFile answers what a file holds as soon as it holds something.
func waitForFile(t *testing.T, path string) string {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		if content, err := os.ReadFile(path); err == nil && len(content) > 0 {
			return string(content)
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s stays empty", filepath.Base(path))
		}
	}
}

// endProcesses ends what a script of this test has left running.
func endProcesses(t *testing.T, path string) {
	content, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("no process wrote its number: %v", err)
	}
	for line := range strings.Lines(string(content)) {
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if process, err := os.FindProcess(pid); err == nil {
			// It has usually ended by itself.
			_ = process.Kill()
		}
	}
}
