package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

type securityArguments struct {
	Kind      string `json:"kind" enum:"code_scanning,dependabot,secret_scanning,code_quality,advisories"`
	Repo      string `json:"repo,omitempty" doc:"owner/name"`
	Org       string `json:"org,omitempty"`
	ID        string `json:"id,omitempty" doc:"read one: an alert's number, a GHSA or CVE id"`
	State     string `json:"state,omitempty" doc:"alerts: open if not given; all"`
	Severity  string `json:"severity,omitempty"`
	Ecosystem string `json:"ecosystem,omitempty"`
	Package   string `json:"package,omitempty"`
	Ref       string `json:"ref,omitempty" doc:"code_scanning"`
	Offset    int    `json:"offset,omitempty" doc:"characters to skip"`
	After     string `json:"after,omitempty" doc:"an answer's next"`
	PerPage   int    `json:"per_page,omitempty" maximum:"50"`
	detailed
}

func (a *api) securityTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_security",
		Title:       "Security alerts",
		Description: "Read security alerts of a repository or organisation (code scanning, Dependabot, secret scanning without the secrets, code quality), or advisories: theirs, or with neither GitHub's own.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.security)
}

// securityKind is one kind of what the tool reads: the noun, the path below the
// repository or organisation, and what a list can be narrowed down to.
type securityKind struct {
	noun, path         string
	states, severities []string
	usual              string   // what a list holds if no state is asked for
	also               []string // arguments of a list that other kinds don't take
	hasOrg, isNumbered bool     // pages have numbers; else cursors
	list               func(*api, context.Context, securityArguments) ([]string, *github.Response, error)
	one                func(*api, context.Context, securityArguments) (string, error)
}

// https://docs.github.com/rest/code-scanning/code-scanning,
// https://docs.github.com/rest/dependabot/alerts,
// https://docs.github.com/rest/secret-scanning/secret-scanning,
// https://docs.github.com/rest/code-quality/code-quality and
// https://docs.github.com/rest/security-advisories
func securityKinds() map[string]securityKind {
	return map[string]securityKind{
		"code_scanning": {
			noun: "code scanning alert", path: "code-scanning/alerts", hasOrg: true, isNumbered: true,
			usual: "open", states: []string{"open", "closed", "dismissed", "fixed", "all"}, severities: []string{"critical", "high", "medium", "low", "warning", "note", "error"},
			also: []string{"severity", "ref"}, list: linesOf[codeAlert], one: (*api).oneCodeAlert,
		},
		"dependabot": {
			noun: "Dependabot alert", path: "dependabot/alerts", hasOrg: true,
			usual: "open", states: []string{"open", "auto_dismissed", "dismissed", "fixed", "all"}, severities: []string{"critical", "high", "medium", "low"},
			also: []string{"severity", "ecosystem", "package"}, list: linesOf[dependencyAlert], one: (*api).oneDependencyAlert,
		},
		"secret_scanning": {
			noun: "secret scanning alert", path: "secret-scanning/alerts", hasOrg: true, isNumbered: true,
			usual: "open", states: []string{"open", "resolved", "all"}, list: linesOf[secretAlert], one: (*api).oneSecretAlert,
		},
		"code_quality": {
			noun: "code quality finding", path: "code-quality/findings",
			usual: "open", states: []string{"open", "dismissed", "all"}, list: linesOf[qualityFinding], one: (*api).oneQualityFinding,
		},
		"advisories": {
			noun: "advisory", path: "security-advisories", hasOrg: true,
			usual: "all", states: []string{"triage", "draft", "published", "closed", "all"}, list: linesOf[advisory], one: (*api).oneAdvisory,
		},
	}
}

// isGlobal tells whether GitHub's own database of advisories is asked.
func (in securityArguments) isGlobal() bool {
	return in.Kind == "advisories" && in.Repo == "" && in.Org == ""
}

// kind is the table's entry, and for GitHub's own advisories their own.
func (in securityArguments) kind() (securityKind, bool) {
	kind, known := securityKinds()[in.Kind]
	if in.isGlobal() {
		kind.states, kind.usual = []string{"reviewed", "malware", "unreviewed"}, "reviewed"
		kind.severities = []string{"critical", "high", "medium", "low", "unknown"}
		kind.also = []string{"severity", "ecosystem", "package"}
	}
	return kind, known
}

// usage is what may be sent along with the kind and the place.
func (in securityArguments) usage(kind securityKind) tools.Usage {
	if in.ID != "" {
		return tools.Usage{Also: []string{"id", "offset"}}
	}
	return tools.Usage{Also: append([]string{"id", "state", "after"}, kind.also...)}
}

// Check compares what was sent with what the kind usage.
func (in securityArguments) Check() []string {
	kind, known := in.kind()
	if !known {
		return nil
	}
	sent := tools.Given(in, "kind", "repo", "org", "per_page", "detail")
	faults := append(in.checkPlace(kind), in.usage(kind).Faults("kind "+in.Kind, sent)...)
	faults = append(faults, checkValue("state", in.State, kind.states)...)
	faults = append(faults, checkValue("severity", in.Severity, kind.severities)...)
	if in.Offset < 0 {
		faults = append(faults, "'offset' can't be negative")
	}
	if _, err := strconv.Atoi(in.After); kind.isNumbered && in.After != "" && err != nil {
		faults = append(faults, "'after' must be the number that an answer gave as next")
	}
	return append(faults, in.checkID()...)
}

