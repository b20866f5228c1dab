package microsoft

import (
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools/rest"
)

// list is a page of things as Graph gives it.
// https://learn.microsoft.com/en-us/graph/paging
type list[T any] struct {
	Value []T    `json:"value"`
	Next  string `json:"@odata.nextLink"`
}

// markers are the parameters that the next page's address has and this one's
// hasn't.
func markers() []string { return []string{"$skiptoken", "$skip"} }

// next says how to ask for the page after this one: by what is different in its
// address, which itself is never followed. "" if this page is the last.
func (a *api) next(address string) string {
	if address == "" {
		return ""
	}
	api, err := url.Parse(a.url)
	next, wrong := url.Parse(address)
	if err != nil || wrong != nil || next.Host != api.Host || next.Scheme != api.Scheme {
		return "not known: it is said to be elsewhere, which is not followed"
	}
	for _, name := range markers() {
		if value := next.Query().Get(name); value != "" && checkPage(name+"="+value) == nil {
			return "page=" + name + "=" + value
		}
	}
	return "not known: the answer doesn't say how to ask for it"
}

// pageOf puts the argument into a query.
func pageOf(page string, query url.Values) {
	if name, value, found := strings.Cut(page, "="); found {
		query.Set(name, value)
	}
}

// checkPage says what keeps a text from being one that next has said.
func checkPage(page string) []string {
	name, value, _ := strings.Cut(page, "=")
	for _, known := range markers() {
		if name == known && value != "" && len(value) <= 1500 && rest.OneLine(value, len(value)) == value && !strings.Contains(value, " ") {
			return nil
		}
	}
	if page == "" {
		return nil
	}
	return []string{"'page' must be one that an answer has named, such as $skip=25"}
}
