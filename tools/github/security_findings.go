package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// secretAlert is an alert of secret scanning. It has no field for the secret,
// nor for remarks that may repeat it, so that they can't be shown.
type secretAlert struct {
	Number     int                `json:"number"`
	State      string             `json:"state"`
	Type       string             `json:"secret_type_display_name"`
	TypeID     string             `json:"secret_type"`
	Validity   string             `json:"validity"`
	Resolution string             `json:"resolution"`
	HTMLURL    string             `json:"html_url"`
	CreatedAt  time.Time          `json:"created_at"`
	ResolvedAt time.Time          `json:"resolved_at"`
	ResolvedBy *github.User       `json:"resolved_by"`
	Leaked     bool               `json:"publicly_leaked"`
	Bypassed   bool               `json:"push_protection_bypassed"`
	BypassedBy *github.User       `json:"push_protection_bypassed_by"`
	Repository *github.Repository `json:"repository"`
	First      *secretPlace       `json:"first_location_detected"`
}

// stamp is a time that may have been null, which the library's own type refuses.
func stamp(t time.Time) github.Timestamp { return github.Timestamp{Time: t} }

// secretPlace is where a secret is: in a file, or in a text such as an issue's
// body, whose page is given.
type secretPlace struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	CommitSHA string `json:"commit_sha"`
	HTMLURL   string `json:"html_url"`
}

func (p *secretPlace) String() string {
	switch {
	case p == nil:
		return ""
	case p.Path != "":
		return join(" in commit ", fmt.Sprintf("%s:%d", oneLine(p.Path, 200), p.StartLine), shortSHA(oneLine(p.CommitSHA, 40)))
	}
	return oneLine(p.HTMLURL, 200)
}

func (s secretAlert) title() string {
	return oneLine(cmp.Or(s.Type, s.TypeID), 100)
}

// facts are what decides how urgent it is.
func (s secretAlert) facts() string {
	resolved := ""
	if !s.ResolvedAt.IsZero() {
		resolved = join(" ", dated("resolved", stamp(s.ResolvedAt)), "by "+login(s.ResolvedBy), "as", oneLine(strings.ReplaceAll(s.Resolution, "_", " "), 40))
	}
	validity := ""
	if s.Validity != "" {
		validity = "validity " + oneLine(s.Validity, 40)
	}
	bypassed := ""
	if s.Bypassed {
		bypassed = "push protection bypassed by " + login(s.BypassedBy)
	}
	return join(", ", s.State, validity, flag(s.Leaked, "publicly leaked"), dated("created", stamp(s.CreatedAt)), resolved, bypassed)
}

func (s secretAlert) line() string {
	return join(", ", fmt.Sprintf("%s %s — %s", alertName(s.Repository, s.Number), s.title(), s.facts()), s.First.String())
}

func (a *api) oneSecretAlert(ctx context.Context, in securityArguments) (string, error) {
	s, err := readOne[secretAlert](a, ctx, in, "", map[string]string{"hide_secret": "true"})
	if err != nil {
		return "", err
	}
	places, err := readOne[[]secretLocation](a, ctx, in, "/locations", map[string]string{"per_page": "100"})
	if err != nil {
		return "", err
	}
	lines := make([]string, len(places))
	for i, p := range places {
		lines[i] = join(": ", oneLine(strings.ReplaceAll(p.Type, "_", " "), 60), p.place(a))
	}
	head := join("\n", fmt.Sprintf("# %s %s", alertName(nil, s.Number), s.title()), s.facts(), oneLine(s.HTMLURL, 300),
		fmt.Sprintf("The secret is left out. It is in %s%s:", some(len(places), "place"), flag(len(places) == 100, " or more")))
	return listing(head, lines), nil
}

// secretLocation is one of the places where a secret is. Where that isn't a
// file, the name of the field with its address depends on the type.
type secretLocation struct {
	Type    string
	Details json.RawMessage
}

func (l secretLocation) place(a *api) string {
	var at secretPlace
	addresses := map[string]any{}
	if json.Unmarshal(l.Details, &at) != nil || json.Unmarshal(l.Details, &addresses) != nil {
		return ""
	}
	address, _ := addresses[l.Type+"_url"].(string)
	return cmp.Or(at.String(), a.pageOf(address), oneLine(address, 200))
}

// qualityFinding is what code quality found.
type qualityFinding struct {
	Number    int       `json:"number"`
	State     string    `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Rule      struct{ ID, Title, Description, Help, Severity, Category string }
	Location  secretPlace
	Message   struct{ Text string }
}

func (q qualityFinding) line() string {
	return fmt.Sprintf("%s %s — %s", alertName(nil, q.Number), oneLine(q.Rule.Title, 150), q.facts())
}

func (q qualityFinding) facts() string {
	return join(", ", q.State, oneLine(q.Rule.Severity, 40), oneLine(q.Rule.Category, 40), q.Location.String(), day(stamp(q.CreatedAt)))
}

func (a *api) oneQualityFinding(ctx context.Context, in securityArguments) (string, error) {
	q, err := readOne[qualityFinding](a, ctx, in, "", nil)
	if err != nil {
		return "", err
	}
	help := join("\n\n", q.Rule.Description, q.Rule.Help)
	if in.Offset > 0 {
		return excerpt(help, in.Offset, a.room.texts(), ""), nil
	}
	head := join("\n", fmt.Sprintf("# %s %s", alertName(nil, q.Number), oneLine(q.Rule.Title, 150)),
		join(", ", q.facts(), oneLine(q.Rule.ID, 100)), excerptOf(q.Message.Text, 1000))
	return join("\n\n", head, excerpt(help, 0, alertText, "")), nil
}
