package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// TestBrowser: the page is opened once a code, without a shell or a secret in
// the browser's environment, and a browser that fails or hangs costs nothing.
func TestBrowser(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can a test put itself in the browser's place")
	}
	for name, ending := range map[string]string{"works": "exit 0", "fails": "exit 3", "hangs": "exec sleep 600"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			script := "#!/bin/sh\ncd " + bin + "\necho $$ >pid\nenv >all && mv all environment\nprintf '%s|%s\\n' $# \"$1\" >>opened\necho noise\n" + ending + "\n"
			if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			if name == "hangs" {
				t.Cleanup(func() { endProcess(t, filepath.Join(bin, "pid")) })
			}
			p := startPractice(t, "VALET_STORE=memory")
			s := serve(t, with(p.env, "VALET_BROWSER=auto", "DISPLAY=:0", "VALET_PROXY=http://valet:example-password@127.0.0.1:1", "PATH="+bin+":"+os.Getenv("PATH")))
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
			if got := waitForFile(t, filepath.Join(bin, "environment")); !strings.Contains(got, "GITHUB_CLIENT_ID=") || strings.Contains(got, sandbox.ClientSecret) || strings.Contains(got, "example-password") {
				t.Errorf("the browser's environment is %q", got)
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

// endProcess ends the process whose number a script has written.
func endProcess(t *testing.T, path string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(waitForFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Errorf("the browser was to hang, and has ended: %v", err)
	}
}
