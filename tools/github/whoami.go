package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

func (a *api) whoamiTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_whoami",
		Title:       "GitHub account",
		Description: "Show which GitHub account is signed in: login, name, scopes, where the credential comes from, when it expires, and the rate limit left. Use it to learn your own login, or when something is refused or not found.",
		Access:      tools.Read,
		OpenWorld:   true,
	}, a.whoami)
}

func (a *api) whoami(ctx context.Context, _ struct{}) (string, error) {
	user, r, err := a.client.Users.Get(ctx, "")
	if err != nil {
		return "", explain(err, "the signed-in account")
	}
	if user.GetLogin() == "" {
		return "", tools.UserError("github: the answer names no account, so it is not what GitHub's API gives; check GITHUB_HOST and whether a proxy or sign-in page is in between")
	}
	tools.Structure(ctx, map[string]any{"login": oneLine(user.GetLogin(), 60), "url": user.GetHTMLURL()})
	lines := []string{
		join(", ", login(user), oneLine(user.GetName(), 100), user.GetHTMLURL()),
		a.credentialLine(ctx),
		scopesLine(r.Header),
		expiryLine(r),
		rateLine(r.Header),
		a.allowedLine(),
	}
	return join("\n", lines...), nil
}

// allowedLine says what a person has left the tools.
func (a *api) allowedLine() string {
	if !a.allowed.restricts() {
		return ""
	}
	return "repositories allowed by VALET_REPOS: " + oneLine(strings.Join(a.allowed, ", "), 1000)
}

func (a *api) credentialLine(ctx context.Context) string {
	if a.about == nil {
		return ""
	}
	about, err := a.about(ctx)
	if err != nil {
		return "credential: not known: " + oneLine(err.Error(), 300)
	}
	return "credential: " + strings.TrimSpace(about)
}

func scopesLine(header http.Header) string {
	granted, known := scopes(header, grantedScopes)
	switch {
	case !known:
		return "scopes: not reported; this token has permissions of its own instead"
	case len(granted) == 0:
		return "scopes: none, so public data only"
	}
	return "scopes: " + strings.Join(granted, ", ")
}

// expiryLine is for tokens whose expiry GitHub tells with each answer.
func expiryLine(r *github.Response) string {
	if r.TokenExpiration.IsZero() {
		return ""
	}
	return "token expires: " + moment(r.TokenExpiration)
}

func rateLine(header http.Header) string {
	limit, isLimited := number(header, "X-RateLimit-Limit")
	left, isKnown := number(header, "X-RateLimit-Remaining")
	if !isLimited || !isKnown {
		return "rate limit: none reported"
	}
	text := fmt.Sprintf("rate limit: %s of %s requests left", thousands(int(left)), thousands(int(limit)))
	if reset, isKnown := number(header, "X-RateLimit-Reset"); isKnown && time.Until(time.Unix(reset, 0)) <= maxWait {
		text += ", reset at " + moment(github.Timestamp{Time: time.Unix(reset, 0)})
	}
	return text
}
