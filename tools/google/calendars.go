package google

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type calendarsArguments struct {
	Page string `json:"page,omitempty"`
}

func (a *api) calendarsTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "google_calendar_calendars",
		Title:       "Google calendars",
		Description: "List the account's calendars: ids, roles, time zones.",
		Access:      tools.Read,
		Toolset:     Toolset,
		Scopes:      scopes("calendar.calendarlist.readonly"),
	}, a.calendars)
}

func (a *api) calendars(ctx context.Context, in calendarsArguments) (string, error) {
	query := url.Values{"maxResults": {"100"}, "fields": {"nextPageToken,items(id,summary,summaryOverride,accessRole,primary,timeZone)"}}
	if in.Page != "" {
		query.Set("pageToken", in.Page)
	}
	var answer struct {
		NextPageToken string
		Items         []struct {
			ID, Summary, SummaryOverride, AccessRole, TimeZone string
			Primary                                            bool
		}
	}
	if err := a.Ask(ctx, rest.Request{Method: http.MethodGet, Path: path("users", "me", "calendarList"), Query: query, What: "the list of calendars"}, &answer); err != nil {
		return "", err
	}
	heading := cmp.Or(rest.Count(len(answer.Items), "calendar"), "no calendars")
	if answer.NextPageToken != "" {
		heading += "; next: " + cmp.Or(pageText(answer.NextPageToken), unknownPage)
	}
	lines := []string{heading}
	for _, c := range answer.Items {
		role := c.AccessRole
		if c.Primary {
			role += ", primary"
		}
		lines = append(lines, rest.Join("; ", calendar.Quoted(cmp.Or(c.SummaryOverride, c.Summary), 100), rest.OneLine(role, 60), rest.OneLine(c.TimeZone, 60), "id "+named(c.ID)))
	}
	return strings.Join(lines, "\n"), nil
}
