package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// object is a JSON object as GitHub's REST API gives it.
type object = map[string]any

const (
	githubAccount = "mona-example"
	githubLimit   = 5000
	apiPrefix     = "/api/v3"
)

// githubAPI is the part of GitHub's REST API that valetkey's tools use, with the base path of a GitHub Enterprise Server. What is
// written lasts as long as the sandbox. Shapes and words: https://docs.github.com/en/rest
type githubAPI struct {
	now func() time.Time
	who func(*http.Request) (scopes []string, ok bool)
	// account is who is signed in.
	account func() string

	mu    sync.Mutex
	used  int
	repos []*githubRepo
}

// newGitHubAPI makes the API with its data as it is at the start. who tells whose the request is; its scopes decide what may be written.
func newGitHubAPI(now func() time.Time, who func(*http.Request) (scopes []string, ok bool), account func() string) http.Handler {
	g := &githubAPI{now: now, who: who, account: account, repos: githubRepos()}
	mux := http.NewServeMux()
	for pattern, serve := range g.routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+apiPrefix+path, func(w http.ResponseWriter, r *http.Request) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.answer(w, r, serve(r))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { g.answer(w, r, notHere()) })
	return g.guard(mux)
}

// reply is an answer: a JSON value, or text where raw isn't "".
type reply struct {
	status int
	body   any
	raw    string
	kind   string
	// total is the number of items there are in all, for the Link header of a list.
	total int
	list  bool
}

func ok(body any) reply      { return reply{status: http.StatusOK, body: body} }
func created(body any) reply { return reply{status: http.StatusCreated, body: body} }

func problemReply(status int, message string) reply {
	return reply{status: status, body: object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)}}
}

func notFound() reply { return problemReply(http.StatusNotFound, "Not Found") }

// notHere is for what GitHub does and this API doesn't, so that nobody takes it for GitHub's word.
func notHere() reply {
	return problemReply(http.StatusNotImplemented, "this practice GitHub doesn't do that")
}

// invalid is GitHub's 422 with the field that is wrong.
func invalid(resource, field, code string) reply {
	r := problemReply(http.StatusUnprocessableEntity, "Validation Failed")
	r.body.(object)["errors"] = []object{{"resource": resource, "field": field, "code": code}}
	return r
}

func (g *githubAPI) routes() map[string]func(*http.Request) reply {
	return map[string]func(*http.Request) reply{
		"GET /user":                          g.user,
		"GET /user/orgs":                     g.ownOrgs,
		"GET /user/repos":                    g.ownRepositories,
		"GET /users/{owner}/repos":           g.publicRepositories,
		"GET /rate_limit":                    g.rateLimit,
		"GET /issues":                        g.ownIssues,
		"GET /search/repositories":           g.searchRepositories,
		"GET /search/code":                   g.searchCode,
		"GET /search/issues":                 g.searchIssues,
		"GET /search/users":                  g.searchUsers,
		"GET /search/commits":                g.searchCommits,
		"GET /repos/{owner}/{name}":          g.in(g.repository),
		"GET /repos/{owner}/{name}/":         g.in(func(*http.Request, *githubRepo) reply { return notFound() }),
		"GET /repos/{owner}/{name}/branches": g.in(g.branches),
		"GET /repos/{owner}/{name}/git/matching-refs/heads/{start...}": g.in(g.matchingBranches),
		"GET /repos/{owner}/{name}/readme":                             g.in(g.readme),
		"GET /repos/{owner}/{name}/contents/{path...}":                 g.in(g.contents),
		"GET /repos/{owner}/{name}/contents":                           g.in(g.contents),
		"GET /repos/{owner}/{name}/git/trees/{sha}":                    g.in(g.tree),
		"GET /repos/{owner}/{name}/commits":                            g.in(g.commits),
		"GET /repos/{owner}/{name}/commits/{ref}":                      g.in(g.commit),
		"GET /repos/{owner}/{name}/commits/{ref}/check-runs":           g.in(g.checkRuns),
		"GET /repos/{owner}/{name}/commits/{ref}/status":               g.in(g.combinedStatus),
		"GET /repos/{owner}/{name}/issues":                             g.in(g.issues),
		"POST /repos/{owner}/{name}/issues":                            g.writing(g.createIssue),
		"GET /repos/{owner}/{name}/issues/{number}":                    g.on(g.issue),
		"PATCH /repos/{owner}/{name}/issues/{number}":                  g.writingOn(g.editIssue),
		"GET /repos/{owner}/{name}/issues/{number}/{part}":             g.issuePart,
		"POST /repos/{owner}/{name}/issues/{number}/comments":          g.writingOn(g.comment),
		"POST /repos/{owner}/{name}/issues/{number}/labels":            g.writingOn(g.addLabels),
		"DELETE /repos/{owner}/{name}/issues/{number}/labels/{label}":  g.writingOn(g.removeLabel),
		"POST /repos/{owner}/{name}/issues/{number}/assignees":         g.writingOn(g.addAssignees),
		"DELETE /repos/{owner}/{name}/issues/{number}/assignees":       g.writingOn(g.removeAssignees),
		"GET /repos/{owner}/{name}/pulls":                              g.in(g.pulls),
		"GET /repos/{owner}/{name}/pulls/{number}":                     g.onPull(g.pull),
		"GET /repos/{owner}/{name}/pulls/{number}/{part}":              g.pullPart,
		"GET /repos/{owner}/{name}/pulls/{number}/reviews/{id}":        g.onPull(g.review),
	}
}

