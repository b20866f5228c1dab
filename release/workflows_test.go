package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWorkflows: what runs with a right to this repository is what was looked at.
// Each action is named by its commit, with the version beside it; a workflow gives
// no right that a job doesn't name; a checkout leaves no credentials; an image is
// named by its digest; and no expression stands in a script, where it would be code.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("workflows: %v, %v", files, err)
	}
	pinned := regexp.MustCompile(`^[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	image := regexp.MustCompile(`^ +(container|image): +[^ #{]`)
	value := regexp.MustCompile(`^ +[\w-]+: \$\{\{ [\w.]+ \}\}$`)
	commits := map[string]string{}
	for _, file := range files {
		text := read(t, file)
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s gives rights to all jobs", file)
		}
		if strings.Count(text, "actions/checkout@") != strings.Count(text, "persist-credentials: false") {
			t.Errorf("%s: a checkout leaves its credentials", file)
		}
		for number, line := range strings.Split(text, "\n") {
			_, action, uses := strings.Cut(line, "uses: ")
			switch {
			case strings.Contains(line, "pull_request_target"):
				t.Errorf("%s:%d: runs the code of strangers with rights", file, number+1)
			case uses && !strings.HasPrefix(action, "./") && !pinned.MatchString(action):
				t.Errorf("%s:%d: %q isn't pinned", file, number+1, action)
			case image.MatchString(line) && !regexp.MustCompile(`@sha256:[0-9a-f]{64}( |$)`).MatchString(line):
				t.Errorf("%s:%d: an image without a digest: %s", file, number+1, line)
			case strings.Contains(line, "${{") && !value.MatchString(line):
				t.Errorf("%s:%d: an expression that isn't a whole value: %s", file, number+1, line)
			}
			name, commit, _ := strings.Cut(action, "@")
			if before, seen := commits[name]; seen && before != commit {
				t.Errorf("%s:%d: %s is another one elsewhere", file, number+1, name)
			}
			commits[name] = commit
		}
	}
}

// TestRightsAreOurs: a job that may publish something runs nothing that npm installs.
func TestRightsAreOurs(t *testing.T) {
	t.Parallel()
	jobs := regexp.MustCompile(`(?m)^  [\w-]+:$`).Split(read(t, "../.github/workflows/release.yml"), -1)
	var publishing int
	for _, job := range jobs {
		if !strings.Contains(job, ": write") {
			continue
		}
		publishing++
		if installs := regexp.MustCompile(`\b(npm (ci|i|install|exec)|npx)\b.*`).FindString(job); installs != "" {
			t.Errorf("with a right to write: %s", installs)
		}
	}
	if publishing == 0 {
		t.Error("no job has a right to publish")
	}
}

// TestSameGoreleaser: what CI tries is what releases.
func TestSameGoreleaser(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`goreleaser/v2@v[\d.]+`)
	tried, used := version.FindString(read(t, "../.ci/run")), version.FindAllString(read(t, "../.github/workflows/release.yml"), -1)
	if slices.Sort(used); tried == "" || !slices.Equal(slices.Compact(used), []string{tried}) {
		t.Errorf("CI tries %q, and a release uses %q", tried, used)
	}
}
