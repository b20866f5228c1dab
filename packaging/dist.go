package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// target is a system that a release has a program for.
type target struct {
	// system and machine are what Go calls them.
	system, machine string
	// platform and cpu are what Node.js calls them, and so npm and MCP bundles.
	// https://nodejs.org/api/process.html#processplatform
	platform, cpu string
}

func targets() []target {
	return []target{
		{"darwin", "amd64", "darwin", "x64"},
		{"darwin", "arm64", "darwin", "arm64"},
		{"linux", "amd64", "linux", "x64"},
		{"linux", "arm64", "linux", "arm64"},
		{"windows", "amd64", "win32", "x64"},
		{"windows", "arm64", "win32", "arm64"},
	}
}

// file is how the program is named there.
func (t target) file() string {
	if t.system == "windows" {
		return "valetkey.exe"
	}
	return "valetkey"
}

// program is one that is built.
type program struct {
	target
	bytes []byte
}

// built reads the programs that goreleaser has written into a folder. There has
// to be one for each target. Paths are relative to where goreleaser ran.
// https://goreleaser.com/customization/general/artifacts/
func built(dist string) ([]program, error) {
	text, err := os.ReadFile(filepath.Join(dist, "artifacts.json"))
	if err != nil {
		return nil, err
	}
	var artifacts []struct{ Type, Goos, Goarch, Path string }
	if err := json.Unmarshal(text, &artifacts); err != nil {
		return nil, fmt.Errorf("artifacts.json: %w", err)
	}
	paths := map[string][]string{}
	for _, a := range artifacts {
		if a.Type == "Binary" {
			paths[a.Goos+"/"+a.Goarch] = append(paths[a.Goos+"/"+a.Goarch], a.Path)
		}
	}
	var all []program
	var wrong error
	for _, t := range targets() {
		found := paths[t.system+"/"+t.machine]
		if len(found) != 1 {
			wrong = errors.Join(wrong, fmt.Errorf("artifacts.json has %d programs for %s/%s, want 1", len(found), t.system, t.machine))
			continue
		}
		bytes, err := os.ReadFile(filepath.FromSlash(found[0]))
		wrong = errors.Join(wrong, err)
		all = append(all, program{t, bytes})
	}
	return all, wrong
}
