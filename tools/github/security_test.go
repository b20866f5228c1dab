package github_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	guarded = "/repos/octocat/hello-world"
	ofRepo  = `"repo":"octocat/hello-world"`
)

// reading is a call, the requests it makes and the answer.
type readingOf struct {
	arguments string
	requests  []string
	want      string
}

func checkReadingsOf(t *testing.T, tool string, answers map[string]answer, readings ...readingOf) {
	t.Helper()
	for _, test := range readings {
		f := start(t, answers)
		f.gives(tool, "{"+test.arguments+"}", strings.ReplaceAll(test.want, "WEB", f.url))
		f.wasAsked(test.requests...)
	}
}

func TestCodeScanning(t *testing.T) {
	t.Parallel()
	const path, org = "GET " + guarded + "/code-scanning/alerts", "GET /orgs/octo-org/code-scanning/alerts"
	checkReadingsOf(t, "github_security", map[string]answer{
		path: file("code_alerts"), path + "/42": file("code_alert"), org: file("code_alerts_org").with("Link", links("page=3", "page=9")),
	},
		readingOf{`"kind":"code_scanning","state":"all","severity":"error","ref":"refs/pull/7/merge",` + ofRepo,
			[]string{path + "?page=1&per_page=30&ref=refs%2Fpull%2F7%2Fmerge&severity=error"}, `code scanning alerts of octocat/hello-world (all): 2; no more

#4 Arbitrary file write during zip extraction — open, error, spec-main/api-session-spec.ts:917, CodeQL, 2020-02-13
#3 Arbitrary file write during zip extraction — dismissed, error, lib/ab12-gen.js:917, CodeQL, 2020-02-13`},
		readingOf{`"kind":"code_scanning","org":"octo-org","after":"2","per_page":2`,
			[]string{org + "?page=2&per_page=2&state=open"}, `code scanning alerts of octo-org (open): 2; next: after=3

octocat/Hello-World#4 Arbitrary file write during zip extraction — open, error, spec-main/api-session-spec.ts:917, CodeQL, 2020-02-13
octocat/Hello-World#3 Arbitrary file write during zip extraction — dismissed, error, lib/ab12-gen.js:917, CodeQL, 2020-02-13`},
		readingOf{`"kind":"code_scanning","id":"42",` + ofRepo, []string{path + "/42"}, `# #42 Arbitrary file write during zip extraction ("Zip Slip")
dismissed, high/error, js/zipslip, CodeQL 2.4.0, created 2020-06-19, dismissed 2020-02-14 by @octocat as false positive
https://github.com/octocat/hello-world/code-scanning/42
spec-main/api-session-spec.ts:917, refs/heads/main at 39406e4
> This path depends on a user-provided value.
comment on dismissing it:
> This alert is not actually correct, because there's a sanitizer included in the library.
security, external/cwe/cwe-022

> Extracting files from a malicious zip archive without validating that the destination file path is within the destination directory can cause files outside the destination directory to be overwritten.
>` + " " + `
> # Arbitrary file write during zip extraction ("Zip Slip")\nExtracting files from a malicious zip archive without validating that the destination file path is within the destination directory can cause files outside the destination directory to be overwritten ...`},
	)
}

func TestDependabot(t *testing.T) {
	t.Parallel()
	const path = "GET " + guarded + "/dependabot/alerts"
	checkReadingsOf(t, "github_security", map[string]answer{
		path: file("dependency_alerts").with("Link", links("per_page=30&after=Y3Vyc29y", "")), path + "/1": file("dependency_alert"),
	},
		readingOf{`"kind":"dependabot","severity":"high","ecosystem":"pip","package":"django","after":"YmVmb3Jl",` + ofRepo,
			[]string{path + "?after=YmVmb3Jl&ecosystem=pip&package=django&per_page=30&severity=high&state=open"}, `Dependabot alerts of octocat/hello-world (open): 2; next: after=Y3Vyc29y

#2 django (pip): Django allows remote attackers to obtain potentially sensitive information by leveraging data exposure from the confirm_login_allowed() method, as de… — dismissed, high, path/to/requirements.txt, >= 2.0.0, < 2.0.2; fixed in 2.0.2, GHSA-rf4j-j272-fj86
#1 ansible (pip): Insertion of Sensitive Information into Log File in ansible — open, medium, path/to/requirements.txt, < 2.8.19; fixed in 2.8.19, GHSA-8f4m-hccc-8qph`},
		readingOf{`"kind":"dependabot","id":"1",` + ofRepo, []string{path + "/1"}, `# #1 ansible (pip): Insertion of Sensitive Information into Log File in ansible
open, medium, CVSS 5.5, created 2022-06-14
https://github.com/octocat/hello-world/security/dependabot/1
path/to/requirements.txt, runtime
affected: < 2.8.19; fixed in 2.8.19
GHSA-8f4m-hccc-8qph, CVE-2021-20191; CWE-532 Insertion of Sensitive Information into Log File

> A flaw was found in ansible. Credentials, such as secrets, are being disclosed in console log by default and not protected by no_log feature when using those modules. An attacker can take advantage of this information to steal those credentials. The highest threat from this vulnerability is to data confidentiality.`},
	)
}

