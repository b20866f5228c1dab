package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestBrowserOfLogin: that no browser could be opened, whoever runs login is told, but
// for those who want to hear of errors only.
func TestBrowserOfLogin(t *testing.T) {
	t.Parallel()
	for level, told := range map[string]bool{"": true, "error": false} {
		t.Run("VALET_LOG="+level, func(t *testing.T) {
			t.Parallel()
			p, bin := failingBrowser(t)
			said := filepath.Join(bin, "said")
			file, err := os.Create(said)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			command := exec.Command(binary(t), "login", "github")
			command.Env, command.Stdout, command.Stderr = with(p.env, "VALET_LOG="+level), file, file
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop(command) })
			waitForFile(t, filepath.Join(bin, "opened"))
			const wrong = "no browser could be opened"
			if told {
				eventually(t, wrong, func() bool { return strings.Contains(waitForFile(t, said), wrong) })
			}
			if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", userCode.FindString(waitForFile(t, said))); err != nil {
				t.Fatal(err)
			}
			err = command.Wait()
			if text := waitForFile(t, said); err != nil || strings.Contains(text, wrong) != told {
				t.Errorf("%v; it says %q", err, text)
			}
		})
	}
}

// failingBrowser is a practice GitHub with a store for tokens, and a folder with a
// browser that fails and leaves a file there.
func failingBrowser(t *testing.T) (p practice, bin string) {
	t.Helper()
	bin = t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\necho yes >"+bin+"/opened\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, _ = fileStore(t)
	p.env = with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "VALET_BROWSER=auto", "DISPLAY=:0", "PATH="+bin+":"+os.Getenv("PATH"))
	return p, bin
}
