package microsoft

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// change is the properties of an event that are set; those that are nil stay as
// they are. https://learn.microsoft.com/en-us/graph/api/event-update
type change struct {
	Subject    *string     `json:"subject,omitempty"`
	Start      *moment     `json:"start,omitempty"`
	End        *moment     `json:"end,omitempty"`
	IsAllDay   *bool       `json:"isAllDay,omitempty"`
	Location   *place      `json:"location,omitempty"`
	Body       *content    `json:"body,omitempty"`
	Attendees  *[]attendee `json:"attendees,omitempty"`
	Recurrence any         `json:"recurrence,omitzero"`
	ShowAs     string      `json:"showAs,omitempty"`
	IsOnline   *bool       `json:"isOnlineMeeting,omitempty"`
	// Transaction is what a second request for the same event is known by.
	// https://learn.microsoft.com/en-us/graph/api/resources/event#properties
	Transaction string `json:"transactionId,omitempty"`
}

// change reads what is to be set of the target, an event or the series of the
// named one; event{} is a new one.
func (in eventWriteArguments) change(named, target event) (change, error) {
	c := change{Subject: in.Title, IsOnline: in.Online}
	if in.Location != nil {
		c.Location = &place{*in.Location}
	}
	if in.Description != nil {
		c.Body = &content{"text", *in.Description}
	}
	if in.Attendees != nil {
		all := guests(in.Attendees, target.Attendees)
		c.Attendees = &all
	}
	if in.Free != nil {
		c.ShowAs = map[bool]string{true: "free", false: "busy"}[*in.Free]
	}
	if in.isMoved() {
		t, err := in.times(named, target)
		if err != nil {
			return c, err
		}
		start, end := t.written(t.from), t.written(t.to)
		c.Start, c.End, c.IsAllDay = &start, &end, &t.from.IsDay
		rule, err := in.recurs(t, target)
		if err != nil {
			return c, err
		}
		if rule != nil {
			c.Recurrence = rule
		}
	}
	if in.Recurrence != nil && !filled(in.Recurrence) && in.Action == "update" {
		c.Recurrence = json.RawMessage("null")
	}
	return c, nil
}

// guests are those there will be. Who was invited before stays as they are, but
// for whether they are needed.
func guests(given []string, before []attendee) []attendee {
	all := []attendee{}
	if len(given) > 0 && isSigned(given[0]) {
		all = slices.Clone(before)
	}
	for _, one := range given {
		address, isOptional := strings.CutPrefix(strings.TrimLeft(one, "+-"), "optional:")
		is := func(a attendee) bool { return strings.EqualFold(a.Email.Address, address) }
		guest := attendee{Type: "required"}
		guest.Email.Address = address
		if i := slices.IndexFunc(before, is); i >= 0 {
			guest = before[i]
		}
		switch {
		case isOptional:
			guest.Type = "optional"
		case guest.Type == "optional":
			guest.Type = "required"
		}
		if all = slices.DeleteFunc(all, is); one[0] != '-' {
			all = append(all, guest)
		}
	}
	return all
}

// isSigned tells a change of the attendees from one of them all.
func isSigned(given string) bool {
	return strings.HasPrefix(given, "+") || strings.HasPrefix(given, "-")
}

// createEvent makes an event. A call that asks for it again after its answer was
// lost is the same to Graph, which makes no second one.
// https://learn.microsoft.com/en-us/graph/api/user-post-events
func (a *api) createEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	c, err := in.change(event{}, event{})
	if err != nil {
		return "", a.nothing("%w", err)
	}
	path := "me"
	if in.Calendar != "" {
		if path, err = a.find(ctx, "me/calendars", "id,name,owner", in.Calendar, "calendar"); err != nil {
			return "", err
		}
	}
	wanted, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	var made event
	err = a.unsure.Once(ctx, path+"\n"+string(wanted), func(id string) error {
		c.Transaction = id
		return a.ask(ctx, rest.Request{Method: http.MethodPost, Path: path + "/events", Body: c, What: "action create"}, &made)
	})
	if err != nil {
		return "", err
	}
	return a.done(ctx, in, "created", made)
}

// target reads the event that was named, and what an action is about: the series
// of an occurrence if that is wanted. All of a series is only ever touched by
// whoever says so.
func (a *api) target(ctx context.Context, in eventWriteArguments) (named, target event, err error) {
	if named, err = a.event(ctx, in.ID); err != nil {
		return named, named, err
	}
	switch {
	case in.ETag != "" && in.ETag != named.ETag:
		err = a.nothing("it has changed meanwhile; read it again first")
	case in.Series && named.Series != "":
		target, err = a.event(ctx, named.Series)
		return named, target, err
	case !in.Series && named.Recurrence != nil:
		err = a.nothing("it is a whole series; give series=true for all of it, or the id of one occurrence from microsoft_events")
	case in.Recurrence != nil && named.Series != "":
		err = a.nothing("one occurrence has no 'recurrence'; give series=true for all of them")
	}
	return named, named, err
}

// nothing is the error of what was refused before anything was done.
func (a *api) nothing(why string, args ...any) error {
	return tools.UserError(a.name+": nothing was done: "+why, args...)
}

// only is the condition that nothing has changed since the event was read.
func (e event) only() http.Header {
	if e.ETag == "" {
		return nil
	}
	return http.Header{"If-Match": {e.ETag}}
}

// updateEvent changes an event as it was just read, since some of what is to be
// set depends on what is there.
func (a *api) updateEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	named, target, err := a.target(ctx, in)
	if err != nil {
		return "", err
	}
	if in.Description != nil && target.IsOnline {
		return "", a.nothing("it is an online meeting, whose text holds the way into it; a new one would end that: leave 'description' out, or set online=false as a call of its own first")
	}
	c, err := in.change(named, target)
	if err != nil {
		return "", a.nothing("%w", err)
	}
	var changed event
	if err := a.ask(ctx, rest.Request{Method: http.MethodPatch, Path: eventPath(target.ID), Header: target.only(), Body: c, What: "action update"}, &changed); err != nil {
		return "", err
	}
	return a.done(ctx, in, "updated", changed)
}

// done says what came of it: when it is now, and what it is known by.
func (a *api) done(ctx context.Context, in eventWriteArguments, word string, e event) (string, error) {
	if !isID(e.ID) {
		return "", tools.UserError("%s: action %s: Microsoft took it but said nothing of the event; look for it with microsoft_events before trying again", a.name, in.Action)
	}
	zone := zoneOf(in.Zone, []string{in.Start, in.End}, e.Zone)
	shared := e.shared()
	shared.Description = ""
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": e.ID, "url": calendar.Link(e.Link), "etag": rest.OneLine(e.ETag, 300)})
	return fmt.Sprintf("%s: %s", word, shared.Text(zone, a.room, "")), nil
}