// issuePart and pullPart serve what is below an issue or a pull request. The address of a single comment has "comments" where the
// number is otherwise, which patterns can't tell apart.
func (g *githubAPI) issuePart(r *http.Request) reply {
	switch {
	case r.PathValue("number") == "comments":
		return g.in(g.issueComment)(r)
	case r.PathValue("part") == "comments":
		return g.on(g.issueComments)(r)
	}
	return notHere()
}

func (g *githubAPI) pullPart(r *http.Request) reply {
	if r.PathValue("number") == "comments" {
		return g.in(g.reviewComment)(r)
	}
	parts := map[string]func(*http.Request, *githubRepo, *githubIssue) reply{
		"files": g.pullFiles, "commits": g.pullCommits, "reviews": g.reviews, "comments": g.reviewComments,
	}
	if serve, known := parts[r.PathValue("part")]; known {
		return g.onPull(serve)(r)
	}
	return notHere()
}

// guard asks whose the request is and adds the headers every answer has.
func (g *githubAPI) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scopes, known := g.who(r)
		header := w.Header()
		header.Set("X-GitHub-Media-Type", "github.v3; format=json")
		if !known {
			g.answer(w, r, problemReply(http.StatusUnauthorized, "Bad credentials"))
			return
		}
		g.mu.Lock()
		g.used++
		left := max(0, githubLimit-g.used)
		g.mu.Unlock()
		header.Set("X-OAuth-Scopes", strings.Join(scopes, ", "))
		header.Set("X-RateLimit-Limit", strconv.Itoa(githubLimit))
		header.Set("X-RateLimit-Remaining", strconv.Itoa(left))
		header.Set("X-RateLimit-Used", strconv.Itoa(githubLimit-left))
		header.Set("X-RateLimit-Reset", strconv.FormatInt(g.reset().Unix(), 10))
		header.Set("X-RateLimit-Resource", "core")
		next.ServeHTTP(w, r)
	})
}

// reset is when the rate limit begins anew: at the next full hour.
func (g *githubAPI) reset() time.Time { return g.now().Truncate(time.Hour).Add(time.Hour) }

func (g *githubAPI) answer(w http.ResponseWriter, r *http.Request, a reply) {
	if a.raw != "" {
		w.Header().Set("Content-Type", a.kind)
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.raw))
		return
	}
	if a.list {
		if link := links(r, a.total); link != "" {
			w.Header().Set("Link", link)
		}
	}
	if a.status == http.StatusForbidden {
		w.Header().Set("X-Accepted-OAuth-Scopes", "public_repo, repo")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(a.body)
}

// pageOf reads page and per_page: 30 a page unless asked otherwise, 100 at most.
func pageOf(r *http.Request) (page, size int) {
	page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	size, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	if err != nil || size < 1 {
		size = 30
	}
	return max(page, 1), min(size, 100)
}

// listOf cuts the page that was asked for out of a list.
func listOf(r *http.Request, all []object) reply {
	return reply{status: http.StatusOK, body: cutPage(r, all), list: true, total: len(all)}
}

func cutPage(r *http.Request, all []object) []object {
	page, size := pageOf(r)
	from := min((page-1)*size, len(all))
	return append([]object{}, all[from:min(from+size, len(all))]...)
}

