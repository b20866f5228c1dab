package google

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools"
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
	id := in.ID
	if id == "" {
		id = newID()
	}
	f["id"] = id
	if in.Meet {
		f["conferenceData"] = meeting()
	}
	insert := call{method: http.MethodPost, path: path("calendars", in.id(), "events"), query: query, body: f, what: "new event on calendar " + named(in.id())}
	made, again, err := a.insert(ctx, in.id(), insert, id)
	switch {
	case err != nil && again:
		return "", tools.Explain(err, err.Error()+"; it may have been created all the same: to try again call with id="+id+", which can't make a second one")
	case err != nil:
		return "", err
	case again:
		return report(ctx, "there already, created by this call or one before", made, zone, a.room), nil
	}
	return report(ctx, "created", made, zone, a.room), nil
}

// insert tells besides whether the event may have been there before the last
// attempt.
func (a *api) insert(ctx context.Context, id string, insert call, eventID string) (made event, again bool, err error) {
	for range 2 {
		err = a.send(ctx, insert, &made)
		if !isLost(err) || ctx.Err() != nil {
			break
		}
		again = true
	}
	if isStatus(err, http.StatusConflict) {
		there, failed := a.read(ctx, id, eventID, url.Values{"fields": {wholeFields}})
		if failed == nil && there.Status != "cancelled" {
			return there, true, nil
		}
		return made, false, err
	}
	return made, again && isLost(err), err
}

// isLost tells whether a request may have been carried out although it has
// failed: there was no answer, or one from a server in trouble.
func isLost(err error) bool {
	var r *refused
	if errors.As(err, &r) {
		return r.status >= http.StatusInternalServerError
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// newID is of the letters that Google takes (RFC 4648 §7, lower case), and long
// enough to be nobody else's.
func newID() string {
	var random [20]byte
	rand.Read(random[:])
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(random[:]))
}

// meeting asks for a new Google Meet.
func meeting() fields {
	return fields{"createRequest": fields{"requestId": newID(), "conferenceSolutionKey": fields{"type": "hangoutsMeet"}}}
}
