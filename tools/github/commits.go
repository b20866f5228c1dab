package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type commitsArguments struct {
	repository
	Part      string `json:"part,omitempty" enum:"list,commit,compare,diff,blame" default:"list"`
	Ref       string `json:"ref,omitempty" doc:"branch, tag or commit; default: the default branch"`
	Base      string `json:"base,omitempty" doc:"compare, diff"`
	Path      string `json:"path,omitempty"`
	Author    string `json:"author,omitempty" doc:"login or email"`
	Since     string `json:"since,omitempty" doc:"YYYY-MM-DD"`
	Until     string `json:"until,omitempty"`
	StartLine int    `json:"start_line,omitempty" minimum:"1"`
	EndLine   int    `json:"end_line,omitempty" minimum:"1"`
	Offset    int    `json:"offset,omitempty" minimum:"0"`
	Page      int    `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage   int    `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
	detailed
}

// commitsPart is one thing there is to read, and which arguments it takes.
type commitsPart struct {
	tools.Usage
	read func(*api, context.Context, commitsArguments) (string, error)
}

func commitsParts() map[string]commitsPart {
	return map[string]commitsPart{
		"list":    {tools.Usage{Also: []string{"ref", "path", "author", "since", "until"}}, (*api).commits},
		"commit":  {tools.Usage{Also: []string{"ref", "offset"}}, (*api).commit},
		"compare": {tools.Usage{Needs: []string{"base"}, Also: []string{"ref"}}, (*api).compare},
		"diff":    {tools.Usage{Needs: []string{"base"}, Also: []string{"ref"}}, (*api).compareDiff},
		"blame":   {tools.Usage{Needs: []string{"path"}, Also: []string{"ref", "start_line", "end_line"}}, (*api).blame},
	}
}

func (in commitsArguments) given() []string {
	return names([]sent{
		{"ref", in.Ref != ""}, {"base", in.Base != ""}, {"path", in.path() != ""}, {"author", in.Author != ""}, {"since", in.Since != ""},
		{"until", in.Until != ""}, {"start_line", in.StartLine > 0}, {"end_line", in.EndLine > 0}, {"offset", in.Offset > 0},
	})
}

// Check ties the arguments to the parts that take them.
func (in commitsArguments) Check() []string {
	faults := append(in.repository.Check(), commitsParts()[in.Part].Faults("part "+in.Part, in.given())...)
	faults = append(faults, checkRef("ref", in.Ref)...)
	faults = append(faults, checkRef("base", in.Base)...)
	faults = append(faults, checkPath("path", in.path())...)
	faults = append(faults, checkTime("since", in.Since)...)
	faults = append(faults, checkTime("until", in.Until)...)
	if in.EndLine > 0 && in.EndLine < in.StartLine {
		faults = append(faults, fmt.Sprintf("'end_line' %d is before 'start_line' %d", in.EndLine, in.StartLine))
	}
	return faults
}

func (in commitsArguments) path() string { return plainPath(in.Path) }

// head is what is read: the default branch if nothing else is named.
func (in commitsArguments) head() string {
	if in.Ref == "" {
		return "HEAD"
	}
	return in.Ref
}

// String names what is asked for.
func (in commitsArguments) String() string {
	what := in.Repo
	if in.path() != "" {
		what += "/" + oneLine(in.path(), 300)
	}
	switch {
	case in.Base != "":
		return fmt.Sprintf("%s %s...%s", what, oneLine(in.Base, 100), oneLine(in.head(), 100))
	case in.Ref != "":
		return what + " at " + oneLine(in.Ref, 100)
	}
	return what
}

func (a *api) commitsTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_commits",
		Title:       "Commits",
		Description: "List commits, read one with its diff, compare base...ref (commits and files; diff for the changes), or see who last changed each line of a file (blame).",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, func(ctx context.Context, in commitsArguments) (string, error) {
		return commitsParts()[in.Part].read(a, ctx, in)
	})
}

func (a *api) commits(ctx context.Context, in commitsArguments) (string, error) {
	since, _ := parseSince(in.Since)
	commits, r, err := a.client.Repositories.ListCommits(ctx, in.owner(), in.name(), &github.CommitsListOptions{
		SHA: in.Ref, Path: in.path(), Author: strings.TrimPrefix(in.Author, "@"), Since: since, Until: endOf(in.Until),
		ListOptions: github.ListOptions{Page: in.Page, PerPage: in.PerPage},
	})
	if err != nil {
		return "", explain(err, in.String())
	}
	return listing(fmt.Sprintf("%s: %s", in, here(len(commits), "commit", position(in.Page, r))), repositoryCommitLines(commits)), nil
}

// endOf is the moment until which a person means, who includes the day they
// name; the zero time for "".
func endOf(until string) time.Time {
	end, _ := parseSince(until)
	if _, err := time.Parse(time.DateOnly, until); err == nil {
		return end.Add(24*time.Hour - time.Second)
	}
	return end
}

func repositoryCommitLines(commits []*github.RepositoryCommit) []string {
	lines := make([]string, len(commits))
	for i, commit := range commits {
		lines[i] = commitLine(commit.GetSHA(), commit.Author, commit.Commit)
	}
	return lines
}

