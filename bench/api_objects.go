package main

import (
	"crypto/sha1"
	"fmt"
	"strings"
	"time"
)

const (
	repoPath    = "/repos/octo-org/harbour"
	failingHead = "7f00000000000000000000000000000000000007"
	largeHead   = "8f00000000000000000000000000000000000008"
)

// object is a JSON object with the fields GitHub's REST documentation shows.
// https://docs.github.com/en/rest
type object = map[string]any

// objects makes objects whose addresses are those of one API.
type objects struct{ web, api string }

// links adds the addresses below one path: field=rest, separated by blanks.
func links(to object, base, fields string) {
	for field := range strings.FieldsSeq(fields) {
		name, rest, _ := strings.Cut(field, "=")
		to[name+"_url"] = base + rest
	}
}

func (o objects) user(login string) object {
	u := object{
		"login": login, "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "avatar_url": o.web + "/avatars/u/583231?v=4", "gravatar_id": "",
		"url": o.api + "/users/" + login, "html_url": o.web + "/" + login, "type": "User", "user_view_type": "public", "site_admin": false,
	}
	links(u, o.api+"/users/"+login, `followers=/followers following=/following{/other_user} gists=/gists{/gist_id}
		starred=/starred{/owner}{/repo} subscriptions=/subscriptions organizations=/orgs repos=/repos events=/events{/privacy}
		received_events=/received_events`)
	return u
}

// me is the account itself, which has more fields.
func (o objects) me() object {
	u := o.user("mona-example")
	for field, value := range map[string]any{
		"name": "Mona Example", "company": "Octo Example", "blog": "", "location": "Brest", "email": nil, "hireable": nil, "bio": nil,
		"twitter_username": nil, "notification_email": nil, "public_repos": 8, "public_gists": 2, "followers": 20, "following": 0,
		"created_at": stamp(-4000), "updated_at": stamp(0),
	} {
		u[field] = value
	}
	return u
}

func (o objects) repo() object {
	base := o.api + repoPath
	r := object{
		"id": 1296269, "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "name": "harbour", "full_name": "octo-org/harbour", "private": false,
		"owner": o.user("octo-org"), "html_url": o.web + "/octo-org/harbour", "description": "Tide times for harbours, predicted on your machine",
		"fork": false, "url": base, "git_url": "git:octo-org/harbour.git", "ssh_url": "git@example:octo-org/harbour.git",
		"clone_url": o.web + "/octo-org/harbour.git", "mirror_url": nil, "svn_url": o.web + "/octo-org/harbour", "homepage": nil,
		"language": "Go", "forks_count": 9, "forks": 9, "stargazers_count": 214, "watchers_count": 214, "watchers": 214, "size": 10842,
		"default_branch": "main", "open_issues_count": 71, "open_issues": 71, "is_template": false, "topics": []string{"tides", "cli", "sailing"},
		"has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true, "has_discussions": false,
		"archived": false, "disabled": false, "visibility": "public", "pushed_at": stamp(0), "created_at": stamp(-2000), "updated_at": stamp(0),
		"allow_forking": true, "web_commit_signoff_required": false,
		"permissions": object{"admin": false, "maintain": false, "push": true, "triage": true, "pull": true},
		"license":     object{"key": "mit", "name": "MIT License", "url": o.api + "/licenses/mit", "spdx_id": "MIT", "node_id": "MDc6TGljZW5zZTEz"},
	}
	links(r, base, `archive=/{archive_format}{/ref} assignees=/assignees{/user} blobs=/git/blobs{/sha} branches=/branches{/branch}
		collaborators=/collaborators{/collaborator} comments=/comments{/number} commits=/commits{/sha} compare=/compare/{base}...{head}
		contents=/contents/{+path} contributors=/contributors deployments=/deployments downloads=/downloads events=/events forks=/forks
		git_commits=/git/commits{/sha} git_refs=/git/refs{/sha} git_tags=/git/tags{/sha} hooks=/hooks issue_comment=/issues/comments{/number}
		issue_events=/issues/events{/number} issues=/issues{/number} keys=/keys{/key_id} labels=/labels{/name} languages=/languages
		merges=/merges milestones=/milestones{/number} notifications=/notifications{?since,all,participating} pulls=/pulls{/number}
		releases=/releases{/id} stargazers=/stargazers statuses=/statuses/{sha} subscribers=/subscribers subscription=/subscription tags=/tags
		teams=/teams trees=/git/trees{/sha}`)
	return r
}

