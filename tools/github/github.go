package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// api is what every tool works with. It is safe for concurrent use.
type api struct {
	client *github.Client
	web    string // where people see what the API serves, without a slash at the end
	about  func(context.Context) (string, error)
	room   room
	// allowed are the repositories the tools may touch.
	allowed allowList
	filters rest.Filters
	large   rest.Turns
	now     func() time.Time
	// sources are where the repositories of an owner were found.
	sources sources
}

// Offer makes the GitHub tools, and what stands beside them. The address of the API is
// https://api.github.com, https://api.SUB.ghe.com or https://HOST/api/v3, with
// or without a slash at the end.
//
// A rate limit that ends within 20 s holds all of them back; while a longer one
// lasts, calls answer its end, and only one request a minute is sent. They are
// safe for concurrent use.
func Offer(s tools.Setup) tools.Offer {
	a, err := newAPI(s)
	offer := tools.Offer{Resources: a.resources(), Prompts: a.prompts(), Instructions: instructions()}
	for _, set := range a.toolsets() {
		for _, tool := range set.tools {
			tool.Toolset = set.name
			call := tool.Call
			tool.Call = func(ctx context.Context, arguments json.RawMessage) (string, error) {
				ctx, end := rest.WithTurns(withPatience(ctx))
				defer end()
				text, err := call(ctx, arguments)
				if err != nil {
					return "", err
				}
				return text, nil
			}
			offer.Tools = append(offer.Tools, tool)
		}
	}
	if err != nil {
		refuse(offer, err)
	}
	return offer
}

// refuse lets all that would send a request answer an error instead.
func refuse(offer tools.Offer, err error) {
	for i := range offer.Tools {
		offer.Tools[i].Call = func(context.Context, json.RawMessage) (string, error) { return "", err }
	}
	for i := range offer.Resources {
		offer.Resources[i].Read = func(context.Context, string) (tools.Document, error) { return tools.Document{}, err }
		offer.Resources[i].Completions = nil
	}
	for i := range offer.Prompts {
		offer.Prompts[i].Completions = nil
	}
}

// newAPI answers what the tools work with, and what is wrong with its address
// or the repositories allowed.
func newAPI(s tools.Setup) (*api, error) {
	base, err := parseAddress(s.At.APIURL)
	allowed, malformed := parseAllowList(s.Repositories)
	answers := room(cmp.Or(s.MaxAnswer, usualRoom))
	large := rest.LargeAnswers()
	a := &api{
		client: github.NewClient(mannerly(s, base, allowed, large)), web: webAddress(base), about: s.About,
		room: answers, allowed: allowed, filters: rest.NewFilters("github", "ask GitHub for less, by page and per_page", answers.file()), large: large, now: s.Now,
	}
	if a.now == nil {
		a.now = time.Now
	}
	a.client.BaseURL = base
	a.client.UserAgent = rest.UserAgent(s.Version)
	return a, cmp.Or(err, malformed)
}

// parseAddress gives the API's base address, ending in a slash.
func parseAddress(apiURL string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(apiURL, "/") + "/")
	switch {
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http":
		return &url.URL{Path: "/"}, tools.UserError("github: the address of the API is not a URL; check GITHUB_HOST")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return &url.URL{Path: "/"}, tools.UserError("github: the address of the API holds more than a host and a path; check GITHUB_HOST")
	}
	return base, nil
}

// webAddress turns the API's address into the one people use.
func webAddress(base *url.URL) string {
	host := strings.TrimPrefix(base.Host, "api.")
	if strings.HasSuffix(base.Path, "/api/v3/") {
		host = base.Host
	}
	return base.Scheme + "://" + host
}

// repository is the argument that names a repository.
type repository struct {
	Repo string `json:"repo" doc:"owner/name"`
}

func (r repository) owner() string { return strings.Split(r.Repo, "/")[0] }
func (r repository) name() string  { return strings.Split(r.Repo, "/")[1] }

// Check says what is wrong with the shape. Owners are letters, digits,
// hyphens and, for managed users, underscores; names have dots as well, but
// aren't only dots.
func (r repository) Check() []string {
	owner, name, _ := strings.Cut(r.Repo, "/")
	if isName(owner, "") && isName(name, ".") && strings.Trim(name, ".") != "" {
		return nil
	}
	fault := fmt.Sprintf(`'repo' must be "owner/name", like "octocat/Hello-World"; got %q`, oneLine(r.Repo, 60))
	if strings.Contains(r.Repo, "://") {
		fault += "; leave out the host and what is before it"
	}
	return []string{fault}
}

// isName tells whether s is made of what every name on GitHub may have, and of
// extra.
func isName(s, extra string) bool {
	const usual = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && strings.Trim(s, usual+extra) == ""
}

// numbered is the arguments that name an issue or a pull request.
type numbered struct {
	repository
	Number int `json:"number" minimum:"1"`
}

func (n numbered) String() string { return fmt.Sprintf("%s#%d", n.Repo, n.Number) }

// part names a part of it in errors.
func (n numbered) part(name string) string {
	if name == "summary" {
		return n.String()
	}
	return name + " of " + n.String()
}

// reading is the arguments for going on where a text was cut.
type reading struct {
	Comment int64 `json:"comment,omitempty" minimum:"1" doc:"id: read only this one, in full"`
	Offset  int   `json:"offset,omitempty" minimum:"0" doc:"characters to skip"`
}

// isStatus tells whether GitHub answered with this HTTP status.
func isStatus(err error, status int) bool {
	var refused *github.ErrorResponse
	return errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode == status
}
