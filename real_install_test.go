package main

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const installedVersion = "v0.1.0"

// TestInstall: what the README tells people to type works with what is
// committed, and nothing else.
func TestInstall(t *testing.T) {
	t.Parallel()
	needReal(t, "git")
	dir := t.TempDir()
	packModule(t, filepath.Join(dir, "proxy", filepath.FromSlash(module), "@v"))
	env := publishedEnvironment(t, dir)
	output(t, dir, env, "go", "install", module+"@latest")
	installed := filepath.Join(dir, "valetkey"+executableSuffix())
	home := environment(t.TempDir())
	for _, c := range []struct{ said, want string }{
		{output(t, dir, home, installed, "version"), "valetkey " + installedVersion + " "},
		{output(t, dir, home, installed, "demo", "--approve"), "That's all."},
		{output(t, dir, env, "go", "run", module+"@latest", "version"), "valetkey " + installedVersion + " "},
	} {
		if !strings.Contains(c.said, c.want) {
			t.Errorf("want %q, got %q", c.want, c.said)
		}
	}
}

// publishedEnvironment is that of a person who has never seen this module: it
// comes from the proxy in dir. The other modules come from this machine's own
// cache, which go.sum has vouched for, and without their paths are compiled once.
func publishedEnvironment(t *testing.T, dir string) []string {
	t.Helper()
	proxies := []string{"file://" + filepath.ToSlash(dir) + "/proxy", "file://" + filepath.ToSlash(goEnv(t, "GOMODCACHE")) + "/cache/download", goEnv(t, "GOPROXY")}
	return append(os.Environ(), "GOFLAGS=-modcacherw -trimpath", "GOWORK=off", "GONOSUMDB=*", "GOBIN="+dir,
		"GOMODCACHE="+filepath.Join(dir, "modules"), "GOPROXY="+strings.Join(proxies, ","))
}

// output answers what a command says that has to end well.
func output(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir, command.Env = dir, env
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, said)
	}
	return string(said)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(output(t, ".", os.Environ(), "go", "env", name))
}

// packModule writes the last commit as a module proxy would serve it
// (https://go.dev/ref/mod#goproxy-protocol).
func packModule(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := exec.Command("git", "archive", "--format=tar", "HEAD")
	committed, err := archive.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Start(); err != nil {
		t.Fatal(err)
	}
	requirements := packZip(t, filepath.Join(dir, installedVersion+".zip"), tar.NewReader(committed))
	if err := archive.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"list":                     installedVersion + "\n",
		installedVersion + ".info": `{"Version":"` + installedVersion + `"}`,
		installedVersion + ".mod":  requirements,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// packZip writes a module's files (https://go.dev/ref/mod#zip-files) and
// answers its go.mod.
func packZip(t *testing.T, path string, committed *tar.Reader) (requirements string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed := zip.NewWriter(file)
	for {
		header, err := committed.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		content := packFile(t, packed, header.Name, committed)
		if header.Name == "go.mod" {
			requirements = content
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return requirements
}

func packFile(t *testing.T, packed *zip.Writer, name string, from io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	to, err := packed.Create(module + "@" + installedVersion + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write(content); err != nil {
		t.Fatal(err)
	}
	return string(content)
}
