package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// built is the program under test, built once, with the race detector if the
// tests have it: a race then fails whoever looks at the exit code.
var built struct {
	path string
	err  error
}

func TestMain(m *testing.M) {
	if os.Getenv(expireVariable) != "" {
		if err := expireEntry(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	made, err := os.MkdirTemp("", "valetkey-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(made)
	// The program answers its own path without links.
	dir, err := filepath.EvalSymlinks(made)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	built.path = filepath.Join(dir, "valetkey"+executableSuffix())
	output, err := exec.Command("go", "build", "-buildvcs=false", "-race="+ownSetting("-race"), "-o", built.path, ".").CombinedOutput()
	if err != nil {
		built.err = fmt.Errorf("%w: %s", err, output)
	}
	return m.Run()
}

// ownSetting answers how this test itself was built; "false" if it doesn't say.
func ownSetting(name string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "false"
	}
	for _, setting := range info.Settings {
		if setting.Key == name {
			return setting.Value
		}
	}
	return "false"
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

// environment is what a host with a strict list passes on, and more. A program
// with the race detector would end a second late without its setting.
func environment(home string, more ...string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "USERPROFILE=" + home, "APPDATA=" + home, "TMPDIR=" + os.TempDir(), "GORACE=atexit_sleep_ms=0"}
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
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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

func containsAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

// rounds answers how often to try: a few times, or as many as it takes to trust the
// result.
func rounds(few, many int) int {
	if os.Getenv("VALET_TEST_LONG") == "1" {
		return many
	}
	return few
}
