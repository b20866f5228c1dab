package google

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// create makes an event under an id of ours, so that it can be sent again if no
// answer comes: Google takes an id once.
// https://developers.google.com/workspace/calendar/api/guides/create-events#event_id
func (a *api) create(ctx context.Context, in writeArguments) (string, error) {
	f, zone, err := a.draft(ctx, in, nil)
	if err != nil {
		return "", err
	}
	invited, _ := f["attendees"].([]attendee)
	query, err := in.mail(invited...)
	if err != nil {
		return "", err
	}
	wanted, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	done, made := "created", event{}
	err = a.unsure.Once(ctx, in.id()+"\n"+in.ID+"\n"+string(wanted), func(id string) error {
		f["id"] = cmp.Or(in.ID, id)
		if in.Meet {
			f["conferenceData"] = meeting(id)
		}
		err := a.Ask(ctx, rest.Request{Method: http.MethodPost, Path: path("calendars", in.id(), "events"), Query: query, Body: f, What: "new event on calendar " + named(in.id())}, &made)
		if isStatus(err, http.StatusConflict) {
			done = "there already, created by this call or one before"
			made, err = a.taken(ctx, in.id(), f, err)
		}
		return err
	})
	switch {
	case rest.IsLost(err):
		return "", tools.Explain(err, fmt.Sprintf("%v; it may have been created all the same: to try again call with id=%s, which can't make a second one", err, f["id"]))
	case err != nil:
		return "", err
	}
	return report(ctx, done, made, zone, a.room), nil
}

// taken answers the event that has the draft's id, if it is the one that was to be
// made; else the refusal.
func (a *api) taken(ctx context.Context, id string, f fields, refusal error) (event, error) {
	there, err := a.read(ctx, id, fmt.Sprint(f["id"]), url.Values{"fields": {wholeFields}})
	title, _ := f["summary"].(string)
	if err != nil || there.Status == "cancelled" || there.Summary != title || !there.Start.is(f["start"]) || !there.End.is(f["end"]) {
		return there, refusal
	}
	return there, nil
}

// meeting asks for a new Google Meet, which an id gets once.
func meeting(id string) fields {
	return fields{"createRequest": fields{"requestId": id, "conferenceSolutionKey": fields{"type": "hangoutsMeet"}}}
}
