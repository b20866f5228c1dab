package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
)

func (a *api) updateComment(ctx context.Context, in issueWriteArguments) (string, error) {
	comment, _, err := a.client.Issues.EditComment(ctx, in.owner(), in.name(), in.Comment, &github.IssueComment{Body: in.Body})
	if err != nil {
		return "", explain(err, in.comment())
	}
	return fmt.Sprintf("updated %s\n%s", in.comment(), comment.GetHTMLURL()),
		unconfirmed(in.comment(), "its address", a.page(in), comment.GetHTMLURL() != "")
}

// comment names the comment that is written to.
func (in issueWriteArguments) comment() string {
	return fmt.Sprintf("comment %d in %s", in.Comment, in.Repo)
}

func (a *api) lockIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	how := join(" as ", "locked "+in.String(), in.Reason)
	options := &github.LockIssueOptions{LockReason: in.Reason}
	if _, err := a.client.Issues.Lock(ctx, in.owner(), in.name(), in.Number, options); err != nil {
		return "", explain(err, in.String())
	}
	return how + "\n" + a.page(in), nil
}

func (a *api) unlockIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	if _, err := a.client.Issues.Unlock(ctx, in.owner(), in.name(), in.Number); err != nil {
		return "", explain(err, in.String())
	}
	return fmt.Sprintf("unlocked %s\n%s", in, a.page(in)), nil
}

func (a *api) pinIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.setPin(ctx, in, `mutation($id:ID!){pinIssue(input:{issueId:$id}){issue{number}}}`, "pinned")
}

func (a *api) unpinIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.setPin(ctx, in, `mutation($id:ID!){unpinIssue(input:{issueId:$id}){issue{number}}}`, "unpinned")
}

func (a *api) setPin(ctx context.Context, in issueWriteArguments, mutation document, done string) (string, error) {
	id, err := a.nodeID(ctx, in)
	if err != nil {
		return "", err
	}
	if err := a.graph(ctx, mutation, map[string]any{"id": id}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s\n%s", done, in, a.page(in)), nil
}

const transferMutation = `mutation($issue:ID!,$repo:ID!){transferIssue(input:{issueId:$issue,repositoryId:$repo}){issue{number url repository{nameWithOwner}}}}`

// transferIssue moves an issue, which has another number then. Labels and
// milestones follow where the other repository has them by the same name.
func (a *api) transferIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	id, err := a.nodeID(ctx, in)
	if err != nil {
		return "", err
	}
	to := repository{in.Target}
	repo, _, err := a.client.Repositories.Get(ctx, to.owner(), to.name())
	if err != nil {
		return "", explain(err, to.Repo)
	}
	var moved struct {
		TransferIssue struct {
			Issue struct {
				Number     int
				URL        string
				Repository struct{ NameWithOwner string }
			}
		}
	}
	if err := unreadable(to.Repo, repo.GetNodeID() != ""); err != nil {
		return "", err
	}
	variables := map[string]any{"issue": id, "repo": repo.GetNodeID()}
	if err := a.graph(ctx, transferMutation, variables, &moved, fmt.Sprintf("%s to %s", in, to.Repo)); err != nil {
		return "", err
	}
	issue := moved.TransferIssue.Issue
	if err := unconfirmed(in.String(), "its new number", a.web+"/"+to.Repo+"/issues", issue.Number > 0, issue.URL != ""); err != nil {
		return "", err
	}
	return fmt.Sprintf("transferred %s; it is now %s#%d\n%s", in, oneLine(issue.Repository.NameWithOwner, 140), issue.Number, issue.URL), nil
}

func (a *api) hideComment(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.minimize(ctx, in, `mutation($id:ID!,$reason:ReportedContentClassifiers!){minimizeComment(input:{subjectId:$id,classifier:$reason}){minimizedComment{isMinimized}}}`,
		map[string]any{"reason": graphEnum(in.Reason)}, fmt.Sprintf("hid %s as %s", in.comment(), in.Reason))
}

func (a *api) unhideComment(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.minimize(ctx, in, `mutation($id:ID!){unminimizeComment(input:{subjectId:$id}){unminimizedComment{isMinimized}}}`,
		map[string]any{}, in.comment()+" is shown again")
}

func (a *api) minimize(ctx context.Context, in issueWriteArguments, mutation document, variables map[string]any, done string) (string, error) {
	comment, _, err := a.client.Issues.GetComment(ctx, in.owner(), in.name(), in.Comment)
	if err != nil {
		return "", explain(err, in.comment())
	}
	if err := unreadable(in.comment(), comment.GetNodeID() != "", comment.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	variables["id"] = comment.GetNodeID()
	if err := a.graph(ctx, mutation, variables, &struct{}{}, in.comment()); err != nil {
		return "", err
	}
	return done + "\n" + comment.GetHTMLURL(), nil
}

// graphEnum writes a word as the GraphQL API's enums do: OFF_TOPIC.
func graphEnum(word string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(word))
}

// react adds the account's own reaction to a comment, or to the issue.
func (a *api) react(ctx context.Context, in issueWriteArguments) (string, error) {
	path, what := fmt.Sprintf("repos/%s/issues/%d/reactions", in.Repo, in.Number), in.String()
	if in.Comment > 0 {
		path, what = fmt.Sprintf("repos/%s/issues/comments/%d/reactions", in.Repo, in.Comment), in.comment()
	}
	r, err := a.send(ctx, http.MethodPost, path, map[string]string{"content": in.Reaction}, nil, what)
	switch {
	case err != nil:
		return "", err
	case r.StatusCode == http.StatusOK:
		return fmt.Sprintf("%s had the reaction %s by this account already", what, in.Reaction), nil
	}
	return join("\n", fmt.Sprintf("reacted to %s with %s", what, in.Reaction), flag(in.Comment == 0, a.page(in))), nil
}
