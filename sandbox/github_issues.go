package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is the parameters of a list of issues.
func (g *githubAPI) filter(r *http.Request, all []*githubIssue) []*githubIssue {
	query := r.URL.Query()
	state := query.Get("state")
	if state == "" {
		state = "open"
	}
	since, _ := time.Parse(time.RFC3339, query.Get("since"))
	var kept []*githubIssue
	for _, issue := range all {
		fits := (state == "all" || issue.state == state) &&
			(query.Get("creator") == "" || strings.EqualFold(issue.author, query.Get("creator"))) &&
			fitsAssignee(issue, query.Get("assignee")) && hasLabels(issue, query.Get("labels")) && !issue.updated.Before(since)
		if fits {
			kept = append(kept, issue)
		}
	}
	sortIssues(kept, query.Get("sort"), query.Get("direction"))
	return kept
}

func fitsAssignee(issue *githubIssue, wanted string) bool {
	switch wanted {
	case "":
		return true
	case "none":
		return len(issue.assignees) == 0
	case "*":
		return len(issue.assignees) > 0
	}
	return slices.Contains(issue.assignees, wanted)
}

func hasLabels(issue *githubIssue, wanted string) bool {
	for label := range strings.SplitSeq(wanted, ",") {
		if label != "" && !slices.ContainsFunc(issue.labels, func(l string) bool { return strings.EqualFold(l, label) }) {
			return false
		}
	}
	return true
}

func sortIssues(all []*githubIssue, by, direction string) {
	slices.SortStableFunc(all, func(a, b *githubIssue) int {
		order := b.created.Compare(a.created)
		switch by {
		case "updated":
			order = b.updated.Compare(a.updated)
		case "comments":
			order = len(b.comments) - len(a.comments)
		}
		if order == 0 {
			order = b.number - a.number
		}
		if direction == "asc" {
			return -order
		}
		return order
	})
}

func (g *githubAPI) issues(r *http.Request, repo *githubRepo) reply {
	return listOf(r, objectsOf(r, repo, g.filter(r, repo.numbered)))
}

func objectsOf(r *http.Request, repo *githubRepo, issues []*githubIssue) []object {
	all := make([]object, 0, len(issues))
	for _, issue := range issues {
		all = append(all, issue.object(r, repo))
	}
	return all
}

// ownIssues lists those assigned to the account, over all repositories.
func (g *githubAPI) ownIssues(r *http.Request) reply {
	var all []object
	for _, repo := range g.repos {
		for _, issue := range g.filter(r, repo.numbered) {
			if slices.Contains(issue.assignees, githubAccount) {
				o := issue.object(r, repo)
				o["repository"] = repo.object(r)
				all = append(all, o)
			}
		}
	}
	return listOf(r, all)
}

func (issue *githubIssue) object(r *http.Request, repo *githubRepo) object {
	address := base(r) + "/repos/" + repo.full + "/issues/" + strconv.Itoa(issue.number)
	o := object{
		"id": issue.id, "node_id": "I_" + strconv.Itoa(issue.id), "number": issue.number, "title": issue.title, "body": issue.body, "state": issue.state,
		"state_reason": nullable(issue.reason), "user": githubUser(r, issue.author), "labels": labelObjects(r, repo, issue.labels),
		"assignees": userObjects(r, issue.assignees), "assignee": nil, "milestone": nil, "locked": false, "active_lock_reason": nil, "comments": len(issue.comments), "author_association": "MEMBER",
		"created_at": stamp(issue.created), "updated_at": stamp(issue.updated), "closed_at": issue.closedAt(),
		"url": address, "html_url": issue.page(r, repo), "repository_url": base(r) + "/repos/" + repo.full, "labels_url": address + "/labels{/name}",
		"comments_url": address + "/comments", "events_url": address + "/events", "score": 1,
	}
	if len(issue.assignees) > 0 {
		o["assignee"] = githubUser(r, issue.assignees[0])
	}
	if issue.pull != nil {
		api := base(r) + "/repos/" + repo.full + "/pulls/" + strconv.Itoa(issue.number)
		o["pull_request"] = object{"url": api, "html_url": issue.page(r, repo), "diff_url": issue.page(r, repo) + ".diff", "patch_url": issue.page(r, repo) + ".patch", "merged_at": issue.mergedAt()}
		o["draft"] = issue.pull.draft
	}
	return o
}

func (issue *githubIssue) page(r *http.Request, repo *githubRepo) string {
	kind := "/issues/"
	if issue.pull != nil {
		kind = "/pull/"
	}
	return web(r) + "/" + repo.full + kind + strconv.Itoa(issue.number)
}

func (issue *githubIssue) closedAt() any {
	if issue.state == "open" {
		return nil
	}
	return stamp(issue.updated)
}