// issue has nobody assigned and no milestone, as most have; it is what issues and pull requests have in common.
func (o objects) issue(number int, kind string) object {
	path := fmt.Sprintf("%s/%s/%d", repoPath, kind, number)
	labels := []object{}
	for i, name := range []string{"bug", "good first issue"} {
		labels = append(labels, object{
			"id": 208045946 + i, "node_id": "MDU6TGFiZWwyMDgwNDU5NDY=", "url": o.api + repoPath + "/labels/" + strings.ReplaceAll(name, " ", "%20"),
			"name": name, "description": "Something isn't working as it should", "color": "f29513", "default": true,
		})
	}
	return object{
		"url": o.api + path, "id": 1000 + number, "node_id": "MDU6SXNzdWUx", "html_url": o.web + "/octo-org/harbour/" + kind + fmt.Sprintf("/%d", number),
		"number": number, "state": "open", "locked": false, "active_lock_reason": nil, "title": fmt.Sprintf("Heights below zero lose their sign in report %d", number),
		"user": o.user("ada-example"), "body": prose(5), "labels": labels, "milestone": nil, "assignee": nil,
		"assignees": []object{}, "created_at": stamp(-number), "updated_at": stamp(-1), "closed_at": nil,
		"author_association": "CONTRIBUTOR", "comments_url": o.api + path + "/comments",
	}
}

func (o objects) milestone() object {
	return object{
		"url": o.api + repoPath + "/milestones/1", "html_url": o.web + "/octo-org/harbour/milestones/1", "labels_url": o.api + repoPath + "/milestones/1/labels",
		"id": 1002604, "node_id": "MDk6TWlsZXN0b25lMTAwMjYwNA==", "number": 1, "state": "open", "title": "v1.0", "description": "The first release people can rely on",
		"creator": o.user("mona-example"), "open_issues": 4, "closed_issues": 8, "created_at": stamp(-90), "updated_at": stamp(-1), "closed_at": nil, "due_on": nil,
	}
}

func (o objects) fullIssue() object {
	i := o.issue(42, "issues")
	links(i, o.api+repoPath+"/issues/42", "labels=/labels{/name} events=/events timeline=/timeline")
	for field, value := range map[string]any{
		"repository_url": o.api + repoPath, "comments": 12, "reactions": o.reactions("/issues/42"), "state_reason": nil, "closed_by": nil, "performed_via_github_app": nil,
		"milestone": o.milestone(), "assignee": o.user("grace-example"), "assignees": []object{o.user("grace-example"), o.user("alan-example")},
	} {
		i[field] = value
	}
	return i
}

func (o objects) reactions(of string) object {
	return object{
		"url": o.api + repoPath + of + "/reactions", "total_count": 2, "+1": 2, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
	}
}

func (o objects) comment(i int) object {
	path := fmt.Sprintf("/issues/comments/%d", 9000+i)
	return object{
		"id": 9000 + i, "node_id": "MDEyOklzc3VlQ29tbWVudDE=", "url": o.api + repoPath + path, "html_url": fmt.Sprintf("%s/octo-org/harbour/issues/42#issuecomment-%d", o.web, 9000+i),
		"issue_url": o.api + repoPath + "/issues/42", "user": o.user("grace-example"), "body": prose(4), "created_at": stamp(i - 40), "updated_at": stamp(i - 40),
		"author_association": "MEMBER", "reactions": o.reactions(path), "performed_via_github_app": nil,
	}
}

func (o objects) pull(number int, sha string) object {
	p := o.issue(number, "pulls")
	path := fmt.Sprintf("/pulls/%d", number)
	links(p, o.api+repoPath+path, "commits=/commits review_comments=/comments review_comment=/comments{/number}")
	linked := object{}
	for _, name := range []string{"self", "html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses"} {
		linked[name] = object{"href": o.api + repoPath + path + "/" + name}
	}
	side := func(ref, sha string) object {
		return object{"label": "octo-org:" + ref, "ref": ref, "sha": sha, "user": o.user("octo-org"), "repo": o.repo()}
	}
	for field, value := range map[string]any{
		"diff_url": o.web + "/octo-org/harbour" + path + ".diff", "patch_url": o.web + "/octo-org/harbour" + path + ".patch",
		"issue_url": o.api + repoPath + fmt.Sprintf("/issues/%d", number), "statuses_url": o.api + repoPath + "/statuses/" + sha,
		"head": side(fmt.Sprintf("keep-the-sign-%d", number), sha), "base": side("main", hash(0)), "_links": linked, "auto_merge": nil, "draft": false,
		"merged_at": nil, "merge_commit_sha": hash(number), "requested_reviewers": []object{}, "requested_teams": []object{},
	} {
		p[field] = value
	}
	return p
}

