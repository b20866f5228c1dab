package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/go-github/v62/github"
)

// paged is the arguments of a list in numbered pages.
type paged struct {
	Page    int `json:"page,omitempty"`
	PerPage int `json:"per_page,omitempty" maximum:"100"`
}

// isPaging are arguments that do no harm where there is only one page.
func isPaging() []string { return []string{"page", "per_page"} }

// options are GitHub's own defaults where nothing was sent.
func (p paged) options() github.ListOptions {
	o := github.ListOptions{Page: max(1, p.Page), PerPage: 30}
	if p.PerPage > 0 {
		o.PerPage = p.PerPage
	}
	return o
}

// query adds what names the page.
func (p paged) query(values map[string]string) map[string]string {
	o := p.options()
	values["page"], values["per_page"] = strconv.Itoa(o.Page), strconv.Itoa(o.PerPage)
	return values
}

// position says where in the list an answer is.
func (p paged) position(r *github.Response) string { return position(p.options().Page, r) }

// get reads what is at an address below the API's and puts it into a pointer.
// Values of the query that are empty are left out. what names it in errors.
func (a *api) get(ctx context.Context, address string, query map[string]string, into any, what string) (*github.Response, error) {
	values := url.Values{}
	for name, value := range query {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	return a.send(ctx, http.MethodGet, address, nil, into, what)
}

// put sends what changes something, once. body and into may be nil. accepted
// says that GitHub has yet to do it.
func (a *api) put(ctx context.Context, method, address string, body, into any, what string) (accepted bool, err error) {
	_, err = a.ask(ctx, method, address, body, into)
	var later *github.AcceptedError
	if errors.As(err, &later) {
		return true, nil
	}
	return false, explain(err, what)
}