// checkValue refuses what GitHub would ignore, where there is anything to
// choose from.
func checkValue(name, value string, known []string) []string {
	if value == "" || len(known) == 0 || slices.Contains(known, value) {
		return nil
	}
	return []string{fmt.Sprintf("'%s' here must be one of %s; got %q", name, strings.Join(known, ", "), oneLine(value, 60))}
}

// checkPlace wants one repository or, where that is possible, an organisation.
func (in securityArguments) checkPlace(kind securityKind) []string {
	switch {
	case in.Repo != "" && in.Org != "":
		return []string{"give 'repo' or 'org', not both"}
	case in.Repo != "":
		return repository{in.Repo}.Check()
	case in.Org != "" && !isName(in.Org, ""):
		return []string{fmt.Sprintf("'org' must be an organisation's login, got %q", oneLine(in.Org, 60))}
	case in.Org != "" && (in.ID != "" || !kind.hasOrg), in.Org == "" && in.Kind != "advisories":
		return []string{fmt.Sprintf("kind %s needs 'repo'%s", in.Kind, flag(kind.hasOrg && in.ID == "", " or 'org'"))}
	}
	return nil
}

// checkID wants the number of an alert, or what advisories are known by.
func (in securityArguments) checkID() []string {
	id := strings.ToUpper(in.ID)
	number, err := strconv.Atoi(id)
	switch {
	case id == "":
		return nil
	case in.Kind != "advisories" && (err != nil || number < 1):
		return []string{fmt.Sprintf("'id' must be an alert's number; got %q", oneLine(in.ID, 60))}
	case in.Kind == "advisories" && (!isName(id, "") || !strings.HasPrefix(id, "GHSA-") && !isCVE(id)):
		return []string{fmt.Sprintf("'id' must be like GHSA-abcd-1234-efgh or CVE-2050-12345; got %q", oneLine(in.ID, 60))}
	case isCVE(id) && in.Repo != "":
		return []string{"a repository's own advisory is read by its GHSA id; leave out 'repo' to look up a CVE id"}
	}
	return nil
}

func isCVE(id string) bool { return strings.HasPrefix(strings.ToUpper(id), "CVE-") }

// address is where a list is; one alert is below it.
func (in securityArguments) address(kind securityKind) string {
	switch {
	case in.Repo != "":
		return "repos/" + in.Repo + "/" + kind.path
	case in.Org != "":
		return "orgs/" + in.Org + "/" + kind.path
	}
	return "advisories"
}

// String names what is asked for.
func (in securityArguments) String() string {
	kind, _ := in.kind()
	place := cmp.Or(in.Repo, in.Org)
	if in.ID != "" {
		return join(" of ", kind.noun+" "+in.ID, place)
	}
	return join(" of ", rest.Plural(kind.noun), place)
}

func (a *api) security(ctx context.Context, in securityArguments) (string, error) {
	kind, _ := in.kind()
	if in.ID != "" {
		return kind.one(a, ctx, in)
	}
	lines, r, err := kind.list(a, ctx, in)
	if err != nil {
		return "", err
	}
	return listing(join("; ", fmt.Sprintf("%s (%s): %s", in, cmp.Or(in.State, kind.usual), numberOf(len(lines))), where(r)), lines), nil
}

func numberOf(n int) string {
	if n == 0 {
		return "none here"
	}
	return strconv.Itoa(n)
}

// where says whether there is more of a list, and how to go on.
func where(r *github.Response) string {
	switch {
	case r.NextPage > 0:
		return fmt.Sprintf("next: after=%d", r.NextPage)
	case r.After != "":
		return "next: after=" + r.After
	}
	return "no more"
}

// query narrows a list down.
func (in securityArguments) query(kind securityKind) map[string]string {
	query := map[string]string{
		"severity": in.Severity, "ecosystem": in.Ecosystem, "package": in.Package, "ref": in.Ref,
		"after": in.After, "per_page": strconv.Itoa(paged{PerPage: in.PerPage}.options().PerPage),
	}
	if state := cmp.Or(in.State, kind.usual); state != "all" {
		query["state"] = state
	}
	if kind.isNumbered {
		query["page"], query["after"] = cmp.Or(in.After, "1"), ""
	}
	if in.Kind == "secret_scanning" {
		query["hide_secret"] = "true"
	}
	if in.isGlobal() {
		query["type"], query["state"] = query["state"], ""
		query["affects"], query["package"] = in.Package, ""
	}
	return query
}

// alert is what a list holds.
type alert interface{ line() string }

// linesOf reads a page of a list.
func linesOf[A alert](a *api, ctx context.Context, in securityArguments) ([]string, *github.Response, error) {
	kind, _ := in.kind()
	var found []A
	r, err := a.get(ctx, in.address(kind), in.query(kind), &found, in.String())
	lines := make([]string, len(found))
	for i, one := range found {
		lines[i] = one.line()
	}
	return lines, r, switchedOff(err, in.String())
}

// readOne reads one alert or advisory, or what is below it.
func readOne[A any](a *api, ctx context.Context, in securityArguments, below string, query map[string]string) (A, error) {
	kind, _ := in.kind()
	var found A
	_, err := a.get(ctx, in.address(kind)+"/"+in.ID+below, query, &found, in.String())
	return found, switchedOff(err, in.String())
}

// switchedOff keeps the reason GitHub gives with a 404 if what is asked for
// isn't enabled in a repository.
func switchedOff(err error, what string) error {
	var refused *github.ErrorResponse
	if !isStatus(err, http.StatusNotFound) || !errors.As(err, &refused) {
		return err
	}
	if reason := oneLine(refused.Message, 300); reason != "" && reason != "Not Found" {
		return tools.Explain(err, fmt.Sprintf("github: %s: %s (404)", what, reason))
	}
	return err
}
