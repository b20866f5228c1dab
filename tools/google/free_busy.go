package google

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// maxCalendars is how many the API takes at once.
const maxCalendars = 50

// Reads tells the requests that change nothing although they look like it.
// https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query
func Reads(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/"+path("freeBusy")
}

type freeBusyArguments struct {
	Calendars []string `json:"calendars,omitempty" doc:"ids or people's addresses; default primary"`
	calendar.Window
	zoned
}

// Check is for [tools.Define].
func (f freeBusyArguments) Check() []string {
	faults := append(f.Window.Check(), calendar.CheckZone("zone", f.Zone)...)
	if len(f.Calendars) > maxCalendars {
		faults = append(faults, fmt.Sprintf("'calendars' names %d; %d at most", len(f.Calendars), maxCalendars))
	}
	return faults
}

func (a *api) freeBusyTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "google_calendar_free_busy",
		Title:       "Free and busy times",
		Description: "When people or calendars are busy, and when all of them are free.",
		Access:      tools.Read,
		Toolset:     Toolset,
		Scopes:      scopes("calendar.events.freebusy"),
	}, a.freeBusy)
}

func (a *api) freeBusy(ctx context.Context, in freeBusyArguments) (string, error) {
	ids := in.Calendars
	if len(ids) == 0 {
		ids = []string{"primary"}
	}
	zone, err := a.location(ctx, "primary", in.Zone)
	if err != nil {
		return "", err
	}
	window, err := in.Span(a.now(), zone)
	if err != nil {
		return "", tools.UserError("google_calendar_free_busy: %w", err)
	}
	var answer struct {
		Calendars map[string]struct {
			Errors []struct{ Reason string }
			Busy   []calendar.Span
		}
	}
	items := make([]map[string]string, len(ids))
	for i, id := range ids {
		items[i] = map[string]string{"id": id}
	}
	err = a.Ask(ctx, rest.Request{
		Method: http.MethodPost, Path: path("freeBusy"), What: "free and busy times",
		Body: map[string]any{"timeMin": window.Start.Format(time.RFC3339), "timeMax": window.End.Format(time.RFC3339), "items": items},
	}, &answer)
	if err != nil {
		return "", err
	}
	schedules := make([]calendar.Schedule, len(ids))
	for i, id := range ids {
		found, is := answer.Calendars[id]
		schedules[i] = calendar.Schedule{Calendar: id, Busy: found.Busy}
		switch {
		case !is:
			schedules[i].Unknown = "no answer"
		case len(found.Errors) > 0:
			schedules[i].Unknown = found.Errors[0].Reason
		case slices.ContainsFunc(found.Busy, func(s calendar.Span) bool { return s.Start.IsZero() || s.End.IsZero() }):
			schedules[i].Unknown = "times not readable"
		}
	}
	return calendar.BusyText(schedules, window, zone, a.room), nil
}
