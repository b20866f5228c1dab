package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// built is the program under test, built once, in the way the tests are.
var built struct {
	path string
	err  error
}

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "valetkey-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	built.path = filepath.Join(dir, "valetkey"+executableSuffix())
	output, err := exec.Command("go", "build", "-o", built.path, ".").CombinedOutput()
	if err != nil {
		built.err = fmt.Errorf("%w: %s", err, output)
	}
	return m.Run()
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// binary answers the path of the program.
func binary(t testing.TB) string {
	t.Helper()
	if built.err != nil {
		t.Fatalf("the program can't be built: %v", built.err)
	}
	return built.path
}

// environment is what a host with a strict list passes on, and more.
func environment(home string, more ...string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "USERPROFILE=" + home, "TMPDIR=" + os.TempDir()}
	for _, name := range []string{"SYSTEMROOT", "TEMP", "TMP"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, more...)
}

// ran is what a command has said and how it ended.
type ran struct {
	stdout, stderr string
	code           int
}

// run runs the program with a command.
func run(t *testing.T, env []string, stdin string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary(t), args...)
	command.Env = env
	command.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("valetkey %s didn't end; stdout %q, stderr %q", strings.Join(args, " "), stdout.String(), stderr.String())
	}
	return ran{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}
