package microsoft

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// ask sends a request to Graph and reads the answer into what into points to,
// unless that is nil.
//
// Times are always asked for in UTC and put into a person's zone here: in a zone
// of theirs the hour after the end of summer time is there twice, and Graph
// gives no offset. Bodies are asked for as text.
// https://learn.microsoft.com/en-us/graph/api/event-get#support-various-time-zones
func (a *api) ask(ctx context.Context, r rest.Request, into any) error {
	header := http.Header{"Prefer": {`outlook.timezone="UTC", outlook.body-content-type="text"`}}
	maps.Copy(header, r.Header)
	r.Header = header
	err := a.graph.Ask(ctx, r, into)
	if refusal, is := errors.AsType[*rest.Refusal](err); is && refusal.Happened == noPermission {
		return tools.Explain(err, err.Error()+"; "+fmt.Sprintf(lacking, scopeOf(r)))
	}
	return err
}

// lacking says what to do about a scope that Graph's refusal doesn't name. Nothing
// here knows where the token comes from, nor whose the calendar is.
const lacking = "it takes the scope %s: if it is MICROSOFT_TOKEN that lacks it, another has to be given, else run: valetkey login microsoft --again; where MICROSOFT_SCOPES is set, add it there first; an administrator may have to consent. Of what is somebody else's, the owner has to allow it"

// scopeOf is the least that a request takes.
// https://learn.microsoft.com/en-us/graph/permissions-reference
func scopeOf(r rest.Request) string {
	isMail := strings.HasPrefix(r.Path, "me/messages") || strings.HasPrefix(r.Path, "me/mailFolders")
	switch {
	case isMail:
		return "Mail.Read"
	case r.Method == http.MethodGet:
		return "Calendars.Read"
	}
	return "Calendars.ReadWrite"
}

// isID tells what can be an identifier: those of Exchange are Base64, in either
// alphabet.
func isID(s string) bool {
	return s != "" && len(s) <= 1024 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+/=") == ""
}

// below is the path of what has an identifier, in a collection. One of Exchange's
// Web Services is put into the form that Graph gives it in, where nothing could be
// read as a separator.
// https://github.com/microsoftgraph/microsoft-graph-docs/issues/6069
// https://github.com/microsoftgraph/microsoft-graph-docs/issues/14419
func below(collection, id string) string {
	return collection + "/" + url.PathEscape(strings.NewReplacer("/", "-", "+", "_").Replace(id))
}

// checkID says what keeps an argument from being one; "" is for none.
func checkID(argument, id, from string) []string {
	if id == "" || isID(id) {
		return nil
	}
	return []string{fmt.Sprintf("'%s' must be one that %s gives, such as AAMkAD…=; got %q", argument, from, rest.OneLine(id, 60))}
}