func (issue *githubIssue) mergedAt() any {
	if !issue.pull.merged {
		return nil
	}
	return stamp(issue.updated)
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func labelObjects(r *http.Request, repo *githubRepo, names []string) []object {
	all := []object{}
	for _, name := range names {
		all = append(all, object{"id": 900 + len(name), "node_id": "L_" + name, "name": name, "color": "0f5e63", "default": name == "bug", "description": nil,
			"url": base(r) + "/repos/" + repo.full + "/labels/" + name})
	}
	return all
}

func userObjects(r *http.Request, logins []string) []object {
	all := []object{}
	for _, login := range logins {
		all = append(all, githubUser(r, login))
	}
	return all
}

func (g *githubAPI) issue(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	return ok(issue.object(r, repo))
}

// issueChange is the body of a POST or PATCH; nil is what isn't named.
type issueChange struct {
	Title       *string   `json:"title"`
	Body        *string   `json:"body"`
	State       *string   `json:"state"`
	StateReason *string   `json:"state_reason"`
	Labels      *[]string `json:"labels"`
	Assignees   *[]string `json:"assignees"`
}

func (g *githubAPI) createIssue(r *http.Request, repo *githubRepo) reply {
	var change issueChange
	if !decode(r, &change) {
		return problemReply(http.StatusBadRequest, "Problems parsing JSON")
	}
	if change.Title == nil || strings.TrimSpace(*change.Title) == "" {
		return invalid("Issue", "title", "missing_field")
	}
	number := 1
	for _, issue := range repo.numbered {
		number = max(number, issue.number+1)
	}
	issue := &githubIssue{number: number, id: 100000 + number, author: githubAccount, state: "open", created: g.now(), updated: g.now()}
	if refusal, refused := issue.apply(change); refused {
		return refusal
	}
	repo.numbered = append(repo.numbered, issue)
	return created(issue.object(r, repo))
}

func (g *githubAPI) editIssue(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	var change issueChange
	if !decode(r, &change) {
		return problemReply(http.StatusBadRequest, "Problems parsing JSON")
	}
	if refusal, refused := issue.apply(change); refused {
		return refusal
	}
	issue.updated = g.now()
	return ok(issue.object(r, repo))
}

func (issue *githubIssue) apply(change issueChange) (refusal reply, refused bool) {
	if change.Assignees != nil {
		if i := slices.IndexFunc(*change.Assignees, isStranger); i >= 0 {
			return invalid("Issue", "assignees", "invalid"), true
		}
		issue.assignees = *change.Assignees
	}
	if change.State != nil {
		if *change.State != "open" && *change.State != "closed" {
			return invalid("Issue", "state", "invalid"), true
		}
		issue.state, issue.reason = *change.State, ""
		if issue.state == "closed" {
			issue.reason = "completed"
		}
	}
	if change.StateReason != nil {
		issue.reason = *change.StateReason
	}
	if change.Title != nil {
		issue.title = *change.Title
	}
	if change.Body != nil {
		issue.body = *change.Body
	}
	if change.Labels != nil {
		issue.labels = *change.Labels
	}
	return reply{}, false
}

// githubPeople are those who may be assigned.
func githubPeople() []string {
	return []string{githubAccount, "ada-example", "alan-example", "grace-example", "katherine-example"}
}

func isStranger(login string) bool { return !slices.Contains(githubPeople(), login) }

func (g *githubAPI) issueComments(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	all := []object{}
	for _, c := range issue.comments {
		all = append(all, c.object(r, repo, issue))
	}
	return listOf(r, all)
}

func (c githubComment) object(r *http.Request, repo *githubRepo, issue *githubIssue) object {
	id := strconv.Itoa(c.id)
	return object{"id": c.id, "node_id": "IC_" + id, "body": c.body, "user": githubUser(r, c.author), "author_association": "MEMBER",
		"created_at": stamp(c.at), "updated_at": stamp(c.at), "url": base(r) + "/repos/" + repo.full + "/issues/comments/" + id,
		"html_url": issue.page(r, repo) + "#issuecomment-" + id, "issue_url": base(r) + "/repos/" + repo.full + "/issues/" + strconv.Itoa(issue.number)}
}

func (g *githubAPI) issueComment(r *http.Request, repo *githubRepo) reply {
	for _, issue := range repo.numbered {
		for _, c := range issue.comments {
			if strconv.Itoa(c.id) == r.PathValue("part") {
				return ok(c.object(r, repo, issue))
			}
		}
	}
	return notFound()
}

func (g *githubAPI) comment(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	var given struct {
		Body string `json:"body"`
	}
	if !decode(r, &given) || strings.TrimSpace(given.Body) == "" {
		return invalid("IssueComment", "body", "missing_field")
	}
	repo.nextID++
	c := githubComment{id: repo.nextID, author: githubAccount, body: given.Body, at: g.now()}
	issue.comments = append(issue.comments, c)
	issue.updated = g.now()
	return created(c.object(r, repo, issue))
}

// names reads a list of names, alone or as a field.
func names(r *http.Request, field string) []string {
	var body any
	if !decode(r, &body) {
		return nil
	}
	if fields, isObject := body.(object); isObject {
		body = fields[field]
	}
	list, _ := body.([]any)
	var all []string
	for _, item := range list {
		if name, isText := item.(string); isText {
			all = append(all, name)
		}
	}
	return all
}

func (g *githubAPI) addLabels(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	for _, name := range names(r, "labels") {
		if !slices.Contains(issue.labels, name) {
			issue.labels = append(issue.labels, name)
		}
	}
	return ok(labelObjects(r, repo, issue.labels))
}

func (g *githubAPI) removeLabel(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	i := slices.Index(issue.labels, r.PathValue("label"))
	if i < 0 {
		return problemReply(http.StatusNotFound, "Label does not exist")
	}
	issue.labels = slices.Delete(issue.labels, i, i+1)
	return ok(labelObjects(r, repo, issue.labels))
}

// addAssignees ignores, as GitHub does, whoever can't be assigned.
func (g *githubAPI) addAssignees(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	for _, login := range names(r, "assignees") {
		if !isStranger(login) && !slices.Contains(issue.assignees, login) {
			issue.assignees = append(issue.assignees, login)
		}
	}
	return created(issue.object(r, repo))
}

func (g *githubAPI) removeAssignees(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
	gone := names(r, "assignees")
	issue.assignees = slices.DeleteFunc(issue.assignees, func(login string) bool { return slices.Contains(gone, login) })
	return ok(issue.object(r, repo))
}