// The secret is in GitHub's answers here, as from a server that doesn't know how
// to hide it, and in the remarks of people.
func TestSecretScanning(t *testing.T) {
	t.Parallel()
	const path = "GET " + guarded + "/secret-scanning/alerts"
	for _, name := range []string{"secret_alerts", "secret_alert"} {
		if !strings.Contains(contentOf(t, name), `"secret": "`) {
			t.Errorf("%s proves nothing", name)
		}
	}
	checkReadingsOf(t, "github_security", map[string]answer{
		path: file("secret_alerts"), path + "/42": file("secret_alert"), path + "/42/locations": file("secret_alert_locations"),
		path + "/7":           {body: `{"number":7,"state":"resolved","secret_type":"password","secret":"example-secret","resolution":"revoked","resolution_comment":"example-secret is gone","resolved_at":"2020-11-07T02:47:13Z","publicly_leaked":true}`},
		path + "/7/locations": {body: `[]`},
	},
		readingOf{`"kind":"secret_scanning","state":"resolved",` + ofRepo, []string{path + "?hide_secret=true&page=1&per_page=30&state=resolved"},
			`secret scanning alerts of octocat/hello-world (resolved): 1; no more

#2 Adafruit IO Key — resolved, validity inactive, created 2020-11-06, resolved 2020-11-07 by @monalisa as false positive, push protection bypassed by @monalisa, /example/secrets.txt:1 in commit f14d7de`},
		readingOf{`"kind":"secret_scanning","id":"42",` + ofRepo, []string{path + "/42?hide_secret=true", path + "/42/locations?per_page=100"},
			`# #42 Mailchimp API Key
open, validity unknown, created 2020-11-06
https://github.com/owner/private-repo/security/secret-scanning/42
The secret is left out. It is in 13 places:

commit: /example/secrets.txt:1 in commit f14d7de
wiki commit: /example/Home.md:1 in commit 302c0b7
issue title: WEB/octocat/Hello-World/issues/1347
issue body: WEB/octocat/Hello-World/issues/1347
issue comment: https://api.github.com/repos/octocat/Hello-World/issues/comments/1081119451
discussion title: https://github.com/community/community/discussions/39082
discussion body: https://github.com/community/community/discussions/39082#discussion-4566270
discussion comment: https://github.com/community/community/discussions/39082#discussioncomment-4158232
pull request title: WEB/octocat/Hello-World/pull/2846
pull request body: WEB/octocat/Hello-World/pull/2846
pull request comment: https://api.github.com/repos/octocat/Hello-World/issues/comments/1825855898
pull request review: https://api.github.com/repos/octocat/Hello-World/pulls/2846/reviews/80
pull request review comment: https://api.github.com/repos/octocat/Hello-World/pulls/comments/12`},
		readingOf{`"kind":"secret_scanning","id":"7",` + ofRepo, []string{path + "/7?hide_secret=true", path + "/7/locations?per_page=100"},
			"# #7 password\nresolved, publicly leaked, resolved 2020-11-07 by @ghost as revoked\nThe secret is left out. It is in no places here:"},
	)
}

func TestCodeQuality(t *testing.T) {
	t.Parallel()
	const path = "GET " + guarded + "/code-quality/findings"
	checkReadingsOf(t, "github_security", map[string]answer{path: file("quality_findings"), path + "/42": file("quality_finding")},
		readingOf{`"kind":"code_quality","state":"dismissed",` + ofRepo, []string{path + "?per_page=30&state=dismissed"},
			"code quality findings of octocat/hello-world (dismissed): 1; no more\n\n#42 Useless null check — open, warning, maintainability, java/UselessNullCheck.java:9, 2026-01-23"},
		readingOf{`"kind":"code_quality","id":"42",` + ofRepo, []string{path + "/42"}, `# #42 Useless null check
open, warning, maintainability, java/UselessNullCheck.java:9, 2026-01-23, java/useless-null-check
> This check is useless. o cannot be null at this check, since it is guarded by instanceof.

> Checking whether an expression is null when that expression cannot possibly be null is useless.
>` + " " + `
> # Useless null check
> Sometimes you can guarantee that a particular variable will never be null. For example when that variable has just been assigned a newly created object or is the exception caught by a ` + "`catch`" + ` clause. A null check on such a variable is ...`},
	)
}

