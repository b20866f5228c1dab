package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// server is what to start and what to ask it.
type server struct {
	name        string
	command     []string
	environment []string
	questions   map[string][]call
	own         bool // valetkey, which has budgets
}

// call is one call of a tool.
type call struct {
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments"`
}

// at puts the API's address in the places left for it.
func (s server) at(address string) server {
	fill := strings.NewReplacer("{{host}}", address, "{{api}}", address+apiPath+"/")
	for _, texts := range []*[]string{&s.command, &s.environment} {
		filled := make([]string, len(*texts))
		for i, text := range *texts {
			filled[i] = fill.Replace(text)
		}
		*texts = filled
	}
	return s
}

// ours is valetkey as it is installed, and with every tool offered.
func ours(path, home string) []server {
	environment := append(inherited(), "HOME="+home, "USERPROFILE="+home, "VALET_DIR="+home, "VALET_STORE=memory", "VALET_BROWSER=never",
		"GITHUB_HOST={{host}}", "GITHUB_TOKEN=example-token")
	return []server{
		{"valetkey", []string{path, "serve"}, environment, ourQuestions(), true},
		{"valetkey, all tools", []string{path, "serve"}, append(environment[:len(environment):len(environment)], "GITHUB_TOOLSETS=all"), ourQuestions(), true},
	}
}

// others are the servers named on the command line.
func (o options) others() ([]server, error) {
	asked, err := readQuestions(o.questions)
	if err != nil {
		return nil, err
	}
	var all []server
	for _, text := range o.servers {
		name, command, _ := strings.Cut(text, "=")
		all = append(all, server{name: name, command: strings.Fields(command)})
	}
	if len(o.command) > 0 {
		name := strings.TrimSuffix(filepath.Base(o.command[0]), ".exe")
		all = append(all, server{name: name, command: o.command})
	}
	for i := range all {
		if all[i].name == "" || len(all[i].command) == 0 {
			return nil, fmt.Errorf("-server wants NAME=COMMAND ARGUMENT…; got %q", o.servers[i])
		}
		all[i].environment = append(append(inherited(), home()...), o.variables...)
		all[i].questions = asked[all[i].name]
	}
	return all, nil
}

// readQuestions gives what to ask each server, by its name.
func readQuestions(path string) (map[string]map[string][]call, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var asked map[string]map[string][]call
	if err := json.Unmarshal(text, &asked); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for name, questions := range asked {
		for question := range questions {
			if _, known := ourQuestions()[question]; !known {
				return nil, fmt.Errorf("%s: %s: there is no question %q", path, name, question)
			}
		}
	}
	return asked, nil
}

// inherited is what a program needs to run at all. Nothing else gets through, so
// that nobody's real token reaches a server that is measured.
func inherited() []string {
	return variables("PATH", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
}

// home is where other servers find their own programs.
func home() []string { return variables("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA") }

func variables(names ...string) []string {
	var set []string
	for _, name := range names {
		if value, ok := os.LookupEnv(name); ok {
			set = append(set, name+"="+value)
		}
	}
	return set
}

// build makes valetkey as a release is.
func build(ctx context.Context, path string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/valetkey/valetkey")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, output)
	}
	return nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
