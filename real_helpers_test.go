package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	// realVariable asks for the tests that need programs of other people, as
	// .ci/run installs them.
	realVariable = "VALET_TEST_REAL"
	realParts    = "testdata/real"

	deviceCodePath = "/login/device/code"
)

// needReal skips a test unless its real parts are asked for. Then a missing one
// is a failure.
func needReal(t testing.TB, programs ...string) {
	t.Helper()
	if os.Getenv(realVariable) != "1" {
		t.Skipf("it needs %s; .ci/run installs them and sets %s=1", strings.Join(programs, ", "), realVariable)
	}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s=1, but %v", realVariable, err)
		}
	}
}

// part answers the path of something npm has installed in testdata/real.
func part(t testing.TB, name ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{realParts, "node_modules"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s=1, but %v; run: npm ci --prefix %s", realVariable, err, realParts)
	}
	return path
}

// node answers the Node.js that npm has installed there: what is on PATH may be
// too old. Where npm has none for the system, the one on PATH has to do.
func node(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return part(t, ".bin", "node")
	}
	path, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// background starts a program that runs as long as the test and answers the
// lines it prints.
func background(t testing.TB, command *exec.Cmd) *bufio.Reader {
	t.Helper()
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(command) })
	return bufio.NewReader(stdout)
}

// stop ends a process of this test; one that has ended stays so.
func stop(command *exec.Cmd) {
	if command.ProcessState == nil {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

// firstLine answers the first line a program prints.
func firstLine(t testing.TB, from *bufio.Reader) string {
	t.Helper()
	lines := make(chan string, 1)
	go func() {
		line, err := from.ReadString('\n')
		if err != nil && err != io.EOF {
			line = ""
		}
		lines <- strings.TrimSpace(line)
	}()
	select {
	case line := <-lines:
		if line != "" {
			return line
		}
		t.Fatal("it ended without a word")
	case <-time.After(patience):
		t.Fatal("it says nothing")
	}
	return ""
}

// eventually asks again and again until the answer is yes.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !holds(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it never came: %s", what)
		}
	}
}

// asked counts the requests for a path at the practice GitHub.
func (p practice) asked(path string) int {
	count := 0
	for _, r := range p.Requests() {
		if r.Path == path {
			count++
		}
	}
	return count
}