func TestAdvisories(t *testing.T) {
	t.Parallel()
	const global = "GET /advisories"
	checkReadingsOf(t, "github_security", map[string]answer{global: file("advisories").with("Link", links("after=Y3Vyc29y", "")), global + "/GHSA-abcd-1234-efgh": file("advisory")},
		readingOf{`"kind":"advisories","ecosystem":"npm","package":"a-package@1.0.0","severity":"high"`,
			[]string{global + "?affects=a-package%401.0.0&ecosystem=npm&per_page=30&severity=high&type=reviewed"}, `advisories (reviewed): 1; next: after=Y3Vyc29y

GHSA-abcd-1234-efgh CVE-2050-00000: Heartbleed security advisory — reviewed, high, published 2023-03-23, a-package (npm) <=1.0.2; fixed in 1.0.3; in a_function`},
		readingOf{`"kind":"advisories","id":"GHSA-abcd-1234-efgh"`, []string{global + "/GHSA-abcd-1234-efgh"}, `# GHSA-abcd-1234-efgh CVE-2050-00000: A short summary of the advisory.
reviewed, high, CVSS 7.6, published 2023-03-23, updated 2023-03-24
https://github.com/advisories/GHSA-abcd-1234-efgh
affected: a-package (npm) <=1.0.2; fixed in 1.0.3; in a_function
CWE-400 Uncontrolled Resource Consumption
see https://nvd.nist.gov/vuln/detail/CVE-2050-00000

> A detailed description of what the advisory entails.`},
		readingOf{`"kind":"advisories","id":"cve-2050-00000","offset":100`, []string{global + "?cve_id=CVE-2050-00000&type=reviewed"}, ">  sensitive information."},
	)
	checkReadingsOf(t, "github_security", map[string]answer{global: {body: `[]`}},
		readingOf{`"kind":"advisories","id":"CVE-2050-1"`,
			[]string{global + "?cve_id=CVE-2050-1&type=reviewed", global + "?cve_id=CVE-2050-1&type=unreviewed", global + "?cve_id=CVE-2050-1&type=malware"}, "no advisory has the id CVE-2050-1"},
		readingOf{`"kind":"advisories","state":"malware"`, []string{global + "?per_page=30&type=malware"}, "advisories (malware): none here; no more"},
	)
}

func TestRepositoryAdvisories(t *testing.T) {
	t.Parallel()
	const path, org = "GET " + guarded + "/security-advisories", "GET /orgs/octo-org/security-advisories"
	const lines = `

GHSA-abcd-1234-efgh CVE-2050-00000: A short summary of the advisory. — published, critical, published 2020-01-03, a-package (pip) >= 1.0.0, < 1.0.1; fixed in 1.0.1; in function1; 1 more package
GHSA-1234-5678-9012 CVE-2051-0000: A short summary of the advisory. — published, low, published 2020-01-04, a-package (pip) >= 1.0.0, < 1.0.1; fixed in 1.0.1; in function1; 1 more package`
	checkReadingsOf(t, "github_security", map[string]answer{path: file("repository_advisories"), org: file("repository_advisories"), path + "/GHSA-abcd-1234-efgh": file("repository_advisory")},
		readingOf{`"kind":"advisories","state":"published",` + ofRepo, []string{path + "?per_page=30&state=published"}, "advisories of octocat/hello-world (published): 2; no more" + lines},
		readingOf{`"kind":"advisories","org":"octo-org"`, []string{org + "?per_page=30"}, "advisories of octo-org (all): 2; no more" + lines},
		readingOf{`"kind":"advisories","id":"GHSA-abcd-1234-efgh",` + ofRepo, []string{path + "/GHSA-abcd-1234-efgh"}, `# GHSA-abcd-1234-efgh CVE-2050-00000: A short summary of the advisory.
published, critical, CVSS 9.8, created 2020-01-01, published 2020-01-03, updated 2020-01-02
https://github.com/repo/a-package/security/advisories/GHSA-abcd-1234-efgh
affected: a-package (pip) >= 1.0.0, < 1.0.1; fixed in 1.0.1; in function1
affected: another-package (pip) >= 1.0.0, < 1.0.2; fixed in 1.0.2; in function2
CWE-123 A CWE

> A detailed description of what the advisory entails.`},
	)
}