// commit shows who did what, and a page of the diff. The first page begins
// with the message.
func (a *api) commit(ctx context.Context, in commitsArguments) (string, error) {
	head := ""
	if in.Page == 1 {
		// The files come with the diff.
		commit, _, err := a.client.Repositories.GetCommit(ctx, in.owner(), in.name(), escapePath(in.head()), &github.ListOptions{PerPage: 1})
		if err != nil {
			return "", explain(err, in.String())
		}
		if in.Offset > 0 {
			return commitMessage(commit, in.Offset), nil
		}
		head = join("\n", commitHead(commit), "\n"+commitMessage(commit, 0)) + "\n\n"
		in.Ref = commit.GetSHA()
	}
	address := fmt.Sprintf("repos/%s/commits/%s", in.Repo, escapePath(in.head()))
	shown, err := a.diffPage(ctx, address, in.commitName(), "use github_contents for single files at this commit", in.Page)
	if isStatus(err, http.StatusNotAcceptable) && head != "" {
		return head + "[" + err.Error() + "]", nil
	}
	if err != nil {
		return "", err
	}
	return head + shown, nil
}

func (in commitsArguments) commitName() string {
	if len(in.Ref) >= 40 {
		return in.Repo + " at " + shortSHA(in.Ref)
	}
	return in.String()
}

func commitHead(commit *github.RepositoryCommit) string {
	git := commit.GetCommit()
	parents := make([]string, len(commit.Parents))
	for i, parent := range commit.Parents {
		parents[i] = shortSHA(parent.GetSHA())
	}
	return join("\n",
		"# commit "+commit.GetSHA(),
		join(", ", "by "+person(commit.Author, git.GetAuthor()), day(git.GetAuthor().GetDate()), committed(commit),
			labelled("parents: ", strings.Join(parents, " ")), fmt.Sprintf("+%d −%d", commit.GetStats().GetAdditions(), commit.GetStats().GetDeletions()),
			flag(git.GetVerification().GetVerified(), "signature verified")),
		commit.GetHTMLURL(),
	)
}

// person names the account and what the commit says, since anybody can write
// anything there.
func person(account *github.User, author *github.CommitAuthor) string {
	name := oneLine(author.GetName(), 60)
	if account.GetLogin() == "" {
		return name + " (no account)"
	}
	return join(" ", login(account), flag(name != "" && name != account.GetLogin(), "("+name+")"))
}

// committed is who committed, if that isn't the author; merges by the web site
// are GitHub's own.
func committed(commit *github.RepositoryCommit) string {
	author, committer := commit.GetCommit().GetAuthor(), commit.GetCommit().GetCommitter()
	if committer.GetName() == "" || committer.GetName() == "GitHub" || committer.GetName() == author.GetName() {
		return ""
	}
	return "committed by " + person(commit.Committer, committer) + labelled(" ", day(committer.GetDate()))
}

func commitMessage(commit *github.RepositoryCommit, offset int) string {
	const most = 4000
	return excerpt(commit.GetCommit().GetMessage(), offset, most, "")
}

// compare shows the commits that ref has and base hasn't, and on the first page
// the files as GitHub lists them there, 300 at most.
func (a *api) compare(ctx context.Context, in commitsArguments) (string, error) {
	c, r, err := a.client.Repositories.CompareCommits(ctx, in.owner(), in.name(), in.Base, in.head(), &github.ListOptions{Page: in.Page, PerPage: in.PerPage})
	if err != nil {
		return "", explain(err, in.String())
	}
	heading := join("; ", fmt.Sprintf("%s: %d ahead, %d behind", in, c.GetAheadBy(), c.GetBehindBy()),
		"merge base "+shortSHA(c.GetMergeBaseCommit().GetSHA()), here(len(c.Commits), "commit", position(in.Page, r)))
	text := listing(join("\n", heading, c.GetHTMLURL()), repositoryCommitLines(c.Commits))
	if in.Page > 1 {
		return text, nil
	}
	const listedAtMost = 300
	files := some(len(c.Files), "file")
	if len(c.Files) >= listedAtMost {
		files += " (GitHub lists no more here; part=diff shows all)"
	}
	return text + "\n\n" + listing(files, fitting(c.Files, fileLine, a.room.texts(), "part=diff")), nil
}

// fitting gives the lines that fit a budget in bytes, and says how many don't
// and what shows them.
func fitting[T any](items []T, line func(T) string, budget int, more string) []string {
	var lines []string
	for i, item := range items {
		next := line(item)
		if budget -= len(next) + 1; budget < 0 {
			return append(lines, fmt.Sprintf("[%d more: %s]", len(items)-i, more))
		}
		lines = append(lines, next)
	}
	return lines
}

func (a *api) compareDiff(ctx context.Context, in commitsArguments) (string, error) {
	address := fmt.Sprintf("repos/%s/compare/%s...%s", in.Repo, url.QueryEscape(in.Base), url.QueryEscape(in.head()))
	return a.diffPage(ctx, address, in.String(), "use part=compare for the files, then github_contents for single ones", in.Page)
}
