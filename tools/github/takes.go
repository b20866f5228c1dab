package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// takes is which arguments a part or an action of a tool needs, and which it
// can use as well.
type takes struct {
	needs []string
	also  []string
}

// faults compares them with what was sent. what is "part run" or the like.
func (t takes) faults(what string, sent []string) []string {
	var faults []string
	for _, name := range t.needs {
		if !slices.Contains(sent, name) {
			faults = append(faults, fmt.Sprintf("%s needs '%s'", what, name))
		}
	}
	uses := slices.Concat(t.needs, t.also)
	for _, name := range sent {
		if !slices.Contains(uses, name) {
			faults = append(faults, join("; it uses ", fmt.Sprintf("%s does not use '%s'", what, name), strings.Join(uses, ", ")))
		}
	}
	return faults
}

// sentArguments names the arguments that hold something, in the order they are
// declared. except are those that say what is asked for, and where.
func sentArguments(in any, except ...string) []string {
	var names []string
	value := reflect.ValueOf(in)
	for _, field := range reflect.VisibleFields(value.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.Anonymous && !slices.Contains(except, name) && !value.FieldByIndex(field.Index).IsZero() {
			names = append(names, name)
		}
	}
	return names
}

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
	request, err := a.client.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, explain(err, what)
	}
	r, err := a.client.Do(ctx, request, into)
	return r, explain(err, what)
}

// put sends what changes something, once. body and into may be nil. accepted
// says that GitHub has yet to do it.
func (a *api) put(ctx context.Context, method, address string, body, into any, what string) (accepted bool, err error) {
	request, err := a.client.NewRequest(method, address, body)
	if err != nil {
		return false, explain(err, what)
	}
	_, err = a.client.Do(ctx, request, into)
	var later *github.AcceptedError
	if errors.As(err, &later) {
		return true, nil
	}
	return false, explain(err, what)
}