// Long texts are cut and read on; what people wrote stays in its line or is
// quoted.
func TestSecurityTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 3000)
	f := start(t, map[string]answer{
		"GET /advisories/GHSA-1":                     {body: fmt.Sprintf(`{"ghsa_id":"GHSA-1\n# mine","summary":"a\u202e\nb","severity":"high","description":%q,"references":["https://example.com/\n> x"]}`, long)},
		"GET " + guarded + "/code-scanning/alerts/1": {body: fmt.Sprintf(`{"number":1,"rule":{"name":"x\n# y","help":%q},"most_recent_instance":{"message":{"text":"one\ntwo"}}}`, long)},
	})
	for arguments, want := range map[string]string{
		`"kind":"advisories","id":"GHSA-1"`:         "# GHSA-1 # mine: a b\nhigh\nsee https://example.com/ > x\n\n> word ",
		`"kind":"code_scanning","id":"1",` + ofRepo: "# #1 x # y\n> one two\n\n> word ",
	} {
		got, err := f.call("github_security", "{"+arguments+"}")
		if err != nil || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\n[cut after 6,000 of 14,999 characters; next: offset=6000]") {
			t.Errorf("%s: %v\n%.300s…%s", arguments, err, got, got[max(0, len(got)-100):])
		}
		got, err = f.call("github_security", "{"+arguments+`,"offset":14990}`)
		if err != nil || got != "> word word" {
			t.Errorf("%s: %v\n%s", arguments, err, got)
		}
	}
}

func TestSecurityRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + guarded + "/secret-scanning/alerts": message(404, "Secret scanning is disabled on this repository."),
		"GET " + guarded + "/dependabot/alerts":      message(403, "Dependabot alerts are disabled for this repository."),
	})
	for arguments, want := range map[string]string{
		`"kind":"dependabot"`:                                   "kind dependabot needs 'repo' or 'org'",
		`"kind":"code_quality","org":"octo-org"`:                "kind code_quality needs 'repo'",
		`"kind":"dependabot","org":"octo-org","id":"1"`:         "kind dependabot needs 'repo'",
		`"kind":"dependabot","org":"octo-org",` + ofRepo:        "give 'repo' or 'org', not both",
		`"kind":"dependabot","org":"a/b"`:                       `'org' must be an organisation's login, got "a/b"`,
		`"kind":"dependabot","repo":"x"`:                        `'repo' must be "owner/name", like "octocat/Hello-World"; got "x"`,
		`"kind":"dependabot","state":"closed",` + ofRepo:        `'state' here must be one of open, auto_dismissed, dismissed, fixed, all; got "closed"`,
		`"kind":"dependabot","severity":"bad",` + ofRepo:        `'severity' here must be one of critical, high, medium, low; got "bad"`,
		`"kind":"dependabot","id":"1/x",` + ofRepo:              `'id' must be an alert's number; got "1/x"`,
		`"kind":"dependabot","id":"1","state":"open",` + ofRepo: "kind dependabot does not use 'state'; it uses id, offset",
		`"kind":"secret_scanning","severity":"high",` + ofRepo:  "kind secret_scanning does not use 'severity'; it uses id, state, after",
		`"kind":"secret_scanning","after":"x",` + ofRepo:        "'after' must be the number that an answer gave as next",
		`"kind":"advisories","id":"../user"`:                    `'id' must be like GHSA-abcd-1234-efgh or CVE-2050-12345; got "../user"`,
		`"kind":"advisories","id":"CVE-2050-1",` + ofRepo:       "a repository's own advisory is read by its GHSA id; leave out 'repo' to look up a CVE id",
		`"kind":"advisories","state":"all"`:                     `'state' here must be one of reviewed, malware, unreviewed; got "all"`,
		`"kind":"advisories","id":"GHSA-1","offset":-1`:         "'offset' can't be negative",
		`"kind":"code_scanning","ecosystem":"npm",` + ofRepo:    "kind code_scanning does not use 'ecosystem'; it uses id, state, after, severity, ref",
	} {
		f.refuses("github_security", "{"+arguments+"}", "github_security: "+want)
	}
	f.wasAsked()
	f.refuses("github_security", `{"kind":"secret_scanning",`+ofRepo+`}`, "github: secret scanning alerts of octocat/hello-world: Secret scanning is disabled on this repository. (404)")
	f.refuses("github_security", `{"kind":"dependabot",`+ofRepo+`}`, "github: Dependabot alerts of octocat/hello-world: no permission (403 Dependabot alerts are disabled for this repository.)")
	f.refuses("github_security", `{"kind":"code_scanning","id":"9",`+ofRepo+`}`, "github: code scanning alert 9 of octocat/hello-world"+notFound)
}
