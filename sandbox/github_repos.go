package sandbox

import (
	"encoding/base64"
	"net/http"
	"path"
	"slices"
	"sort"
	"strings"
	"time"
)

func (g *githubAPI) repository(r *http.Request, repo *githubRepo) reply { return ok(repo.object(r)) }

func (repo *githubRepo) object(r *http.Request) object {
	visibility := "public"
	if repo.private {
		visibility = "private"
	}
	open := 0
	for _, issue := range repo.numbered {
		if issue.state == "open" {
			open++
		}
	}
	return object{
		"id": 40000 + len(repo.full), "node_id": "R_" + repo.name(), "name": repo.name(), "full_name": repo.full, "private": repo.private,
		"visibility": visibility, "owner": githubUser(r, repo.owner()), "description": repo.description, "fork": false, "archived": false,
		"disabled": false, "language": repo.language, "topics": repo.topics, "default_branch": "main", "stargazers_count": repo.stars,
		"watchers_count": repo.stars, "watchers": repo.stars, "forks_count": repo.stars / 12, "forks": repo.stars / 12,
		"open_issues_count": open, "open_issues": open, "size": 120, "has_issues": true, "has_wiki": false, "has_projects": false,
		"has_downloads": false, "has_pages": false, "url": base(r) + "/repos/" + repo.full, "html_url": web(r) + "/" + repo.full,
		"created_at": stamp(githubEpoch().AddDate(-1, 0, 0)), "updated_at": stamp(githubEpoch()), "pushed_at": stamp(githubEpoch()), "score": 1,
	}
}

func (g *githubAPI) branches(r *http.Request, repo *githubRepo) reply {
	return listOf(r, repo.branches(r))
}

// matchingBranches answers all branches whose names begin alike, and none if there is no such branch. It has no pages.
// https://docs.github.com/en/rest/git/refs#list-matching-references
func (g *githubAPI) matchingBranches(r *http.Request, repo *githubRepo) reply {
	matching := []object{}
	for _, branch := range repo.branches(r) {
		name := branch["name"].(string)
		if strings.HasPrefix(name, r.PathValue("start")) {
			matching = append(matching, object{"ref": "refs/heads/" + name, "object": object{"type": "commit", "sha": branch["commit"].(object)["sha"]}})
		}
	}
	return ok(matching)
}

// ownOrgs answers the account's organisations, for which a token needs a scope of its own.
// https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user
func (g *githubAPI) ownOrgs(r *http.Request) reply {
	scopes, _ := g.who(r)
	if !slices.Contains(scopes, "read:org") && !slices.Contains(scopes, "user") {
		return problemReply(http.StatusForbidden, "You need at least read:org scope or user scope to list your organizations.")
	}
	return listOf(r, []object{githubUser(r, githubOrg)})
}

// ownRepositories answers those the account works on. https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user
func (g *githubAPI) ownRepositories(r *http.Request) reply {
	return g.list(r, func(repo *githubRepo) bool {
		return r.URL.Query().Get("affiliation") != "owner" || repo.owner() == g.account()
	})
}

// publicRepositories answers a user's or an organisation's. https://docs.github.com/en/rest/repos/repos#list-repositories-for-a-user
func (g *githubAPI) publicRepositories(r *http.Request) reply {
	return g.list(r, func(repo *githubRepo) bool {
		return !repo.private && strings.EqualFold(repo.owner(), r.PathValue("owner"))
	})
}

func (g *githubAPI) list(r *http.Request, has func(*githubRepo) bool) reply {
	all := []object{}
	for _, repo := range g.repos {
		if has(repo) && (!repo.private || g.mayWrite(r, repo)) {
			all = append(all, repo.object(r))
		}
	}
	return listOf(r, all)
}

func (repo *githubRepo) branches(r *http.Request) []object {
	all := []object{{"name": "main", "protected": true, "commit": object{"sha": repo.history[0].sha, "url": base(r) + "/repos/" + repo.full + "/commits/" + repo.history[0].sha}}}
	for _, issue := range repo.numbered {
		if issue.pull != nil && issue.state == "open" {
			sha := issue.headSHA()
			all = append(all, object{"name": issue.pull.branch, "protected": false, "commit": object{"sha": sha, "url": base(r) + "/repos/" + repo.full + "/commits/" + sha}})
		}
	}
	return all
}

