package github

import (
	"context"
	"fmt"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// blameQuery asks for a commit, which may stand behind an annotated tag. The
// REST API has no blame.
// https://docs.github.com/en/graphql/reference/objects#blame
const blameQuery = `query($owner:String!,$name:String!,$ref:String!,$path:String!){repository(owner:$owner,name:$name){object(expression:$ref){...lines ...on Tag{target{...lines}}}}}
fragment lines on Commit{blame(path:$path){ranges{startingLine endingLine commit{oid messageHeadline author{name date user{login}}}}}}`

// blamed is an object of the answer that has a blame, if it is a commit.
type blamed struct {
	Blame *struct{ Ranges []blameRange }
}

type blameRange struct {
	StartingLine, EndingLine int
	Commit                   struct {
		OID, MessageHeadline string
		Author               struct {
			Name string
			Date github.Timestamp
			User *struct{ Login string }
		}
	}
}

func (a *api) blame(ctx context.Context, in commitsArguments) (string, error) {
	var answer struct {
		Repository struct {
			Object *struct {
				blamed
				Target *blamed
			}
		}
	}
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "ref": in.head(), "path": in.path()}
	if err := a.graph(ctx, blameQuery, variables, &answer, in.String()); err != nil {
		return "", err
	}
	object := answer.Repository.Object
	if object == nil {
		return "", tools.UserError("github: %s: there is no such branch, tag or commit; github_repository lists branches and tags", in)
	}
	found := &object.blamed
	if object.Target != nil {
		found = object.Target
	}
	if found.Blame == nil || len(found.Blame.Ranges) == 0 {
		return "", tools.UserError("github: %s: no such file there, or an empty one; github_contents lists files", in)
	}
	return showBlame(a.room, in, found.Blame.Ranges)
}

// showBlame writes the ranges that are asked for, as many as fit.
func showBlame(room room, in commitsArguments, ranges []blameRange) (string, error) {
	total, start := ranges[len(ranges)-1].EndingLine, max(in.StartLine, 1)
	end := total
	if in.EndLine > 0 {
		end = min(in.EndLine, total)
	}
	if start > total {
		return "", tools.UserError("github: %s: start_line %d is beyond the end: there are %s", in, start, count(total, "line"))
	}
	var lines []string
	budget, last := room.file(), start-1
	for _, r := range ranges {
		from, to := max(r.StartingLine, start), min(r.EndingLine, end)
		if from > to {
			continue
		}
		line := fmt.Sprintf("%d–%d %s", from, to, r.who())
		if budget -= len(line) + 1; budget < 0 {
			break
		}
		lines, last = append(lines, line), to
	}
	heading := fmt.Sprintf("%s: blame of lines %s–%s of %s", in, thousands(start), thousands(last), thousands(total))
	if last < total {
		heading += fmt.Sprintf("; next: start_line=%d", last+1)
	}
	return listing(heading, lines), nil
}

// who names the commit as a list of commits does.
func (r blameRange) who() string {
	author := &github.CommitAuthor{Name: &r.Commit.Author.Name, Date: &r.Commit.Author.Date}
	var account *github.User
	if r.Commit.Author.User != nil {
		account = &github.User{Login: &r.Commit.Author.User.Login}
	}
	return commitLine(r.Commit.OID, account, &github.Commit{Author: author, Message: &r.Commit.MessageHeadline})
}
