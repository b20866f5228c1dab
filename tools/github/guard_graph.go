package github

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// document is a GraphQL document that is written in this program, so that what
// it touches follows from its variables alone. A constant is one by itself;
// what comes from a model must never be made one.
type document string

type ownRequest struct{}

// asOwn marks a request whose document is one of ours, or whose ids are not a
// model's: they come from GitHub's answers about what was judged before.
func asOwn(ctx context.Context) context.Context {
	return context.WithValue(ctx, ownRequest{}, true)
}

func isOwn(r *http.Request) bool {
	own, _ := r.Context().Value(ownRequest{}).(bool)
	return own
}

// graph judges a request to the GraphQL API by its variables: repositories are
// named as owner and name (or repo), as repo or repositoryNameWithOwner for
// both, or through the id of something in them.
func (g *guard) graph(r *http.Request) (*http.Request, error) {
	if !isOwn(r) || r.Method != http.MethodPost {
		return nil, outside("free GraphQL can't be judged; use the other tools")
	}
	copied, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	defer copied.Close()
	var body struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	decoder := json.NewDecoder(copied)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return nil, outside("the body of the request can't be judged")
	}
	named := graphNames{declared: declaredIDs(body.Query)}
	named.collect(body.Variables)
	if len(named.repos)+len(named.ids) == 0 {
		return nil, outside("this is not about one repository, so it can't be judged")
	}
	for _, repo := range named.repos {
		owner, name, isRepository := strings.Cut(repo, "/")
		if !isRepository {
			return nil, outside("what %s has beside its repositories, such as projects, may show any of them, so it can't be judged", oneLine(owner, 60))
		}
		if err := g.allowed.check(owner, name); err != nil {
			return nil, err
		}
	}
	if len(named.ids) > 0 {
		if err := g.checkIDs(r, named.ids); err != nil {
			return nil, err
		}
	}
	body.Query = byName(body.Query)
	return withJSON(r, body)
}

// byName keeps GitHub from answering for another repository where one has moved
// away from its name.
// https://docs.github.com/en/graphql/reference/repos#repository
func byName(query string) string {
	return regexp.MustCompile(`\brepository\(`).ReplaceAllString(query, "repository(followRenames:false,")
}

// withJSON is a request with another body.
func withJSON(r *http.Request, body any) (*http.Request, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	closeBody(r)
	changed := r.Clone(r.Context())
	changed.ContentLength = int64(len(content))
	changed.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	changed.Body, err = changed.GetBody()
	return changed, err
}

// graphNames is what variables say of repositories.
type graphNames struct {
	declared   []string // variables of type ID, or lists of them
	repos, ids []string
}

func declaredIDs(query string) []string {
	var names []string
	for _, found := range regexp.MustCompile(`\$(\w+)\s*:\s*\[?\s*ID\b`).FindAllStringSubmatch(query, -1) {
		names = append(names, found[1])
	}
	return names
}

func (n *graphNames) collect(variables map[string]any) {
	owner, hasOwner := variables["owner"].(string)
	if hasOwner && variables["name"] == nil && variables["repo"] == nil {
		n.repos = append(n.repos, owner)
	}
	for key, value := range variables {
		switch text, isText := value.(string); {
		case !isText:
			n.within(key, value)
		case slices.Contains(n.declared, key):
			n.ids = append(n.ids, text)
		case key == "repositoryNameWithOwner" || key == "repo" && !hasOwner:
			n.repos = append(n.repos, text)
		case (key == "name" || key == "repo") && hasOwner:
			n.repos = append(n.repos, owner+"/"+text)
		case isID(key):
			n.ids = append(n.ids, text)
		}
	}
}

// within looks into objects and lists.
func (n *graphNames) within(key string, value any) {
	switch value := value.(type) {
	case map[string]any:
		n.collect(value)
	case []any:
		for _, item := range value {
			n.collect(map[string]any{key: item})
		}
	}
}

// isID goes by GitHub's way of naming arguments: id, ids, subjectId, labelIds.
// What a client calls its own request is none, and fields of issues with their
// options are an organisation's.
func isID(key string) bool {
	key = strings.TrimSuffix(key, "s")
	ofNone := []string{"clientMutationId", "fieldId", "singleSelectOptionId", "multiSelectOptionId"}
	return key == "id" || strings.HasSuffix(key, "Id") && !slices.Contains(ofNone, key)
}

// whereQuery asks which repository things are in.
// https://docs.github.com/en/graphql/reference/interfaces#repositorynode
const whereQuery = `query($ids:[ID!]!){nodes(ids:$ids){
...on Repository{nameWithOwner}
...on RepositoryNode{repository{nameWithOwner}}
...on PullRequestReviewThread{repository{nameWithOwner}}
...on DiscussionComment{discussion{repository{nameWithOwner}}}
...on Label{repository{nameWithOwner}}
...on Milestone{repository{nameWithOwner}}
...on Ref{repository{nameWithOwner}}
...on Release{repository{nameWithOwner}}
}}`

type whereabouts struct {
	NameWithOwner string
	Repository    struct{ NameWithOwner string }
	Discussion    struct {
		Repository struct{ NameWithOwner string }
	}
}

func (w *whereabouts) repo() string {
	if w == nil {
		return ""
	}
	return join("", w.NameWithOwner, w.Repository.NameWithOwner, w.Discussion.Repository.NameWithOwner)
}

// checkIDs asks GitHub where the things are that ids stand for. An id says
// nothing by itself.
func (g *guard) checkIDs(r *http.Request, ids []string) error {
	content, err := json.Marshal(map[string]any{"query": whereQuery, "variables": map[string]any{"ids": ids}})
	if err != nil {
		return err
	}
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.URL.String(), bytes.NewReader(content))
	if err != nil {
		return err
	}
	asked.Header = r.Header.Clone()
	answer, err := g.next.RoundTrip(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var found struct {
		Data struct{ Nodes []*whereabouts }
	}
	err = json.NewDecoder(io.LimitReader(answer.Body, maxJudged)).Decode(&found)
	if err != nil || len(found.Data.Nodes) != len(ids) {
		return outside("GitHub doesn't say which repository this is in (%d)", answer.StatusCode)
	}
	for _, node := range found.Data.Nodes {
		if err := g.checkFull(node.repo()); err != nil {
			return err
		}
	}
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
