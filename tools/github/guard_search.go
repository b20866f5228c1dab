package github

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/valetkey/valetkey/tools"
)

// narrow limits a search to allowed repositories: those the query names, else
// all. The limit comes first, where nothing behind it can undo it. What comes
// back is filtered as well.
func (g *guard) narrow(r *http.Request, issues bool) (*http.Request, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(values["q"]) != 1 {
		return nil, outside("a search without one query can't be judged")
	}
	for name, given := range values {
		if !slices.Contains([]string{"q", "sort", "order", "page", "per_page", "advanced_search"}, name) || len(given) != 1 {
			return nil, outside("a search with %s can't be judged", oneLine(name, 60))
		}
	}
	query, err := g.narrowed(values.Get("q"), issues)
	if err != nil {
		return nil, err
	}
	values.Set("q", query)
	narrowed := r.Clone(r.Context())
	narrowed.URL.RawQuery = values.Encode()
	return narrowed, nil
}

func (g *guard) narrowed(query string, issues bool) (string, error) {
	var limits, words []string
	for _, word := range strings.Fields(query) {
		repo, isRepo := strings.CutPrefix(strings.ToLower(word), "repo:")
		if isRepo && g.allowed.hasFull(repo) {
			limits = append(limits, "repo:"+repo)
			continue
		}
		words = append(words, word)
	}
	rest := strings.Join(words, " ")
	if err := g.checkWords(rest); err != nil {
		return "", err
	}
	if len(limits) == 0 {
		var ok bool
		if limits, ok = g.allowed.qualifiers(); !ok {
			return "", outside("a search can't be limited to its patterns (%s); add repo:owner/name to the query", strings.Join(g.allowed, ", "))
		}
	}
	// Issues are searched with an advanced syntax, where a space means AND.
	// https://github.blog/changelog/2025-03-06-github-issues-projects-api-support-for-issues-advanced-search-and-more/
	if issues && len(limits) > 1 {
		return "(" + strings.Join(limits, " OR ") + ") " + rest, nil
	}
	return strings.TrimSpace(strings.Join(limits, " ") + " " + rest), nil
}

// checkWords refuses what could lead a search out of its limits: another scope,
// OR, and what a parser may read otherwise than we do.
func (g *guard) checkWords(query string) error {
	lower := strings.ToLower(query)
	scope := regexp.MustCompile(`\b(repo|repository|user|org|owner|enterprise|project|fullname)\s*:`)
	if found := scope.FindString(lower); found != "" {
		return outside("a search may name its repositories only as repo:owner/name, each one that it allows; leave out other %s", found)
	}
	isBetween := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
	if slices.Contains(strings.FieldsFunc(lower, isBetween), "or") {
		return outside("a search with OR can't be judged; make it several searches")
	}
	plain := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(lower, "_")
	if strings.ContainsAny(lower, `\|`) || strings.Contains(plain, `"`) {
		return outside("a search with \\, | or an open quotation mark can't be judged; leave it out")
	}
	isEnd := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(),", r) }
	for word := range strings.FieldsFuncSeq(plain, isEnd) {
		qualifier, _, is := strings.Cut(strings.ReplaceAll(word, "：", ":"), ":")
		if is && !slices.Contains(strings.Fields(knownQualifiers), strings.TrimLeft(qualifier, "-")) {
			return outside("what %s: does in a search isn't known; put it between quotation marks to search for the text", oneLine(qualifier, 40))
		}
	}
	return nil
}

// knownQualifiers only ever make a search find less.
// https://docs.github.com/en/search-github
const knownQualifiers = `
archived assignee author author-date author-email author-name base closed commenter comments committed committer
committer-date committer-email committer-name created draft extension filename followers fork forks good-first-issues
has hash head help-wanted-issues in interactions involves is label language license linked locked mentions merge merged
milestone mirror no parent path pushed reactions reason review review-requested reviewed-by sha size sort stars
state status symbol template topic topics tree type updated user-review-requested`

// filterFound filters what a search found.
func (g *guard) filterFound(answer *http.Response) (*http.Response, error) {
	var found map[string]json.RawMessage
	var items []json.RawMessage
	if err := readAnswer(answer, &found); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(found["items"], &items); err != nil {
		return nil, errUnfilterable
	}
	kept, err := g.filtered(items)
	if err != nil {
		return nil, err
	}
	if len(kept) < len(items) {
		// How many there are elsewhere is nobody's business either, and how many
		// are left isn't known; there may be some on the next page.
		delete(found, "total_count")
		answer.Header.Set("Link", regexp.MustCompile(`<[^>]*>; *rel="next"`).FindString(answer.Header.Get("Link")))
	}
	if found["items"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	return withBody(answer, found)
}

// filterList filters a list.
func (g *guard) filterList(answer *http.Response) (*http.Response, error) {
	var items []json.RawMessage
	if err := readAnswer(answer, &items); err != nil {
		return nil, err
	}
	kept, err := g.filtered(items)
	if err != nil {
		return nil, err
	}
	return withBody(answer, kept)
}

// filtered keeps what is about an allowed repository, and what says nothing of
// a repository goes.
func (g *guard) filtered(items []json.RawMessage) ([]json.RawMessage, error) {
	kept := []json.RawMessage{}
	for _, item := range items {
		var about struct {
			FullName      string `json:"full_name"`
			RepositoryURL string `json:"repository_url"`
			Repository    struct {
				FullName string `json:"full_name"`
			}
		}
		if err := json.Unmarshal(item, &about); err != nil {
			return nil, errUnfilterable
		}
		_, fromURL, _ := strings.Cut(about.RepositoryURL, "/repos/")
		names := slices.DeleteFunc([]string{about.FullName, fromURL, about.Repository.FullName}, func(name string) bool { return name == "" })
		isOutside := func(name string) bool { return !g.allowed.hasFull(name) }
		if len(names) > 0 && !slices.ContainsFunc(names, isOutside) {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

var errUnfilterable = tools.UserError("github: the answer is not what GitHub's API gives, so it can't be held against VALET_REPOS")

func readAnswer(answer *http.Response, into any) error {
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxJudged+1))
	if err != nil {
		return err
	}
	if len(content) > maxJudged || json.Unmarshal(content, into) != nil {
		return errUnfilterable
	}
	return nil
}

func withBody(answer *http.Response, content any) (*http.Response, error) {
	body, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return answer, nil
}
