package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestDemo: the README's first command works without a terminal, a keyring, a
// network or a configuration, and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := environment(home, "GITHUB_TOKEN=not-for-the-demo-example", "VALET_STORE=paper")
	got := run(t, env, "", "demo")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	steps := []string{"1. A host starts", "2. It lists the tools", "14 tools in", "3. The assistant calls", "sign in: open http://127.0.0.1:", "@mona-example", " ms, 1 request to the service]"}
	if runtime.GOOS == "linux" || strings.Contains(got.stdout, "no keyring") {
		steps = append(steps, "There is no keyring to show", "this demo starts valetkey with VALET_STORE=memory", "there is VALET_STORE=file instead", "4. The same call again, in the same process")
	} else {
		steps = append(steps, keyringSteps()...)
	}
	for _, want := range steps {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the story lacks %q:\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout+got.stderr, "not-for-the-demo-example") {
		t.Error("the person's own key was shown")
	}
	if runtime.GOOS == "linux" {
		expectEmptyHome(t, env)
	}
}

// keyringSteps are what the demo tells where there is a keyring, as there is
// on other systems without a session bus.
func keyringSteps() []string {
	return []string{"4. The server is restarted", "5. The same call again, in the new process, without a sign-in", "6. valetkey status", "token from the keyring", "7. valetkey logout", "revoked and removed"}
}

// TestDemoGoesWrong: a step that goes wrong is named, and so is the reason.
// Here it is that the program is gone when it starts itself, as after an
// uninstall.
func TestDemoGoesWrong(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can a program be started that has no name")
	}
	home := t.TempDir()
	program := filepath.Join(home, "valetkey")
	content, err := os.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, content, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", `exec 3<"$1" && rm "$1" && exec /proc/self/fd/3 demo --approve`, "sh", program)
	command.Env = environment(home)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); command.ProcessState == nil {
		t.Fatal(err)
	}
	want := `valetkey: the demo went wrong at step 1, "A host starts valetkey and says hello (initialize)": `
	if code := command.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), "no such file") {
		t.Errorf("exit code %d; stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
	expectEmptyHome(t, command.Env)
}
