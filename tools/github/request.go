package github

import (
	"context"

	"github.com/google/go-github/v62/github"
)

// send makes a request of the REST API that the library has no method for, or
// not with all fields. body may be nil, and answer a pointer or nil. what names
// the thing asked for in errors.
func (a *api) send(ctx context.Context, method, path string, body, answer any, what string) (*github.Response, error) {
	request, err := a.client.NewRequest(method, path, body)
	if err != nil {
		return nil, explain(err, what)
	}
	r, err := a.client.Do(ctx, request, answer)
	return r, explain(err, what)
}