// filesAt answers the files at a branch, a commit or the head of a pull request; nil if there is no such thing.
func (repo *githubRepo) filesAt(ref string) map[string]string {
	if ref == "" || ref == "main" || ref == "HEAD" || repo.commitAt(ref) >= 0 {
		return repo.files
	}
	for _, issue := range repo.numbered {
		if issue.pull != nil && (issue.pull.branch == ref || issue.headSHA() == ref) {
			changed := map[string]string{}
			for name, content := range repo.files {
				changed[name] = content
			}
			changed[issue.pull.path] = strings.Replace(changed[issue.pull.path], issue.pull.removed, issue.pull.added, 1)
			return changed
		}
	}
	return nil
}

func (repo *githubRepo) commitAt(ref string) int {
	if ref == "main" || ref == "HEAD" {
		return 0
	}
	return slices.IndexFunc(repo.history, func(c githubCommit) bool { return len(ref) >= 7 && strings.HasPrefix(c.sha, ref) })
}

func (g *githubAPI) readme(r *http.Request, repo *githubRepo) reply {
	return ok(repo.file(r, "README.md", repo.files["README.md"], true))
}

func (g *githubAPI) contents(r *http.Request, repo *githubRepo) reply {
	files := repo.filesAt(r.URL.Query().Get("ref"))
	if files == nil {
		return problemReply(http.StatusNotFound, "No commit found for the ref "+r.URL.Query().Get("ref"))
	}
	name := strings.Trim(r.PathValue("path"), "/")
	content, isFile := files[name]
	switch {
	case isFile && strings.Contains(r.Header.Get("Accept"), "raw"):
		return reply{status: http.StatusOK, raw: content, kind: "application/vnd.github.raw+json; charset=utf-8"}
	case isFile:
		return ok(repo.file(r, name, content, true))
	}
	entries := repo.directory(r, files, name)
	if len(entries) == 0 {
		return notFound()
	}
	if strings.Contains(r.Header.Get("Accept"), "application/vnd.github.object") {
		return ok(object{"type": "dir", "size": 0, "name": path.Base(name), "path": name, "sha": hash("tree", name), "url": base(r) + "/repos/" + repo.full + "/contents/" + name, "entries": entries})
	}
	return ok(entries)
}

func (repo *githubRepo) file(r *http.Request, name, content string, whole bool) object {
	address := base(r) + "/repos/" + repo.full + "/contents/" + name
	file := object{
		"type": "file", "name": path.Base(name), "path": name, "sha": hash("blob", content), "size": len(content),
		"url": address + "?ref=main", "html_url": web(r) + "/" + repo.full + "/blob/main/" + name,
		"git_url": base(r) + "/repos/" + repo.full + "/git/blobs/" + hash("blob", content), "download_url": web(r) + "/" + repo.full + "/raw/main/" + name,
	}
	if whole {
		file["encoding"] = "base64"
		file["content"] = base64.StdEncoding.EncodeToString([]byte(content))
	}
	return file
}

// directory lists what is right below a path.
func (repo *githubRepo) directory(r *http.Request, files map[string]string, dir string) []object {
	prefix := dir + "/"
	if dir == "" {
		prefix = ""
	}
	found := map[string]object{}
	for name, content := range files {
		rest, below := strings.CutPrefix(name, prefix)
		if !below {
			continue
		}
		first, _, deeper := strings.Cut(rest, "/")
		if deeper {
			found[first] = object{"type": "dir", "name": first, "path": prefix + first, "sha": hash("tree", prefix+first), "size": 0,
				"url": base(r) + "/repos/" + repo.full + "/contents/" + prefix + first, "html_url": web(r) + "/" + repo.full + "/tree/main/" + prefix + first,
				"git_url": base(r) + "/repos/" + repo.full + "/git/trees/" + hash("tree", prefix+first), "download_url": nil}
			continue
		}
		found[first] = repo.file(r, name, content, false)
	}
	return sorted(found)
}

func sorted(found map[string]object) []object {
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	all := make([]object, 0, len(names))
	for _, name := range names {
		all = append(all, found[name])
	}
	return all
}

// tree answers a git tree: that of a commit or a branch, or one below, by its hash.
func (g *githubAPI) tree(r *http.Request, repo *githubRepo) reply {
	sha, prefix := r.PathValue("sha"), ""
	files := repo.filesAt(sha)
	if files == nil {
		if prefix = repo.directoryWith(sha); prefix == "" {
			return notFound()
		}
		files = repo.files
	}
	found := map[string]object{}
	for name, content := range files {
		rest, below := strings.CutPrefix(name, prefix)
		if !below {
			continue
		}
		for dir := path.Dir(rest); dir != "."; dir = path.Dir(dir) {
			found[dir] = object{"path": dir, "mode": "040000", "type": "tree", "sha": hash("tree", prefix+dir), "url": base(r) + "/repos/" + repo.full + "/git/trees/" + hash("tree", prefix+dir)}
		}
		found[rest] = object{"path": rest, "mode": "100644", "type": "blob", "sha": hash("blob", content), "size": len(content), "url": base(r) + "/repos/" + repo.full + "/git/blobs/" + hash("blob", content)}
	}
	if r.URL.Query().Get("recursive") == "" {
		for name := range found {
			if strings.Contains(name, "/") {
				delete(found, name)
			}
		}
	}
	return ok(object{"sha": sha, "url": base(r) + "/repos/" + repo.full + "/git/trees/" + sha, "truncated": false, "tree": sorted(found)})
}