// fullPull has what only a single pull request has.
func (o objects) fullPull(number int, sha string) object {
	p := o.pull(number, sha)
	for field, value := range map[string]any{
		"merged": false, "mergeable": true, "rebaseable": true, "mergeable_state": "unstable", "merged_by": nil, "comments": 3, "review_comments": 1,
		"maintainer_can_modify": false, "commits": 3, "additions": 120, "deletions": 40, "changed_files": 3,
	} {
		p[field] = value
	}
	return p
}

func (o objects) checkRun(job int, sha string) object {
	address := fmt.Sprintf("%s%s/check-runs/%d", o.api, repoPath, job)
	return object{
		"id": job, "name": "test", "node_id": "CR_example", "head_sha": sha, "external_id": "", "url": address, "html_url": fmt.Sprintf("%s/octo-org/harbour/actions/runs/5/job/%d", o.web, job),
		"details_url": o.web + "/octo-org/harbour/actions/runs/5", "status": "completed", "conclusion": "failure", "started_at": stamp(-1), "completed_at": stamp(0),
		"output": object{"title": nil, "summary": nil, "text": nil, "annotations_count": 1, "annotations_url": address + "/annotations"}, "check_suite": object{"id": 5},
		"app":           object{"id": 15368, "slug": "github-actions", "node_id": "A_example", "owner": o.user("github"), "name": "GitHub Actions", "permissions": object{}, "events": []string{}},
		"pull_requests": []object{},
	}
}

func (o objects) job(id int, sha string) object {
	return object{
		"id": id, "run_id": id - 1000, "run_url": o.api + repoPath + "/actions/runs/5", "head_sha": sha, "url": fmt.Sprintf("%s%s/actions/jobs/%d", o.api, repoPath, id),
		"status": "completed", "conclusion": "failure", "started_at": stamp(-1), "completed_at": stamp(0), "name": "test", "labels": []string{"ubuntu-latest"},
		"steps": []object{{"name": "Run go test ./...", "status": "completed", "conclusion": "failure", "number": 3}}, "workflow_name": "CI", "head_branch": "main",
	}
}

func (o objects) commit(i int) object {
	path := repoPath + "/commits/" + hash(i)
	signed := object{"name": "Ada Example", "email": "ada@example.com", "date": stamp(-i)}
	return object{
		"url": o.api + path, "sha": hash(i), "node_id": "MDY6Q29tbWl0NmRjYjA5", "html_url": o.web + path, "comments_url": o.api + path + "/comments",
		"commit": object{
			"url": o.api + repoPath + "/git/commits/" + hash(i), "author": signed, "committer": signed, "message": "tide: keep the sign of small heights\n\n" + prose(2),
			"tree": object{"url": o.api + repoPath + "/tree/" + hash(i), "sha": hash(i)}, "comment_count": 0,
			"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
		},
		"author": o.user("ada-example"), "committer": o.user("ada-example"), "parents": []object{{"url": o.api + path, "sha": hash(i + 1), "html_url": o.web + path}},
	}
}

func (o objects) notification(i int) object {
	return object{
		"id": fmt.Sprint(700 + i), "repository": o.repo(), "reason": "subscribed", "unread": true, "updated_at": stamp(-1), "last_read_at": nil,
		"subject": object{"title": fmt.Sprintf("Heights below zero lose their sign in report %d", i), "type": "Issue",
			"url": fmt.Sprintf("%s%s/issues/%d", o.api, repoPath, i), "latest_comment_url": fmt.Sprintf("%s%s/issues/comments/%d", o.api, repoPath, i)},
		"url": fmt.Sprintf("%s/notifications/threads/%d", o.api, 700+i), "subscription_url": fmt.Sprintf("%s/notifications/threads/%d/subscription", o.api, 700+i),
	}
}

// hash looks like the name git gives the i-th object.
func hash(i int) string { return fmt.Sprintf("%x", sha1.Sum(fmt.Appendf(nil, "%d", i))) }

// stamp is a time so many days after a fixed one.
func stamp(days int) string {
	return time.Date(2026, 8, 31, 9, 30, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.RFC3339)
}

func prose(sentences int) string {
	return strings.TrimSpace(strings.Repeat("A height of -0.04 m is printed as 0.0 m, since it is rounded before its sign is looked at. ", sentences))
}
