package microsoft

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// content is a text. https://learn.microsoft.com/en-us/graph/api/resources/itembody
type content struct {
	Type    string `json:"contentType"`
	Content string `json:"content"`
}

// attachment is what is asked of one: never what is in it.
// https://learn.microsoft.com/en-us/graph/api/resources/attachment
type attachment struct {
	Name string `json:"name"`
	Type string `json:"contentType"`
	Size int    `json:"size"`
}

const (
	maxRecipients  = 20
	maxAttachments = 50
)

// message is all of one that a person would read.
func (a *api) message(ctx context.Context, in messagesArguments, zone *time.Location) (string, error) {
	path := below("me/messages", in.ID)
	query := url.Values{"$select": {"id,subject,from,toRecipients,ccRecipients,receivedDateTime,isRead,isDraft,hasAttachments,importance,body,webLink"}}
	var m message
	if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: query, What: "the message"}, &m); err != nil {
		return "", err
	}
	if !isID(m.ID) {
		return "", tools.UserError("%s: the answer is not a message; list it again", a.name)
	}
	received := m.received(zone, "Mon 2006-01-02 15:04")
	if received != unreadable {
		received += " " + zone.String()
	}
	lines := []string{
		"message: " + cmp.Or(calendar.Quoted(m.Subject, 300), "no subject"),
		"from: " + m.From.Email.text(), people("to", m.To), people("cc", m.Cc),
		rest.Join(", ", "received: "+received, m.flags()),
	}
	if link := calendar.Link(m.Link); link != "" {
		lines = append(lines, "link: "+link)
	}
	if m.HasAttachments {
		attached, err := a.attachments(ctx, path)
		if err != nil {
			return "", err
		}
		lines = append(lines, attached)
	}
	if !strings.EqualFold(m.Body.Type, "text") {
		lines = append(lines, "its text, as HTML:")
	}
	heading := rest.Join("\n", lines...)
	return rest.Join("\n", heading, rest.Excerpt(m.Body.Content, in.Offset, max(a.room-len(heading), 1000), "")), nil
}

// people names whom a message is for.
func people(how string, all []recipient) string {
	var names []string
	for i, r := range all {
		if i == maxRecipients {
			names = append(names, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		names = append(names, r.Email.text())
	}
	if len(names) == 0 {
		return ""
	}
	return how + ": " + strings.Join(names, ", ")
}

// attachments are a line of names, kinds and sizes.
func (a *api) attachments(ctx context.Context, message string) (string, error) {
	var all list[attachment]
	query := url.Values{"$select": {"name,contentType,size"}, "$top": {fmt.Sprint(maxAttachments)}}
	if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: message + "/attachments", Query: query, What: "the message's attachments"}, &all); err != nil {
		return "", err
	}
	var names []string
	for _, at := range all.Value {
		names = append(names, rest.Join(", ", calendar.Quoted(at.Name, 100), calendar.Address(at.Type, 60), rest.Size(at.Size)))
	}
	if all.Next != "" {
		names = append(names, "and more")
	}
	return "attachments: " + strings.Join(names, "; "), nil
}
