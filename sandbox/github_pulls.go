package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (g *githubAPI) pulls(r *http.Request, repo *githubRepo) reply {
	query := r.URL.Query()
	state := query.Get("state")
	if state == "" {
		state = "open"
	}
	var kept []*githubIssue
	for _, issue := range repo.numbered {
		if issue.pull == nil || state != "all" && issue.state != state {
			continue
		}
		_, head, _ := strings.Cut(query.Get("head"), ":")
		if (head == "" || head == issue.pull.branch) && (query.Get("base") == "" || query.Get("base") == "main") {
			kept = append(kept, issue)
		}
	}
	sortIssues(kept, query.Get("sort"), query.Get("direction"))
	all := []object{}
	for _, issue := range kept {
		all = append(all, issue.pullObject(r, repo))
	}
	return listOf(r, all)
}

// headSHA is the commit a pull request wants merged.
func (issue *githubIssue) headSHA() string { return hash("commit", issue.pull.branch) }

// pullObject is a pull request as it stands in a list.
func (issue *githubIssue) pullObject(r *http.Request, repo *githubRepo) object {
	o := issue.object(r, repo)
	for _, name := range []string{"pull_request", "repository_url", "labels_url", "events_url", "comments", "state_reason", "score"} {
		delete(o, name)
	}
	address := base(r) + "/repos/" + repo.full + "/pulls/" + strconv.Itoa(issue.number)
	side := func(ref, sha string) object {
		return object{"label": repo.owner() + ":" + ref, "ref": ref, "sha": sha, "user": githubUser(r, repo.owner()), "repo": repo.object(r)}
	}
	add(o, object{
		"url": address, "issue_url": base(r) + "/repos/" + repo.full + "/issues/" + strconv.Itoa(issue.number), "commits_url": address + "/commits",
		"review_comments_url": address + "/comments", "statuses_url": base(r) + "/repos/" + repo.full + "/statuses/" + issue.headSHA(),
		"diff_url": issue.page(r, repo) + ".diff", "patch_url": issue.page(r, repo) + ".patch", "draft": issue.pull.draft, "auto_merge": nil,
		"head": side(issue.pull.branch, issue.headSHA()), "base": side("main", repo.history[0].sha), "merged_at": issue.mergedAt(), "merge_commit_sha": nil,
		"requested_reviewers": userObjects(r, issue.askedToReview()), "requested_teams": []object{},
	})
	if issue.pull.merged {
		o["merge_commit_sha"] = hash("commit", "merge "+issue.pull.branch)
	}
	return o
}

func (issue *githubIssue) askedToReview() []string {
	if issue.state == "closed" || issue.pull.draft || len(issue.pull.reviews) > 0 && issue.pull.reviews[0].state == "APPROVED" {
		return nil
	}
	return []string{"grace-example"}
}

func (g *githubAPI) pull(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	if strings.Contains(r.Header.Get("Accept"), "diff") {
		return reply{status: http.StatusOK, raw: issue.diff(repo), kind: "application/vnd.github.diff; charset=utf-8"}
	}
	o := issue.pullObject(r, repo)
	add(o, object{
		"merged": issue.pull.merged, "mergeable": true, "rebaseable": true, "mergeable_state": issue.mergeableState(), "merged_by": nil,
		"comments": len(issue.comments), "review_comments": len(issue.pull.remarks), "maintainer_can_modify": false,
		"commits": 1, "additions": 1, "deletions": 1, "changed_files": 1,
	})
	if issue.pull.merged {
		o["mergeable"], o["rebaseable"], o["merged_by"] = nil, nil, githubUser(r, githubAccount)
	}
	return ok(o)
}

func (issue *githubIssue) mergeableState() string {
	switch {
	case issue.pull.merged:
		return "unknown"
	case issue.pull.draft:
		return "draft"
	case issue.pull.failing:
		return "blocked"
	}
	return "clean"
}

// patch is the one hunk a pull request consists of.
func (issue *githubIssue) patch(repo *githubRepo) string {
	lines := strings.Split(repo.files[issue.pull.path], "\n")
	at := len(lines) / 2
	var hunk strings.Builder
	from := max(0, at-2)
	to := min(len(lines), at+3)
	fmt.Fprintf(&hunk, "@@ -%d,%d +%d,%d @@\n", from+1, to-from, from+1, to-from)
	for i := from; i < to; i++ {
		if i == at {
			fmt.Fprintf(&hunk, "-%s\n+%s\n", issue.pull.removed, issue.pull.added)
			continue
		}
		fmt.Fprintf(&hunk, " %s\n", lines[i])
	}
	return strings.TrimSuffix(hunk.String(), "\n")
}

func (issue *githubIssue) diff(repo *githubRepo) string {
	file := issue.pull.path
	before, after := hash("blob", issue.pull.removed)[:7], hash("blob", issue.pull.added)[:7]
	return fmt.Sprintf("diff --git a/%s b/%s\nindex %s..%s 100644\n--- a/%s\n+++ b/%s\n%s\n", file, file, before, after, file, file, issue.patch(repo))
}

func (g *githubAPI) pullFiles(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	file, sha := issue.pull.path, hash("blob", issue.pull.added)
	return listOf(r, []object{{
		"sha": sha, "filename": file, "status": "modified", "additions": 1, "deletions": 1, "changes": 2, "patch": issue.patch(repo),
		"blob_url": web(r) + "/" + repo.full + "/blob/" + issue.headSHA() + "/" + file, "raw_url": web(r) + "/" + repo.full + "/raw/" + issue.headSHA() + "/" + file,
		"contents_url": base(r) + "/repos/" + repo.full + "/contents/" + file + "?ref=" + issue.headSHA(),
	}})
}

