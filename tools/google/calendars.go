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
		Strangers:   true,
		Toolset:     Toolset,
		Scopes:      scopes("calendar.calendarlist.readonly"),
	}, a.calendars)
}

// calendarList is calendars as Google answers them.
// https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
type calendarList struct {
	NextPageToken string
	Items         []calendarEntry
}

type calendarEntry struct {
	ID, Summary, SummaryOverride, AccessRole, TimeZone string
	Primary                                            bool
}

// name is as people see it.
func (c calendarEntry) name() string {
	return calendar.Quoted(cmp.Or(c.SummaryOverride, c.Summary), 100)
}

func (a *api) listCalendars(ctx context.Context, page, most string) (answer calendarList, err error) {
	query := url.Values{"maxResults": {most}, "fields": {"nextPageToken,items(id,summary,summaryOverride,accessRole,primary,timeZone)"}}
	if page != "" {
		query.Set("pageToken", page)
	}
	err = a.Ask(ctx, rest.Request{Method: http.MethodGet, Path: path("users", "me", "calendarList"), Query: query, What: "the list of calendars"}, &answer)
	return answer, err
}

func (a *api) calendars(ctx context.Context, in calendarsArguments) (string, error) {
	answer, err := a.listCalendars(ctx, in.Page, "100")
	if err != nil {
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
		lines = append(lines, rest.Join("; ", c.name(), rest.OneLine(role, 60), rest.OneLine(c.TimeZone, 60), "id "+rest.OneLine(c.ID, 1024)))
	}
	return strings.Join(lines, "\n"), nil
}

// find puts the id of a calendar that is given by the name it is listed with in the
// name's place. Ids are addresses; which one is meant is never guessed.
func (a *api) find(ctx context.Context, in *in) error {
	if in.id() == "primary" || strings.Contains(in.Calendar, "@") {
		return nil
	}
	answer, err := a.listCalendars(ctx, "", "250")
	if err != nil {
		return err
	}
	var ids []string
	name := calendar.Quoted(in.Calendar, 100)
	for _, c := range answer.Items {
		if c.ID == in.Calendar {
			return nil
		}
		if c.name() == name {
			ids = append(ids, rest.OneLine(c.ID, 1024))
		}
	}
	switch {
	case answer.NextPageToken != "":
		return tools.UserError("google: calendar %s: there are too many calendars to find one by its name; give the id", named(in.Calendar))
	case len(ids) == 0:
		return tools.UserError("google: calendar %s: the account's list has no id and no name like that; google_calendar_calendars shows both", named(in.Calendar))
	case len(ids) > 1:
		return tools.UserError("google: calendar %s: the name is that of several; give the id: %s", named(in.Calendar), strings.Join(ids, " or "))
	case rest.CheckName("calendar", ids[0]) != nil:
		return tools.UserError("google: calendar %s: its id is not a plain one", named(in.Calendar))
	}
	in.Calendar = ids[0]
	return nil
}
