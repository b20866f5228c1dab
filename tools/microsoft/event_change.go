package microsoft

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// usualLength is how long an event lasts if nobody says otherwise.
const usualLength = 30 * time.Minute

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
	IsOnline   *bool       `json:"isOnlineMeeting,omitempty"`
	// Transaction is what a second request for the same event is known by.
	// https://learn.microsoft.com/en-us/graph/api/resources/event#properties
	Transaction string `json:"transactionId,omitempty"`
}

// change reads what is to be set. length is how long the event lasts now.
func (in eventWriteArguments) change(length time.Duration) (change, error) {
	c := change{Subject: in.Title, IsOnline: in.Online}
	if in.Start != "" {
		t, err := in.times(length)
		if err != nil {
			return c, err
		}
		c.Start, c.End, c.IsAllDay = &t.start, &t.end, &t.isDay
	}
	if in.Location != nil {
		c.Location = &place{*in.Location}
	}
	if in.Description != nil {
		c.Body = &content{"text", *in.Description}
	}
	if in.Attendees != nil {
		guests := []attendee{}
		for _, given := range in.Attendees {
			guests = append(guests, guest(given))
		}
		c.Attendees = &guests
	}
	rule, err := in.recurs(length)
	switch {
	case rule != nil:
		c.Recurrence = rule
	case in.Recurrence != nil && in.Action == "update":
		c.Recurrence = json.RawMessage("null")
	}
	return c, err
}

func guest(given string) attendee {
	var a attendee
	address, isOptional := strings.CutPrefix(given, "optional:")
	a.Email.Address, a.Type = address, "required"
	if isOptional {
		a.Type = "optional"
	}
	return a
}

// creations are those whose answer was lost: a call that asks for the same event
// again is the same to Graph, which makes no second one. They are safe for
// concurrent use.
type creations struct {
	mu   sync.Mutex
	made map[string]string // by the request
}

// id answers what an event is known by until its answer has come.
func (c *creations) id(request string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = map[string]string{}
	}
	if c.made[request] == "" {
		c.made[request] = rand.Text()
	}
	return c.made[request]
}

// settled forgets a request that was answered.
func (c *creations) settled(request string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.made, request)
}

// createEvent makes an event. https://learn.microsoft.com/en-us/graph/api/user-post-events
func (a *api) createEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	c, err := in.change(usualLength)
	if err != nil {
		return "", err
	}
	path := "me"
	if in.Calendar != "" {
		if path, err = a.find(ctx, "me/calendars", "name", in.Calendar, "calendar"); err != nil {
			return "", err
		}
	}
	wanted, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	request := path + "\n" + string(wanted)
	c.Transaction = a.unsure.id(request)
	var made event
	err = a.ask(ctx, question{method: http.MethodPost, path: path + "/events", body: c, what: "action create"}, &made)
	// What has trouble may have made it all the same.
	var no refused
	if err == nil || errors.As(err, &no) && no < http.StatusInternalServerError {
		a.unsure.settled(request)
	}
	if err != nil {
		return "", err
	}
	return a.done(ctx, in, "created", made)
}

// updateEvent changes an event as it was just read, since some of what is to be
// set depends on what is there.
func (a *api) updateEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	old, err := a.event(ctx, in.ID)
	if err != nil {
		return "", err
	}
	if in.Description != nil && old.IsOnline {
		return "", tools.UserError("%s: it is an online meeting, whose text holds the way into it; a new one would end that: leave 'description' out, or set online=false as a call of its own first", a.name)
	}
	was := old.shared()
	c, err := in.change(was.End.Sub(was.Start.Time))
	if err != nil {
		return "", err
	}
	var changed event
	match := cmp.Or(etag(in.Version), old.ETag)
	if err := a.ask(ctx, question{method: http.MethodPatch, path: eventPath(in.ID), body: c, match: match, what: "action update"}, &changed); err != nil {
		return "", err
	}
	return a.done(ctx, in, "updated", changed)
}

// done says what came of it: when it is now, and what it is known by.
func (a *api) done(ctx context.Context, in eventWriteArguments, word string, e event) (string, error) {
	if !isID(e.ID) {
		return "", tools.UserError("%s: action %s: Microsoft took it but said nothing of the event; look for it with microsoft_events before trying again", a.name, in.Action)
	}
	zone, err := calendar.Zone(cmp.Or(in.Zone, "UTC"))
	if err != nil {
		return "", err
	}
	shared := e.shared()
	shared.Description = ""
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": e.ID, "url": rest.OneLine(e.Link, 1000)})
	return fmt.Sprintf("%s: %s", word, shared.Text(zone, a.room, "")), nil
}