// directoryWith finds the directory whose tree has this hash, with a slash at its end.
func (repo *githubRepo) directoryWith(sha string) string {
	for name := range repo.files {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if hash("tree", dir) == sha {
				return dir + "/"
			}
		}
	}
	return ""
}

// commits answers the history of the main branch. It knows nothing of which commit changed which file.
func (g *githubAPI) commits(r *http.Request, repo *githubRepo) reply {
	query := r.URL.Query()
	if query.Get("path") != "" {
		return notHere()
	}
	since, _ := time.Parse(time.RFC3339, query.Get("since"))
	until, err := time.Parse(time.RFC3339, query.Get("until"))
	if err != nil {
		until = githubEpoch()
	}
	from := 0
	if sha := query.Get("sha"); sha != "" {
		if from = repo.commitAt(sha); from < 0 {
			return notFound()
		}
	}
	var all []object
	for _, c := range repo.history[from:] {
		if (query.Get("author") == "" || strings.EqualFold(query.Get("author"), c.author)) && !c.at.Before(since) && !c.at.After(until) {
			all = append(all, c.object(r, repo))
		}
	}
	return listOf(r, all)
}

func (g *githubAPI) commit(r *http.Request, repo *githubRepo) reply {
	ref := r.PathValue("ref")
	sha, found := repo.resolve(ref)
	if !found {
		return problemReply(http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
	}
	if strings.Contains(r.Header.Get("Accept"), "application/vnd.github.v3.sha") || strings.Contains(r.Header.Get("Accept"), "application/vnd.github.sha") {
		return reply{status: http.StatusOK, raw: sha, kind: "application/vnd.github.sha"}
	}
	if strings.Contains(r.Header.Get("Accept"), "diff") || strings.Contains(r.Header.Get("Accept"), "patch") {
		return repo.commitDiff(sha)
	}
	for _, c := range repo.history {
		if c.sha == sha {
			return ok(c.object(r, repo))
		}
	}
	return ok(githubCommit{sha: sha, author: githubAccount, message: "work in progress", at: githubEpoch()}.object(r, repo))
}

// commitDiff is what the commit of a pull request changes; of the others only the messages are kept.
func (repo *githubRepo) commitDiff(sha string) reply {
	for _, issue := range repo.numbered {
		if issue.pull != nil && issue.headSHA() == sha {
			return reply{status: http.StatusOK, raw: issue.diff(repo), kind: "application/vnd.github.diff; charset=utf-8"}
		}
	}
	return notHere()
}

// resolve turns a branch, a pull request's branch or a hash into a full hash.
func (repo *githubRepo) resolve(ref string) (string, bool) {
	if i := repo.commitAt(ref); i >= 0 {
		return repo.history[i].sha, true
	}
	for _, issue := range repo.numbered {
		if issue.pull != nil && (issue.pull.branch == ref || issue.headSHA() == ref) {
			return issue.headSHA(), true
		}
	}
	return "", false
}

func (c githubCommit) object(r *http.Request, repo *githubRepo) object {
	person := object{"name": strings.TrimSuffix(c.author, "-example"), "email": c.author + "@users.noreply.example", "date": stamp(c.at)}
	address := base(r) + "/repos/" + repo.full + "/commits/" + c.sha
	return object{
		"sha": c.sha, "node_id": "C_" + c.sha[:8], "url": address, "html_url": web(r) + "/" + repo.full + "/commit/" + c.sha, "comments_url": address + "/comments",
		"commit": object{"message": c.message, "author": person, "committer": person, "comment_count": 0, "url": address,
			"tree": object{"sha": hash("tree", c.sha), "url": base(r) + "/repos/" + repo.full + "/git/trees/" + hash("tree", c.sha)}},
		"author": githubUser(r, c.author), "committer": githubUser(r, c.author), "parents": []object{}, "repository": repo.object(r), "score": 1,
	}
}
