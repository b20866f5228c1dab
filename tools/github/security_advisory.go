package github

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
)

// advisory is one of GitHub's own or of a repository.
type advisory struct {
	GHSAID      string `json:"ghsa_id"`
	CVEID       string `json:"cve_id"`
	Summary     string
	Description string
	Severity    string
	State       string    // of a repository's
	Type        string    // of GitHub's own
	HTMLURL     string    `json:"html_url"`
	CreatedAt   time.Time `json:"created_at"`
	PublishedAt time.Time `json:"published_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	WithdrawnAt time.Time `json:"withdrawn_at"`
	CVSS        struct{ Score *float64 }
	CWEs        []struct {
		ID   string `json:"cwe_id"`
		Name string
	}
	Vulnerabilities []affected
	References      []string
}

// affected is the versions of a package that an advisory is about. The version
// that repairs it has one name in GitHub's own advisories and another in those
// of repositories.
type affected struct {
	Package   struct{ Ecosystem, Name string }
	Range     string   `json:"vulnerable_version_range"`
	First     string   `json:"first_patched_version"`
	Patched   string   `json:"patched_versions"`
	Functions []string `json:"vulnerable_functions"`
}

func (v affected) String() string {
	fixed := "no fix yet"
	if version := cmp.Or(v.First, v.Patched); version != "" {
		fixed = "fixed in " + oneLine(version, 60)
	}
	functions := ""
	if len(v.Functions) > 0 {
		functions = "in " + oneLine(strings.Join(v.Functions, ", "), 200)
	}
	return join("; ", join(" ", fmt.Sprintf("%s (%s)", oneLine(v.Package.Name, 100), oneLine(v.Package.Ecosystem, 40)), oneLine(v.Range, 100)), fixed, functions)
}

func (v advisory) title() string {
	return join(" ", oneLine(v.GHSAID, 40), oneLine(v.CVEID, 40)) + ": " + oneLine(v.Summary, 200)
}

// packages is the first of those it is about, and how many more there are.
func (v advisory) packages() string {
	if len(v.Vulnerabilities) == 0 {
		return ""
	}
	return join("; ", v.Vulnerabilities[0].String(), count(len(v.Vulnerabilities)-1, "more package"))
}

func (v advisory) line() string {
	return v.title() + " — " + join(", ", cmp.Or(v.State, v.Type), v.Severity, dated("published", stamp(v.PublishedAt)), dated("withdrawn", stamp(v.WithdrawnAt)), v.packages())
}

// oneAdvisory reads one by its GHSA id, or GitHub's own by its CVE id, which
// more than one may have.
func (a *api) oneAdvisory(ctx context.Context, in securityArguments) (string, error) {
	if !isCVE(in.ID) {
		v, err := readOne[advisory](a, ctx, in, "", nil)
		if err != nil {
			return "", err
		}
		return v.text(in.Offset, a.room.texts()), nil
	}
	var found []advisory
	for _, kind := range []string{"reviewed", "unreviewed", "malware"} {
		_, err := a.get(ctx, "advisories", map[string]string{"cve_id": strings.ToUpper(in.ID), "type": kind}, &found, in.String())
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 0:
		return "no advisory has the id " + in.ID, nil
	case 1:
		return found[0].text(in.Offset, a.room.texts()), nil
	}
	lines := make([]string, len(found))
	for i, v := range found {
		lines[i] = v.line()
	}
	return listing(fmt.Sprintf("%s: %d advisories; read one by its GHSA id", in.ID, len(found)), lines), nil
}

const (
	shownPackages   = 30
	shownReferences = 10
)

// text is the whole of an advisory.
func (v advisory) text(offset, limit int) string {
	if offset > 0 {
		return excerpt(v.Description, offset, limit, "")
	}
	var packages, weaknesses []string
	for _, one := range v.Vulnerabilities[:min(shownPackages, len(v.Vulnerabilities))] {
		packages = append(packages, "affected: "+one.String())
	}
	if left := len(v.Vulnerabilities) - len(packages); left > 0 {
		packages = append(packages, fmt.Sprintf("[%s left out]", count(left, "package")))
	}
	for _, weakness := range v.CWEs {
		weaknesses = append(weaknesses, oneLine(join(" ", weakness.ID, weakness.Name), 120))
	}
	references := ""
	if len(v.References) > 0 {
		references = "see " + oneLine(strings.Join(v.References[:min(shownReferences, len(v.References))], " "), 1500)
	}
	head := join("\n", "# "+v.title(),
		join(", ", cmp.Or(v.State, v.Type), v.Severity, scoreText(v.CVSS.Score), dated("created", stamp(v.CreatedAt)), dated("published", stamp(v.PublishedAt)),
			dated("updated", stamp(v.UpdatedAt)), dated("withdrawn", stamp(v.WithdrawnAt))),
		oneLine(v.HTMLURL, 300), strings.Join(packages, "\n"), oneLine(strings.Join(weaknesses, ", "), 500), references)
	return join("\n\n", head, excerpt(v.Description, 0, alertText, ""))
}
