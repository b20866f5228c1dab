//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/valetkey/valetkey/sandbox"
)

// recorder is a program that notes how it was started.
func recorder(t *testing.T, bin, name, output string) {
	t.Helper()
	script := "#!/bin/sh\n{ tr '\\0' ' ' </proc/$$/cmdline; env; tr '\\0' '\\n' </proc/$PPID/cmdline; } >" + bin + "/" + name + ".$$.seen\n" + output + "\n"
	if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

// everything answers the content of every file below some directories, by path.
func everything(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			found[path] = path + "\n" + string(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// attributes are what anybody on the bus may read of the keyring's entries.
func (k *realKeyring) attributes() string {
	k.t.Helper()
	var unlocked, locked []dbus.ObjectPath
	call := k.bus.Object(secretsName, secretsPath).Call(secretsService+".SearchItems", 0, map[string]string{})
	if err := call.Store(&unlocked, &locked); err != nil {
		k.t.Fatal(err)
	}
	var seen strings.Builder
	for _, path := range append(unlocked, locked...) {
		for _, property := range []string{"Attributes", "Label"} {
			value, err := k.bus.Object(secretsName, path).GetProperty("org.freedesktop.Secret.Item." + property)
			if err != nil {
				k.t.Fatal(err)
			}
			fmt.Fprintln(&seen, property, value)
		}
	}
	return seen.String()
}

// TestNoSecretAnywhere follows every secret of a whole life, from the sign-in
// over refreshes, a wrong turn and a second account to the sign-out, and looks
// for it wherever somebody else could: in messages, logs, files, arguments and
// environments of children, and in what the keyring shows to everyone.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	bin := t.TempDir()
	recorder(t, bin, "xdg-open", "exit 0")
	p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, TokenLifetime: 8 * time.Hour},
		append(k.env(), "VALET_BROWSER=auto", "DISPLAY=:0", "PATH="+bin+":"+os.Getenv("PATH"))...)
	var said strings.Builder
	note := func(texts ...string) {
		for _, text := range texts {
			said.WriteString(text + "\n")
		}
	}
	command := func(env []string, args ...string) {
		t.Helper()
		got := run(t, env, "", args...)
		note(got.stdout, got.stderr)
	}
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	note(k.attributes())
	for _, step := range []func(){
		func() { p.expire(t) },
		func() { p.expire(t); p.FailToken(sandbox.Fault{Status: 503}) },
		func() { p.RevokeTokens() },
		func() { p.expire(t); p.FailToken(sandbox.Fault{Lost: true}, sandbox.Fault{Lost: true}) },
	} {
		step()
		command(p.env, "call", "github_whoami")
		command(p.env, "status", "--json")
		command(p.env, "doctor")
	}
	key := p.IssueToken("repo")
	recorder(t, bin, "give-key", "printf %s "+key)
	command(with(p.env, "GITHUB_TOKEN_COMMAND=give-key", "GITHUB_CLIENT_SECRET="+sandbox.ClientSecret), "call", "github_whoami")
	command(with(p.env, "GITHUB_TOKEN="+key), "status")
	command(with(p.env, "GITHUB_TOKEN=wrong-example"), "call", "github_whoami")
	command(p.env, "logout")
	s.end()
	note(s.stdout.String(), s.stderr.String(), k.attributes())
	if err := os.Remove(filepath.Join(bin, "give-key")); err != nil {
		t.Fatal(err)
	}
	home := ""
	for _, pair := range p.env {
		if value, ok := strings.CutPrefix(pair, "HOME="); ok {
			home = value
		}
	}
	files := everything(t, bin, home)
	for _, needed := range []string{"xdg-open", "give-key", ".lock"} {
		if !strings.Contains(strings.Join(keys(files), "\n"), needed) {
			t.Errorf("nothing was seen of %s: %q", needed, keys(files))
		}
	}
	for path, content := range files {
		p.expectNoSecret(t, path+"\n"+content)
	}
	p.expectNoSecret(t, said.String())
}

func keys(m map[string]string) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	return all
}