func (g *githubAPI) pullCommits(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	c := githubCommit{sha: issue.headSHA(), author: issue.author, message: issue.pull.path + ": " + issue.title, at: issue.created}
	return listOf(r, []object{c.object(r, repo)})
}

func (g *githubAPI) reviews(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	all := []object{}
	for _, review := range issue.pull.reviews {
		all = append(all, review.object(r, repo, issue))
	}
	return listOf(r, all)
}

func (review githubReview) object(r *http.Request, repo *githubRepo, issue *githubIssue) object {
	address := base(r) + "/repos/" + repo.full + "/pulls/" + strconv.Itoa(issue.number)
	page := issue.page(r, repo) + "#pullrequestreview-" + strconv.Itoa(review.id)
	return object{"id": review.id, "node_id": "PRR_" + strconv.Itoa(review.id), "user": githubUser(r, review.author), "body": review.body, "state": review.state,
		"html_url": page, "pull_request_url": address, "submitted_at": stamp(review.at), "commit_id": issue.headSHA(), "author_association": "MEMBER",
		"_links": object{"html": object{"href": page}, "pull_request": object{"href": address}}}
}

func (g *githubAPI) review(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	for _, review := range issue.pull.reviews {
		if strconv.Itoa(review.id) == r.PathValue("id") {
			return ok(review.object(r, repo, issue))
		}
	}
	return notFound()
}

func (g *githubAPI) reviewComments(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	all := []object{}
	for _, remark := range issue.pull.remarks {
		all = append(all, remark.onLine(r, repo, issue))
	}
	return listOf(r, all)
}

// onLine is a comment on a line of a pull request.
func (c githubComment) onLine(r *http.Request, repo *githubRepo, issue *githubIssue) object {
	id := strconv.Itoa(c.id)
	pull := base(r) + "/repos/" + repo.full + "/pulls/" + strconv.Itoa(issue.number)
	address := base(r) + "/repos/" + repo.full + "/pulls/comments/" + id
	page := issue.page(r, repo) + "#discussion_r" + id
	line := len(strings.Split(repo.files[issue.pull.path], "\n"))/2 + 1
	return object{"id": c.id, "node_id": "PRRC_" + id, "pull_request_review_id": issue.pull.reviews[0].id, "url": address, "html_url": page, "pull_request_url": pull,
		"diff_hunk": issue.patch(repo), "path": issue.pull.path, "line": line, "original_line": line, "side": "RIGHT", "position": 4, "original_position": 4,
		"commit_id": issue.headSHA(), "original_commit_id": issue.headSHA(), "user": githubUser(r, c.author), "body": c.body, "author_association": "MEMBER",
		"created_at": stamp(c.at), "updated_at": stamp(c.at),
		"_links": object{"self": object{"href": address}, "html": object{"href": page}, "pull_request": object{"href": pull}}}
}

func (g *githubAPI) reviewComment(r *http.Request, repo *githubRepo) reply {
	for _, issue := range repo.numbered {
		if issue.pull == nil {
			continue
		}
		for _, remark := range issue.pull.remarks {
			if strconv.Itoa(remark.id) == r.PathValue("part") {
				return ok(remark.onLine(r, repo, issue))
			}
		}
	}
	return notFound()
}

// failingAt reports whether the checks of a commit have failed.
func (repo *githubRepo) failingAt(sha string) bool {
	for _, issue := range repo.numbered {
		if issue.pull != nil && issue.pull.failing && issue.headSHA() == sha {
			return true
		}
	}
	return false
}

func (g *githubAPI) checkRuns(r *http.Request, repo *githubRepo) reply {
	sha, found := repo.resolve(r.PathValue("ref"))
	if !found {
		return problemReply(http.StatusUnprocessableEntity, "No commit found for SHA: "+r.PathValue("ref"))
	}
	all := []object{}
	for i, name := range []string{"test (ubuntu-latest)", "test (windows-latest)", "lint"} {
		conclusion, summary := "success", "All well."
		if repo.failingAt(sha) && i == 1 {
			conclusion, summary = "failure", "TestHeightKeepsItsSign: -0.04 is printed as 0.0"
		}
		id := 60000 + i + len(repo.full)
		address := base(r) + "/repos/" + repo.full + "/check-runs/" + strconv.Itoa(id)
		all = append(all, object{"id": id, "node_id": "CR_" + strconv.Itoa(id), "name": name, "head_sha": sha, "external_id": "", "status": "completed", "conclusion": conclusion,
			"url": address, "html_url": web(r) + "/" + repo.full + "/runs/" + strconv.Itoa(id), "details_url": web(r) + "/" + repo.full + "/runs/" + strconv.Itoa(id),
			"started_at": stamp(githubEpoch()), "completed_at": stamp(githubEpoch().Add(94e9)), "pull_requests": []object{}, "app": nil, "check_suite": nil,
			"output": object{"title": name, "summary": summary, "text": nil, "annotations_count": 0, "annotations_url": address + "/annotations"}})
	}
	return reply{status: http.StatusOK, list: true, total: len(all), body: object{"total_count": len(all), "check_runs": cutPage(r, all)}}
}

func (g *githubAPI) combinedStatus(r *http.Request, repo *githubRepo) reply {
	sha, found := repo.resolve(r.PathValue("ref"))
	if !found {
		return notFound()
	}
	address := base(r) + "/repos/" + repo.full + "/commits/" + sha
	return ok(object{"state": "pending", "statuses": []object{}, "sha": sha, "total_count": 0, "repository": repo.object(r), "commit_url": address, "url": address + "/status"})
}
