package microsoft

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type messagesArguments struct {
	ID      string `json:"id,omitempty" doc:"one message in full"`
	Offset  int    `json:"offset,omitempty" minimum:"0" doc:"characters of it to skip"`
	Folder  string `json:"folder,omitempty" default:"inbox" doc:"inbox, sentitems, drafts, archive, …, a name, an id, or all"`
	Search  string `json:"search,omitempty" doc:"words; from:, subject:, body:, received>=2026-01-31, hasAttachments:true; alone but for folder"`
	From    string `json:"from,omitempty" doc:"sender's address"`
	Unread  bool   `json:"unread,omitempty"`
	Since   string `json:"since,omitempty" doc:"received, date or time"`
	Before  string `json:"before,omitempty"`
	Zone    string `json:"zone,omitempty" doc:"of times, e.g. Europe/Berlin; default since's offset, or UTC"`
	PerPage int    `json:"per_page,omitempty" minimum:"1" maximum:"50" default:"20"`
	Page    string `json:"page,omitempty"`
}

func (a *api) messagesTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "microsoft_messages",
		Title:       "Microsoft 365 mail",
		Description: "Read the person's mail in Microsoft 365 or Outlook.com: list a folder, newest first, search, or read one message as text.",
		Access:      tools.Read,
		Strangers:   true,
		Toolset:     "mail",
		Scopes:      []string{"Mail.Read", "User.Read"},
	}, a.messages)
}

// Check is for [tools.Define]. Graph takes no filter beside a search of messages,
// not even with ConsistencyLevel, which is for the directory.
// https://learn.microsoft.com/en-us/graph/search-query-parameter
// https://learn.microsoft.com/en-us/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query
func (in messagesArguments) Check() []string {
	faults := slices.Concat(checkID("id", in.ID, "microsoft_messages"), calendar.CheckZone("zone", in.Zone), checkPage(in.Page))
	for _, moment := range []struct{ argument, value string }{{"since", in.Since}, {"before", in.Before}} {
		if _, err := calendar.Parse(moment.argument, moment.value); err != nil && moment.value != "" {
			faults = append(faults, err.Error())
		}
	}
	filters := in.From != "" || in.Unread || in.Since != "" || in.Before != ""
	listed := filters || in.Search != "" || in.Page != "" || in.Folder != "inbox"
	switch {
	case in.Search != "" && filters:
		faults = append(faults, "'search' can't be used with from, unread, since and before; put from: and received>= into it")
	case in.ID != "" && listed:
		faults = append(faults, "'id' reads one message; of the others only offset and zone go with it")
	case in.ID == "" && in.Offset > 0:
		faults = append(faults, "'offset' needs 'id'")
	}
	if strings.ContainsAny(in.From, " '\"\n") || in.From != "" && !strings.Contains(in.From, "@") {
		faults = append(faults, "'from' must be an address like adele@contoso.com; for a name use search=from:name")
	}
	return faults
}

// message is what is asked of one. https://learn.microsoft.com/en-us/graph/api/resources/message
type message struct {
	ID             string      `json:"id"`
	Subject        string      `json:"subject"`
	Preview        string      `json:"bodyPreview"`
	From           recipient   `json:"from"`
	Received       string      `json:"receivedDateTime"`
	IsRead         bool        `json:"isRead"`
	IsDraft        bool        `json:"isDraft"`
	HasAttachments bool        `json:"hasAttachments"`
	Importance     string      `json:"importance"`
	To             []recipient `json:"toRecipients"`
	Cc             []recipient `json:"ccRecipients"`
	Body           content     `json:"body"`
	Link           string      `json:"webLink"`
}

// recipient is a person. https://learn.microsoft.com/en-us/graph/api/resources/recipient
type recipient struct {
	Email emailAddress `json:"emailAddress"`
}

// emailAddress is https://learn.microsoft.com/en-us/graph/api/resources/emailaddress
type emailAddress struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

// text names somebody; their name may be anything, and so is in quotation marks.
func (e emailAddress) text() string {
	name := e.Name
	if name == e.Address {
		name = ""
	}
	return cmp.Or(rest.Join(" ", calendar.Quoted(name, 60), calendar.Address(e.Address, 100)), "nobody")
}

func (a *api) messages(ctx context.Context, in messagesArguments) (string, error) {
	zone := zoneOf(in.Zone, []string{in.Since, in.Before})
	if in.ID != "" {
		return a.message(ctx, in, zone)
	}
	path, err := a.folder(ctx, in.Folder)
	if err != nil {
		return "", err
	}
	var page list[message]
	if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: in.query(zone), What: "messages in " + folderName(in.Folder)}, &page); err != nil {
		return "", err
	}
	return a.listing(in, zone, page), nil
}

// folder answers the path of a folder's messages. Those that every mailbox has
// have names of their own. https://learn.microsoft.com/en-us/graph/api/resources/mailfolder
func (a *api) folder(ctx context.Context, wanted string) (string, error) {
	switch plain := plainFolder(wanted); plain {
	case "":
	case "all":
		return "me/messages", nil
	default:
		return "me/mailFolders/" + plain + "/messages", nil
	}
	path, err := a.find(ctx, "me/mailFolders", "id,displayName", wanted, "mail folder")
	return path + "/messages", err
}