// links is the Link header of a page (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
func links(r *http.Request, total int) string {
	page, size := pageOf(r)
	last := max(1, (total+size-1)/size)
	var all []string
	add := func(rel string, to int) {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(to))
		address := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
		all = append(all, fmt.Sprintf(`<%s>; rel="%s"`, address.String(), rel))
	}
	if page > 1 {
		add("prev", page-1)
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	if page > 1 {
		add("first", 1)
	}
	return strings.Join(all, ", ")
}

// in finds the repository of a request.
func (g *githubAPI) in(serve func(*http.Request, *githubRepo) reply) func(*http.Request) reply {
	return func(r *http.Request) reply {
		repo := g.find(r.PathValue("owner") + "/" + r.PathValue("name"))
		if repo == nil || repo.private && !g.mayWrite(r, repo) {
			return notFound()
		}
		return serve(r, repo)
	}
}

func (g *githubAPI) find(full string) *githubRepo {
	i := slices.IndexFunc(g.repos, func(repo *githubRepo) bool { return strings.EqualFold(repo.full, full) })
	if i < 0 {
		return nil
	}
	return g.repos[i]
}

// on finds the issue, or the pull request, which is one too.
func (g *githubAPI) on(serve func(*http.Request, *githubRepo, *githubIssue) reply) func(*http.Request) reply {
	return g.in(func(r *http.Request, repo *githubRepo) reply {
		number, err := strconv.Atoi(r.PathValue("number"))
		if issue := repo.issue(number); err == nil && issue != nil {
			return serve(r, repo, issue)
		}
		return notFound()
	})
}

func (g *githubAPI) onPull(serve func(*http.Request, *githubRepo, *githubIssue) reply) func(*http.Request) reply {
	return g.on(func(r *http.Request, repo *githubRepo, issue *githubIssue) reply {
		if issue.pull == nil {
			return notFound()
		}
		return serve(r, repo, issue)
	})
}

// mayWrite reports whether the scopes of the request allow changing, and for a private one seeing, a repository.
func (g *githubAPI) mayWrite(r *http.Request, repo *githubRepo) bool {
	scopes, _ := g.who(r)
	return slices.Contains(scopes, "repo") || !repo.private && slices.Contains(scopes, "public_repo")
}

func (g *githubAPI) writing(serve func(*http.Request, *githubRepo) reply) func(*http.Request) reply {
	return g.in(func(r *http.Request, repo *githubRepo) reply {
		if !g.mayWrite(r, repo) {
			return problemReply(http.StatusForbidden, "Resource not accessible by this token")
		}
		return serve(r, repo)
	})
}

func (g *githubAPI) writingOn(serve func(*http.Request, *githubRepo, *githubIssue) reply) func(*http.Request) reply {
	finding := g.on(serve)
	return g.writing(func(r *http.Request, _ *githubRepo) reply { return finding(r) })
}

func (g *githubAPI) user(r *http.Request) reply {
	user := githubUser(r, g.account())
	add(user, object{"name": "Mona Example", "company": "Tidepool", "public_repos": 1, "followers": 12, "following": 4,
		"created_at": stamp(githubEpoch().AddDate(-6, 0, 0)), "updated_at": stamp(githubEpoch()), "two_factor_authentication": true,
	})
	return ok(user)
}

func (g *githubAPI) rateLimit(*http.Request) reply {
	core := object{"limit": githubLimit, "used": g.used, "remaining": max(0, githubLimit-g.used), "reset": g.reset().Unix()}
	search := object{"limit": 30, "used": 0, "remaining": 30, "reset": g.now().Add(time.Minute).Unix()}
	return ok(object{"resources": object{"core": core, "search": search, "code_search": search, "graphql": core}, "rate": core})
}

// githubUser is a person, a bot or an organisation as it stands in other objects.
func githubUser(r *http.Request, login string) object {
	kind := "User"
	if login == githubOrg {
		kind = "Organization"
	}
	return object{
		"login": login, "id": 1000 + len(login), "node_id": "U_" + login, "type": kind, "site_admin": false, "gravatar_id": "",
		"url": base(r) + "/users/" + login, "html_url": web(r) + "/" + login, "avatar_url": web(r) + "/avatars/" + login,
	}
}

func base(r *http.Request) string { return "http://" + r.Host + apiPrefix }
func web(r *http.Request) string  { return "http://" + r.Host }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// add puts the fields of one object into another.
func add(o, extra object) {
	for name, value := range extra {
		o[name] = value
	}
}

// decode reads a request's JSON body.
func decode(r *http.Request, into any) bool { return json.NewDecoder(r.Body).Decode(into) == nil }
