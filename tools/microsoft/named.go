package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// named is a calendar or a mail folder.
type named struct {
	ID          string `json:"id"`
	Name        string `json:"name"`        // a calendar's
	DisplayName string `json:"displayName"` // a folder's
}

// shortestID is shorter than any identifier of Exchange's, and longer than most
// names.
const shortestID = 60

// find answers the path of a calendar or a mail folder, by its identifier or by
// its name, which takes a request. path and field are the collection's and its
// names'.
func (a *api) find(ctx context.Context, path, field, wanted, noun string) (string, error) {
	if len(wanted) >= shortestID && isID(wanted) {
		return below(path, wanted), nil
	}
	var all list[named]
	query := url.Values{"$select": {"id," + field}, "$top": {"100"}}
	if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: query, What: "the names of " + rest.Plural(noun)}, &all); err != nil {
		return "", err
	}
	var known []string
	for _, n := range all.Value {
		if strings.EqualFold(n.Name+n.DisplayName, wanted) && isID(n.ID) {
			return below(path, n.ID), nil
		}
		known = append(known, fmt.Sprintf("%q", rest.OneLine(n.Name+n.DisplayName, 60)))
	}
	return "", tools.UserError("%s: there is no %s %q; there are %s", a.name, noun, rest.OneLine(wanted, 60), strings.Join(known, ", "))
}