// plainFolder is the name of a folder that every mailbox has, or of all; "" for
// another one.
func plainFolder(wanted string) string {
	known := []string{"all", "inbox", "sentitems", "drafts", "archive", "deleteditems", "junkemail", "outbox"}
	if plain := strings.ToLower(strings.ReplaceAll(wanted, " ", "")); slices.Contains(known, plain) {
		return plain
	}
	return ""
}

// folderName is a folder inside a line of ours.
func folderName(wanted string) string {
	return cmp.Or(plainFolder(wanted), calendar.Quoted(wanted, 60))
}

// query asks for what a line shows. What is sorted by has to be filtered by as
// well, and first.
func (in messagesArguments) query(zone *time.Location) url.Values {
	query := url.Values{
		"$select": {"id,subject,bodyPreview,from,receivedDateTime,isRead,isDraft,hasAttachments,importance"},
		"$top":    {strconv.Itoa(in.PerPage)},
	}
	pageOf(in.Page, query)
	if in.Search != "" {
		query.Set("$search", `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(in.Search)+`"`)
		return query
	}
	query.Set("$orderby", "receivedDateTime desc")
	var filters []string
	for _, limit := range []struct{ operator, value string }{{"ge", in.Since}, {"lt", in.Before}} {
		if moment, err := calendar.Parse("", limit.value); err == nil {
			filters = append(filters, "receivedDateTime "+limit.operator+" "+moment.In(zone).UTC().Format(time.RFC3339))
		}
	}
	if len(filters) == 0 && (in.Unread || in.From != "") {
		filters = append(filters, "receivedDateTime ge 1900-01-01T00:00:00Z")
	}
	if in.Unread {
		filters = append(filters, "isRead eq false")
	}
	if in.From != "" {
		filters = append(filters, "from/emailAddress/address eq '"+in.From+"'")
	}
	if len(filters) > 0 {
		query.Set("$filter", strings.Join(filters, " and "))
	}
	return query
}

// listing is two lines for each message, as many as fit.
func (a *api) listing(in messagesArguments, zone *time.Location, page list[message]) string {
	var text strings.Builder
	shown := 0
	for _, m := range page.Value {
		entry := m.line(zone)
		if shown > 0 && text.Len()+len(entry) > a.room {
			break
		}
		text.WriteString(entry)
		shown++
	}
	count, next := cmp.Or(rest.Count(shown, "message"), "no messages"), a.next(page.Next)
	if next != "" {
		next = rest.Join(" ", "next: "+next, in.belongings())
	}
	if shown < len(page.Value) {
		count, next = fmt.Sprintf("%d of %s", shown, rest.Count(len(page.Value), "message")), fmt.Sprintf("for the others: per_page=%d", shown)
	}
	return rest.Join("; ", fmt.Sprintf("%s: %s, times in %s", folderName(in.Folder), count, zone), next) + "\n" + text.String()
}

// belongings are the arguments that a page belongs to.
func (in messagesArguments) belongings() string {
	var given []string
	for _, one := range []struct{ name, value string }{
		{"search", in.Search}, {"from", in.From}, {"since", in.Since}, {"before", in.Before}, {"zone", in.Zone},
	} {
		if one.value != "" {
			given = append(given, one.name+"="+calendar.Address(one.value, 1000))
		}
	}
	if in.Unread {
		given = append(given, "unread=true")
	}
	if in.Folder != "inbox" {
		given = append(given, "folder="+cmp.Or(plainFolder(in.Folder), calendar.Address(in.Folder, 1024)))
	}
	return strings.Join(given, " ")
}

// line says what matters of a message, and below that how it begins.
func (m message) line(zone *time.Location) string {
	facts := rest.Join("; ", m.received(zone, "2006-01-02 15:04")+" "+m.From.Email.text()+": "+cmp.Or(calendar.Quoted(m.Subject, 120), "no subject"),
		m.flags(), "id "+rest.OneLine(m.ID, 1024))
	if preview := rest.OneLine(m.Preview, 120); preview != "" {
		return facts + "\n> " + preview + "\n"
	}
	return facts + "\n"
}

// unreadable stands for a time that isn't said.
const unreadable = "time not readable"

// received is when it came, which drafts and answers that aren't Graph's don't say.
func (m message) received(zone *time.Location, layout string) string {
	// What can't be parsed is in the year 1, as is what Graph has no time for.
	t, _ := time.Parse(time.RFC3339, m.Received)
	if t.Year() < 1900 {
		return unreadable
	}
	return t.In(zone).Format(layout)
}

func (m message) flags() string {
	var flags []string
	for _, f := range []struct {
		is   bool
		word string
	}{{m.IsDraft, "draft"}, {!m.IsRead, "unread"}, {m.HasAttachments, "attachments"}, {m.Importance == "high", "important"}} {
		if f.is {
			flags = append(flags, f.word)
		}
	}
	return strings.Join(flags, ", ")
}
