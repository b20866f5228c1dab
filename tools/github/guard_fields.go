package github

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// fields are a request's parameters by name in lower case, at any depth of the
// body, and those of the query: GitHub reads both, and of two of one name we
// can't know which counts. So all values of a name have to be good.
type fields map[string][]any

func fieldsOf(r *http.Request) (fields, error) {
	all := fields{}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, outside("the query can't be judged")
	}
	isBracket := func(r rune) bool { return r == '[' || r == ']' }
	for name, values := range query {
		for part := range strings.FieldsFuncSeq(name, isBracket) {
			for _, value := range values {
				all.add(part, value)
			}
		}
	}
	if r.Body == nil || r.Body == http.NoBody {
		return all, nil
	}
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	decoder := json.NewDecoder(body)
	if err := all.collect(decoder, ""); err != nil {
		return nil, outside("the body of the request can't be judged")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, outside("the body of the request holds more than one value")
	}
	return all, nil
}

// collect takes the next value, token by token: a map would hide all but one
// of the fields of the same name.
func (f fields) collect(decoder *json.Decoder, name string) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opened, isOpen := token.(json.Delim)
	if !isOpen {
		f.add(name, token)
		return nil
	}
	for decoder.More() {
		if opened == '{' {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			name, _ = key.(string)
		}
		if err := f.collect(decoder, name); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

func (f fields) add(name string, value any) {
	name = strings.ToLower(name)
	f[name] = append(f[name], value)
}

// texts are the values of a field, or otherwise if there are none.
func (f fields) texts(name, otherwise string) ([]string, error) {
	var texts []string
	for _, value := range f[name] {
		text, is := value.(string)
		if !is {
			return nil, outside("%s can't be judged", name)
		}
		texts = append(texts, text)
	}
	if texts == nil && otherwise != "" {
		texts = []string{otherwise}
	}
	return texts, nil
}

// fields judges what names a repository apart from the path.
func (g *guard) fields(r *http.Request, owner, name, below string) error {
	all, err := fieldsOf(r)
	if err != nil {
		return err
	}
	target, makes := targets()[r.Method+" "+below]
	if makes {
		if err := g.target(all, target, owner, name); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(all)) {
		isRepo := strings.Contains(field, "repo") && !strings.Contains(field, "report")
		isRead := r.Method == http.MethodGet
		switch {
		case makes && (field == target.owner || field == target.name):
		case namesOwner(field):
			err = outside("what %s would lead to can't be judged", field)
		case isForeignID(field):
			if isRepo || !isRead && !isOwn(r) && !strings.HasSuffix(below, "dispatches") {
				err = outside("an id says nothing of where it is, so %s can't be judged; another tool may take a name instead", oneLine(field, 60))
			}
		case isRepo:
			err = g.named(all, field, owner)
		case !isRead && (field == "head" || field == "base"):
			err = g.heads(all, field, owner)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// target is the fields that say what a new repository, or one that moves, is
// called: an owner, unless it stays, and a name, unless it keeps it.
type target struct{ owner, name string }

// targets are the requests that make or move a repository.
func targets() map[string]target {
	return map[string]target{
		"POST forks":    {"organization", "name"},
		"POST transfer": {"new_owner", "new_name"},
		"POST generate": {"owner", "name"},
		"PATCH ":        {"", "name"},
	}
}

func (g *guard) target(all fields, to target, owner, name string) error {
	if to.owner != "" {
		owner = ""
	}
	owners, err := all.texts(to.owner, owner)
	if err != nil {
		return err
	}
	names, err := all.texts(to.name, name)
	if err != nil {
		return err
	}
	if len(owners) == 0 {
		return outside("whose the new repository would be can't be judged; name the %s", to.owner)
	}
	for _, owner := range owners {
		for _, name := range names {
			if err := g.allowed.check(owner, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// namesOwner tells of fields that would lead elsewhere: to an account, to
// another address, to another method, or to a fork that GitHub names itself.
func namesOwner(field string) bool {
	return slices.Contains([]string{"organization", "org", "owner", "new_owner", "vcs_url", "_method", "start_private_fork"}, field)
}

// named judges a field that holds repositories, as owner/name or as name alone.
func (g *guard) named(all fields, field, owner string) error {
	names, err := all.texts(field, "")
	if err != nil {
		return err
	}
	for _, full := range names {
		of, name, isFull := strings.Cut(full, "/")
		if !isFull {
			of, name = owner, full
		}
		if err := g.allowed.check(of, name); err != nil {
			return err
		}
	}
	return nil
}

// heads judges the branches of a pull request to be made: BRANCH, or
// OWNER:BRANCH of a fork. GitHub looks for a fork among all that the owner has,
// so all have to be allowed.
// https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
func (g *guard) heads(all fields, field, owner string) error {
	heads, err := all.texts(field, "")
	if err != nil {
		return err
	}
	for _, head := range heads {
		of, _, isFork := strings.Cut(head, ":")
		if isFork && !strings.EqualFold(of, owner) && !g.allowed.hasAllOf(of) {
			return outside("which of %s's repositories %s is in can't be judged; it takes %s/* in the list", oneLine(of, 60), oneLine(head, 100), oneLine(of, 60))
		}
	}
	return nil
}

// isForeignID tells of ids that may be another repository's, such as those of
// issues. What a workflow is sent is for it alone. The known ones are of commits, accounts, apps, keys and the like.
func isForeignID(field string) bool {
	if !strings.HasSuffix(field, "_id") && !strings.HasSuffix(field, "_ids") {
		return false
	}
	return !slices.Contains([]string{
		"actor_id", "app_id", "artifact_id", "commit_id", "cve_id", "cwe_ids", "external_id", "field_id", "ghsa_id",
		"integration_id", "key_id", "placeholder_id", "runner_group_id", "team_id", "team_ids",
	}, field)
}
