package sandbox

import (
	"crypto/sha1"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const githubOrg = "tidepool-example"

// githubEpoch is when the practice data was last changed, so that its dates are the same every day.
func githubEpoch() time.Time { return time.Date(2026, 9, 14, 9, 30, 0, 0, time.UTC) }

//go:embed github
var githubFiles embed.FS

// githubRepo is a repository.
type githubRepo struct {
	full, description, language string
	private                     bool
	stars                       int
	topics                      []string
	files                       map[string]string
	history                     []githubCommit
	numbered                    []*githubIssue
	nextID                      int
}

// githubCommit is one commit of the main branch, the newest first.
type githubCommit struct {
	sha, author, message string
	at                   time.Time
}

// githubIssue is an issue or, with pull, a pull request.
type githubIssue struct {
	number              int
	id                  int
	title, body, author string
	state, reason       string
	labels, assignees   []string
	created, updated    time.Time
	comments            []githubComment
	pull                *githubPull
}

// githubComment is a comment or a review of a pull request.
type githubComment struct {
	id           int
	author, body string
	at           time.Time
}

// githubPull is what a pull request has beside an issue.
type githubPull struct {
	branch        string
	draft, merged bool
	path          string // the file it changes
	removed       string
	added         string
	reviews       []githubReview
	remarks       []githubComment // on the changed line
	failing       bool
}

type githubReview struct {
	githubComment
	state string
}

func githubRepos() []*githubRepo {
	harbour := &githubRepo{
		full: githubOrg + "/harbour", description: "Tide times for harbours, predicted on your machine", language: "Go", stars: 214,
		topics: []string{"tides", "cli", "sailing"}, files: githubTree("harbour"), nextID: 5000,
	}
	harbour.history = githubHistory()
	harbour.numbered = githubIssues(harbour)
	charts := &githubRepo{
		full: githubOrg + "/charts", description: "Charts of tide tables for the web", language: "TypeScript", stars: 38, topics: []string{"tides", "svg"},
		files:  map[string]string{"README.md": "# charts\n\nDraws the output of harbour as a curve.\n", "src/curve.ts": "export const curve = (heights: number[]) => heights.map((h, i) => `${i},${h}`).join(' ')\n"},
		nextID: 7000, history: githubHistory()[:2],
	}
	dotfiles := &githubRepo{
		full: githubAccount + "/dotfiles", description: "How my shell looks", language: "Shell", private: true,
		files: map[string]string{"README.md": "# dotfiles\n\nMine.\n", ".profile": "export PAGER=less\n"}, nextID: 8000, history: githubHistory()[:1],
	}
	return []*githubRepo{harbour, charts, dotfiles}
}

// githubTree reads a repository's files. They end in .txt here, so that no tool takes them for code of this module.
func githubTree(name string) map[string]string {
	files := map[string]string{}
	root := path.Join("github", name)
	err := fs.WalkDir(githubFiles, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := githubFiles.ReadFile(file)
		relative := strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), ".txt")
		if rest, isWorkflow := strings.CutPrefix(relative, "workflows/"); isWorkflow {
			relative = ".github/workflows/" + rest
		}
		files[relative] = string(content)
		return err
	})
	if err != nil {
		// The files are part of the program.
		panic("sandbox: " + err.Error())
	}
	return files
}

func githubHistory() []githubCommit {
	subjects := []struct{ author, message string }{
		{"grace-example", "go.mod: raise the Go version to 1.24"},
		{"alan-example", "harbour: two spaces between the columns\n\nSo that awk can split them."},
		{"mona-example", "tide: add Brest"},
		{"katherine-example", "docs: mend a typo"},
		{"alan-example", "tide: name the harbour that isn't there"},
		{"ada-example", "tide: add Galway"},
		{"grace-example", "harbour: always print metres"},
		{"mona-example", "harbour: first version"},
	}
	var history []githubCommit
	for i, s := range subjects {
		history = append(history, githubCommit{
			sha: hash("commit", s.message), author: s.author, message: s.message, at: githubEpoch().AddDate(0, 0, -9*i),
		})
	}
	return history
}

// githubIssues reads the table of issues and pull requests.
func githubIssues(repo *githubRepo) []*githubIssue {
	table, err := githubFiles.ReadFile("github/issues.tsv")
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	var all []*githubIssue
	for line := range strings.Lines(string(table)) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		number, err := strconv.Atoi(column[0])
		if err != nil || len(column) != 7 {
			panic("sandbox: github/issues.tsv: " + line)
		}
		issue := &githubIssue{
			number: number, id: 100000 + number, state: column[2], author: column[3], labels: strings.Split(column[4], ","),
			title: column[5], body: column[6], created: githubEpoch().AddDate(0, 0, -3*(50-number)), updated: githubEpoch().AddDate(0, 0, -(50 - number)),
		}
		if issue.state == "closed" {
			issue.reason = "completed"
		}
		issue.comments = githubTalk(repo, issue)
		if column[1] == "pull" {
			issue.pull = githubChange(repo, issue)
		}
		all = append(all, issue)
	}
	return all
}

// githubTalk gives every third issue a few comments.
func githubTalk(repo *githubRepo, issue *githubIssue) []githubComment {
	if issue.number%3 != 1 {
		return nil
	}
	said := []struct{ author, body string }{
		{"mona-example", "Thanks for the report. I can see it here as well."},
		{"grace-example", "It began with the commit that made the columns two spaces apart, I think."},
		{issue.author, "Still there in the latest version."},
	}
	var talk []githubComment
	for i, s := range said[:1+issue.number%len(said)] {
		repo.nextID++
		talk = append(talk, githubComment{id: repo.nextID, author: s.author, body: s.body, at: issue.created.Add(time.Duration(i+1) * 26 * time.Hour)})
	}
	return talk
}

// githubChange makes up what a pull request changes and what was said about it.
func githubChange(repo *githubRepo, issue *githubIssue) *githubPull {
	paths := []string{"tide/events.go", "docs/usage.md", "main.go", "tide/stations.go"}
	file := paths[issue.number%len(paths)]
	lines := strings.Split(repo.files[file], "\n")
	changed := len(lines) / 2
	p := &githubPull{
		branch: "change-" + strconv.Itoa(issue.number), draft: issue.number == 13 || issue.number == 19, merged: issue.state == "closed",
		path: file, removed: lines[changed], added: lines[changed] + " // " + strings.ToLower(issue.title), failing: issue.number == 32,
	}
	repo.nextID += 2
	state, body := "APPROVED", "Good. Thank you."
	if p.failing {
		state, body = "CHANGES_REQUESTED", "The sign is lost for -0.04 too, since it is rounded first."
		p.remarks = []githubComment{{id: repo.nextID, author: "grace-example", body: "Round after the sign is known?", at: issue.updated}}
	}
	if !p.draft {
		p.reviews = []githubReview{{githubComment{id: repo.nextID - 1, author: "grace-example", body: body, at: issue.updated}, state}}
	}
	return p
}

func (repo *githubRepo) issue(number int) *githubIssue {
	i := slices.IndexFunc(repo.numbered, func(issue *githubIssue) bool { return issue.number == number })
	if i < 0 {
		return nil
	}
	return repo.numbered[i]
}

func (repo *githubRepo) owner() string { owner, _, _ := strings.Cut(repo.full, "/"); return owner }
func (repo *githubRepo) name() string  { _, name, _ := strings.Cut(repo.full, "/"); return name }

// hash is the name git gives an object.
func hash(kind, content string) string {
	return fmt.Sprintf("%x", sha1.Sum([]byte(fmt.Sprintf("%s %d\x00%s", kind, len(content), content))))
}
