package sandbox

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// search is a query taken apart: words, and qualifiers such as repo:owner/name.
type search struct {
	words      []string
	qualifiers map[string][]string
}

func searchOf(r *http.Request) (search, bool) {
	s := search{qualifiers: map[string][]string{}}
	for _, part := range strings.Fields(withoutEither(r.URL.Query().Get("q"))) {
		name, value, qualified := strings.Cut(part, ":")
		if qualified && value != "" {
			s.qualifiers[name] = append(s.qualifiers[name], strings.Trim(value, `"`))
			continue
		}
		s.words = append(s.words, strings.ToLower(strings.Trim(part, `"`)))
	}
	return s, len(s.words)+len(s.qualifiers) > 0
}

// withoutEither takes (repo:a/b OR repo:c/d) apart, the only brackets it knows: the values of a qualifier are alternatives as it is.
func withoutEither(query string) string {
	either := regexp.MustCompile(`\(repo:\S+( OR repo:\S+)+\)`)
	return either.ReplaceAllStringFunc(query, func(s string) string { return strings.ReplaceAll(strings.Trim(s, "()"), " OR ", " ") })
}

// isBeyond reports whether a query has more to it than words and qualifiers that are all meant.
func isBeyond(query string) bool {
	plain := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(withoutEither(query), "_")
	return strings.ContainsAny(plain, "()") || slices.ContainsFunc(strings.Fields(plain), func(word string) bool { return word == "OR" || word == "NOT" })
}

// fits reports whether all words are in one of the texts.
func (s search) fits(texts ...string) bool {
	text := strings.ToLower(strings.Join(texts, "\n"))
	return !slices.ContainsFunc(s.words, func(word string) bool { return !strings.Contains(text, word) })
}

// is reports whether a qualifier is absent or has one of the values.
func (s search) is(name string, values ...string) bool {
	wanted := s.qualifiers[name]
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, w) })
	})
}

// in reports whether the qualifiers leave a repository in.
func (s search) in(repo *githubRepo) bool {
	return s.is("repo", repo.full) && s.is("user", repo.owner()) && s.is("org", repo.owner()) && s.is("language", repo.language)
}

// each calls find for every repository the request may see and search, and answers what was found.
func (g *githubAPI) each(r *http.Request, find func(search, *githubRepo) []object) reply {
	s, valid := searchOf(r)
	switch {
	case !valid:
		return invalid("Search", "q", "missing")
	case isBeyond(r.URL.Query().Get("q")):
		return notHere()
	}
	all := []object{}
	for _, repo := range g.repos {
		if s.in(repo) && (!repo.private || g.mayWrite(r, repo)) {
			all = append(all, find(s, repo)...)
		}
	}
	return found(r, all)
}

func found(r *http.Request, all []object) reply {
	return reply{status: http.StatusOK, list: true, total: len(all), body: object{"total_count": len(all), "incomplete_results": false, "items": cutPage(r, all)}}
}

func (g *githubAPI) searchRepositories(r *http.Request) reply {
	return g.each(r, func(s search, repo *githubRepo) []object {
		if !s.fits(append(repo.topics, repo.full, repo.description)...) || !s.is("topic", repo.topics...) {
			return nil
		}
		return []object{repo.object(r)}
	})
}

func (g *githubAPI) searchCode(r *http.Request) reply {
	return g.each(r, func(s search, repo *githubRepo) []object {
		hits := map[string]object{}
		for name, content := range repo.files {
			if !s.fits(name, content) || len(s.qualifiers["path"]) > 0 && !strings.HasPrefix(name, s.qualifiers["path"][0]) {
				continue
			}
			hit := repo.file(r, name, content, false)
			for _, extra := range []string{"type", "size", "download_url"} {
				delete(hit, extra)
			}
			hit["repository"], hit["score"] = repo.object(r), 1
			if strings.Contains(r.Header.Get("Accept"), "text-match") {
				hit["text_matches"] = s.matches(hit["url"].(string), content)
			}
			hits[name] = hit
		}
		return sorted(hits)
	})
}

// matches shows the lines around the first word found.
func (s search) matches(address, content string) []object {
	if len(s.words) == 0 {
		return []object{}
	}
	word := s.words[0]
	for line := range strings.Lines(content) {
		if at := strings.Index(strings.ToLower(line), word); at >= 0 {
			return []object{{"object_url": address, "object_type": "FileContent", "property": "content", "fragment": strings.TrimSuffix(line, "\n"),
				"matches": []object{{"text": line[at : at+len(word)], "indices": []int{at, at + len(word)}}}}}
		}
	}
	return []object{}
}

func (g *githubAPI) searchIssues(r *http.Request) reply {
	return g.each(r, func(s search, repo *githubRepo) []object {
		var hits []*githubIssue
		for _, issue := range repo.numbered {
			kinds := []string{"issue", issue.state}
			if issue.pull != nil {
				kinds = []string{"pr", "pull-request", issue.state}
				for kind, is := range map[string]bool{"merged": issue.pull.merged, "unmerged": !issue.pull.merged, "draft": issue.pull.draft} {
					if is {
						kinds = append(kinds, kind)
					}
				}
			}
			all := !slices.ContainsFunc(slices.Concat(s.qualifiers["is"], s.qualifiers["type"], s.qualifiers["state"]), func(k string) bool { return !slices.Contains(kinds, k) })
			if all && s.fits(issue.title, issue.body) && s.is("author", issue.author) && s.is("assignee", issue.assignees...) && s.is("label", issue.labels...) {
				hits = append(hits, issue)
			}
		}
		sortIssues(hits, r.URL.Query().Get("sort"), r.URL.Query().Get("order"))
		return objectsOf(r, repo, hits)
	})
}

func (g *githubAPI) searchUsers(r *http.Request) reply {
	s, valid := searchOf(r)
	if !valid {
		return invalid("Search", "q", "missing")
	}
	all := []object{}
	for _, login := range append(githubPeople(), githubOrg) {
		kind := "user"
		if login == githubOrg {
			kind = "org"
		}
		if s.fits(login) && s.is("type", kind) {
			user := githubUser(r, login)
			user["score"] = 1
			all = append(all, user)
		}
	}
	return found(r, all)
}

func (g *githubAPI) searchCommits(r *http.Request) reply {
	return g.each(r, func(s search, repo *githubRepo) []object {
		var hits []object
		for _, c := range repo.history {
			if s.fits(c.message) && s.is("author", c.author) {
				hits = append(hits, c.object(r, repo))
			}
		}
		return hits
	})
}
