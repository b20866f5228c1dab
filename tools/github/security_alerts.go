package github

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// alertText is how much of a long text about an alert is shown at once.
const alertText = 6000

// alertName is a number, below a repository in an organisation's list.
func alertName(repo *github.Repository, number int) string {
	return fmt.Sprintf("%s#%d", oneLine(repo.GetFullName(), 140), number)
}

// dismissal says who put an alert aside, when and why; "" if nobody did.
func dismissal(who *github.User, when github.Timestamp, reason string) string {
	if when.IsZero() {
		return ""
	}
	return join(" ", dated("dismissed", when), "by "+login(who), flag(reason != "", "as "+oneLine(reason, 60)))
}

// remark shows what somebody wrote about an alert.
func remark(label, text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return label + ":\n" + excerptOf(text, 1000)
}

// excerptOf is for texts that aren't worth reading on.
func excerptOf(text string, limit int) string {
	return quoted(oneLine(text, limit))
}

// codeAlert is an alert of code scanning.
type codeAlert struct{ github.Alert }

func (c codeAlert) title() string {
	return oneLine(cmp.Or(c.GetRule().GetDescription(), c.GetRule().GetName(), c.GetRuleDescription()), 150)
}

func (c codeAlert) severity() string {
	return join("/", c.GetRule().GetSecuritySeverityLevel(), c.GetRule().GetSeverity())
}

func (c codeAlert) place() string {
	at := c.GetMostRecentInstance().GetLocation()
	if at.GetPath() == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", oneLine(at.GetPath(), 200), at.GetStartLine())
}

func (c codeAlert) line() string {
	return fmt.Sprintf("%s %s — %s", alertName(c.Repository, c.GetNumber()), c.title(),
		join(", ", c.GetState(), oneLine(c.severity(), 40), c.place(), oneLine(c.GetTool().GetName(), 40), day(c.GetCreatedAt())))
}

func (a *api) oneCodeAlert(ctx context.Context, in securityArguments) (string, error) {
	c, err := readOne[codeAlert](a, ctx, in, "", nil)
	if err != nil {
		return "", err
	}
	rule, latest := cmp.Or(c.GetRule(), &github.Rule{}), c.GetMostRecentInstance()
	help := join("\n\n", rule.GetFullDescription(), rule.GetHelp())
	if in.Offset > 0 {
		return excerpt(help, in.Offset, a.room.texts(), ""), nil
	}
	found := ""
	if place := c.place(); place != "" {
		found = fmt.Sprintf("%s, %s at %s", place, oneLine(latest.GetRef(), 100), shortSHA(latest.GetCommitSHA()))
	}
	head := join("\n",
		fmt.Sprintf("# %s %s", alertName(nil, c.GetNumber()), c.title()),
		join(", ", c.GetState(), oneLine(c.severity(), 40), oneLine(rule.GetID(), 100),
			oneLine(join(" ", c.GetTool().GetName(), c.GetTool().GetVersion()), 60), dated("created", c.GetCreatedAt()), dated("fixed", c.GetFixedAt()),
			dismissal(c.DismissedBy, c.GetDismissedAt(), c.GetDismissedReason())),
		c.GetHTMLURL(), found, excerptOf(latest.GetMessage().GetText(), 1000),
		remark("comment on dismissing it", c.GetDismissedComment()),
		oneLine(strings.Join(rule.Tags, ", "), 300))
	return join("\n\n", head, excerpt(help, 0, alertText, "")), nil
}

// dependencyAlert is an alert of Dependabot.
type dependencyAlert struct{ github.DependabotAlert }

func (d dependencyAlert) summary() string {
	p := d.GetDependency().GetPackage()
	return fmt.Sprintf("%s (%s): %s", oneLine(p.GetName(), 100), oneLine(p.GetEcosystem(), 40), oneLine(d.GetSecurityAdvisory().GetSummary(), 150))
}

func (d dependencyAlert) severity() string {
	return oneLine(cmp.Or(d.GetSecurityVulnerability().GetSeverity(), d.GetSecurityAdvisory().GetSeverity()), 40)
}

// repair is the versions that are affected and the first that isn't.
func (d dependencyAlert) repair() string {
	v := d.GetSecurityVulnerability()
	fixed := "no fix yet"
	if version := v.GetFirstPatchedVersion().GetIdentifier(); version != "" {
		fixed = "fixed in " + oneLine(version, 60)
	}
	return join("; ", oneLine(v.GetVulnerableVersionRange(), 100), fixed)
}

func (d dependencyAlert) line() string {
	return fmt.Sprintf("%s %s — %s", alertName(d.Repository, d.GetNumber()), d.summary(),
		join(", ", d.GetState(), d.severity(), oneLine(d.GetDependency().GetManifestPath(), 150), d.repair(), d.id()))
}

func (d dependencyAlert) id() string { return oneLine(d.GetSecurityAdvisory().GetGHSAID(), 40) }

func (a *api) oneDependencyAlert(ctx context.Context, in securityArguments) (string, error) {
	d, err := readOne[dependencyAlert](a, ctx, in, "", nil)
	if err != nil {
		return "", err
	}
	about, dependency := cmp.Or(d.GetSecurityAdvisory(), &github.DependabotSecurityAdvisory{}), d.GetDependency()
	if in.Offset > 0 {
		return excerpt(about.GetDescription(), in.Offset, a.room.texts(), ""), nil
	}
	weaknesses := make([]string, len(about.CWEs))
	for i, weakness := range about.CWEs {
		weaknesses[i] = oneLine(join(" ", weakness.GetCWEID(), weakness.GetName()), 120)
	}
	head := join("\n",
		fmt.Sprintf("# %s %s", alertName(nil, d.GetNumber()), d.summary()),
		join(", ", d.GetState(), d.severity(), scoreText(cmp.Or(about.GetCVSS(), &github.AdvisoryCVSS{}).Score), dated("created", d.GetCreatedAt()), dated("fixed", d.GetFixedAt()),
			dated("dismissed by rule", d.GetAutoDismissedAt()), dismissal(d.DismissedBy, d.GetDismissedAt(), d.GetDismissedReason())),
		d.GetHTMLURL(),
		join(", ", oneLine(dependency.GetManifestPath(), 200), oneLine(dependency.GetScope(), 40)),
		"affected: "+d.repair(),
		join("; ", join(", ", d.id(), oneLine(about.GetCVEID(), 40)), strings.Join(weaknesses, ", ")),
		remark("comment on dismissing it", d.GetDismissedComment()))
	return join("\n\n", head, excerpt(about.GetDescription(), 0, alertText, "")), nil
}

func scoreText(score *float64) string {
	if score == nil || *score == 0 {
		return ""
	}
	return "CVSS " + strconv.FormatFloat(*score, 'f', -1, 64)
}
