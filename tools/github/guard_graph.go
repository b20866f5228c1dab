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

type ownDocument struct{}

// asOwn marks a request whose document is one of ours.
func asOwn(ctx context.Context) context.Context {
	return context.WithValue(ctx, ownDocument{}, true)
}

// graph judges a request to the GraphQL API by its variables: repositories are
// named as owner and name (or repo), as repo or repositoryNameWithOwner for
// both, or through the id of something in them.
func (g *guard) graph(r *http.Request) error {
	if own, _ := r.Context().Value(ownDocument{}).(bool); !own || r.Method != http.MethodPost {
		return outside("free GraphQL can't be judged; use the other tools")
	}
	var body struct {
		Query     string
		Variables map[string]any
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	named := graphNames{declared: declaredIDs(body.Query)}
	named.collect(body.Variables)
	if len(named.repos)+len(named.ids) == 0 {
		return outside("this is not about one repository, so it can't be judged")
	}
	for _, repo := range named.repos {
		owner, name, _ := strings.Cut(repo, "/")
		if err := g.allowed.check(owner, name); err != nil {
			return err
		}
	}
	if len(named.ids) == 0 {
		return nil
	}
	return g.checkIDs(r, named.ids)
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
		case key == "repositoryNameWithOwner" || key == "repo" && !hasOwner:
			n.repos = append(n.repos, text)
		case (key == "name" || key == "repo") && hasOwner:
			n.repos = append(n.repos, owner+"/"+text)
		case isID(key) || slices.Contains(n.declared, key):
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
// What a client calls its own request is none.
func isID(key string) bool {
	key = strings.TrimSuffix(key, "s")
	return key == "id" || strings.HasSuffix(key, "Id") && key != "clientMutationId"
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
		if repo := node.repo(); !g.allowed.hasFull(repo) {
			return outside("this is in %s, which is not one of the repositories it allows", orElse(oneLine(repo, 140), "no repository"))
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
