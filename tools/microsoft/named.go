package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// named is a calendar or a mail folder.
// https://learn.microsoft.com/en-us/graph/api/resources/calendar
type named struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`        // a calendar's
	Owner       emailAddress `json:"owner"`       // a calendar's
	DisplayName string       `json:"displayName"` // a folder's
}

const (
	// shortestID is shorter than any identifier of Exchange's, and longer than most
	// names.
	shortestID = 60
	// maxPages are of a hundred names each.
	maxPages = 10
	// maxNamed is how many of them an error names.
	maxNamed = 50
)

// find answers the path of a calendar or a mail folder, by its identifier or by
// its name, which takes requests, and has to be the name of one alone: others may
// share a calendar that is called as one's own. path and fields are the
// collection's and what tells its members apart.
func (a *api) find(ctx context.Context, path, fields, wanted, noun string) (string, error) {
	if len(wanted) >= shortestID && isID(wanted) {
		return below(path, wanted), nil
	}
	all, err := a.names(ctx, path, fields, noun)
	if err != nil {
		return "", err
	}
	found := slices.DeleteFunc(slices.Clone(all), func(n named) bool {
		return !isID(n.ID) || !strings.EqualFold(n.Name+n.DisplayName, wanted)
	})
	switch len(found) {
	case 0:
		return "", tools.UserError("%s: there is no %s %s; there are %s", a.name, noun, calendar.Quoted(wanted, 60), listed(all, ", ", named.name))
	case 1:
		return below(path, found[0].ID), nil
	}
	return "", tools.UserError("%s: there are %s %s; give the id of one: %s", a.name, rest.Count(len(found), noun), calendar.Quoted(wanted, 60), listed(found, "; ", named.which))
}

// names are all members of a collection.
func (a *api) names(ctx context.Context, path, fields, noun string) (all []named, err error) {
	what, query := "the names of "+rest.Plural(noun), url.Values{"$select": {fields}, "$top": {"100"}}
	for range maxPages {
		var page list[named]
		if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: query, What: what}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.Next == "" {
			return all, nil
		}
		marker, known := strings.CutPrefix(a.next(page.Next), "page=")
		if !known {
			break
		}
		pageOf(marker, query)
	}
	return nil, tools.UserError("%s: %s: there are more than the first %d, which can't be looked at; give an id", a.name, what, len(all))
}

func (n named) name() string { return calendar.Quoted(n.Name+n.DisplayName, 60) }

func (n named) which() string {
	owner := ""
	if n.Owner != (emailAddress{}) {
		owner = "of " + n.Owner.text()
	}
	return rest.Join(" ", owner, "id", n.ID)
}

func listed(all []named, separator string, text func(named) string) string {
	var texts []string
	for i, n := range all {
		if i == maxNamed {
			texts = append(texts, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		texts = append(texts, text(n))
	}
	return strings.Join(texts, separator)
}
