package sandbox

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// graphMessage is a message in a folder.
type graphMessage struct {
	folder      string
	object      object
	attachments []object
	text        string // the body as text
}

// asText is a body as the header Prefer: outlook.body-content-type="text" asks for.
func asText(body any) object {
	b, _ := body.(object)
	content := regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`).ReplaceAllString(text(b["content"]), "")
	return object{"contentType": "text", "content": content}
}

// listMessages gives the messages of a folder, or of all, the newest first
// (https://learn.microsoft.com/en-us/graph/api/user-list-messages).
func (g *graphAPI) listMessages(r *http.Request) reply {
	query := r.URL.Query()
	folder := r.PathValue("folder")
	if folder != "" && g.folderOf(folder) == "" {
		return graphProblem(http.StatusNotFound, "ErrorItemNotFound", "The specified folder could not be found in the store.")
	}
	if query.Has("$search") {
		for parameter, code := range map[string]string{"$filter": "SearchWithFilter", "$orderby": "SearchWithOrderBy"} {
			if query.Has(parameter) {
				return graphProblem(http.StatusBadRequest, code, "The query parameter '"+parameter+"' is not supported with '$search'.")
			}
		}
	}
	fits, wrong := messageFilter(query.Get("$filter"), query.Get("$orderby"))
	if wrong.status != 0 {
		return wrong
	}
	var all []object
	for _, m := range g.messages {
		if (folder == "" || m.folder == g.folderOf(folder)) && fits(m.object) && m.matches(query.Get("$search")) {
			all = append(all, m.object)
		}
	}
	slices.SortStableFunc(all, func(a, b object) int {
		return strings.Compare(text(b["receivedDateTime"]), text(a["receivedDateTime"]))
	})
	return graphList(r, "users('me')/messages", all)
}

// folderOf is the id of a folder by its id or its well-known name (https://learn.microsoft.com/en-us/graph/api/resources/mailfolder).
func (g *graphAPI) folderOf(name string) string {
	wellKnown := map[string]string{"inbox": "Inbox", "sentitems": "Sent Items", "archive": "Archive"}
	for _, folder := range g.folders {
		if folder["id"] == name || folder["displayName"] == wellKnown[strings.ToLower(name)] {
			return text(folder["id"])
		}
	}
	return ""
}

// messageFilter reads the comparisons that are needed here. What is sorted by has to be filtered by first
// (https://learn.microsoft.com/en-us/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query).
func messageFilter(filter, order string) (fits func(object) bool, wrong reply) {
	if sorted, _, _ := strings.Cut(order, " "); filter != "" && order != "" && !strings.HasPrefix(filter, sorted) {
		return nil, graphProblem(http.StatusBadRequest, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
	}
	var tests []func(object) bool
	for clause := range strings.SplitSeq(filter, " and ") {
		parts := strings.SplitN(clause, " ", 3)
		switch {
		case filter == "":
		case len(parts) != 3:
			return nil, graphBad("Invalid filter clause: %s", clause)
		case parts[0] == "isRead" && parts[1] == "eq":
			tests = append(tests, func(o object) bool { return o["isRead"] == (parts[2] == "true") })
		case parts[0] == "from/emailAddress/address" && parts[1] == "eq":
			tests = append(tests, func(o object) bool { return "'"+addressOf(o["from"])+"'" == parts[2] })
		case parts[0] == "receivedDateTime" && isMoment(parts[2]):
			tests = append(tests, received(parts[1], parts[2]))
		default:
			return nil, graphBad("Invalid filter clause: %s", clause)
		}
	}
	return func(o object) bool {
		return !slices.ContainsFunc(tests, func(test func(object) bool) bool { return !test(o) })
	}, reply{}
}

func isMoment(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func received(operator, moment string) func(object) bool {
	return func(o object) bool {
		at, limit := text(o["receivedDateTime"]), moment
		return operator == "ge" && at >= limit || operator == "lt" && at < limit
	}
}

func addressOf(recipient any) string {
	r, _ := recipient.(object)
	address, _ := r["emailAddress"].(object)
	return text(address["address"])
}

// matches reads words and property:word, all of which have to be there (https://learn.microsoft.com/en-us/graph/search-query-parameter).
func (m *graphMessage) matches(search string) bool {
	search = strings.ReplaceAll(strings.Trim(search, `"`), `\"`, "")
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		in := strings.Join([]string{text(m.object["subject"]), m.text, nameOf(m.object["from"]), addressOf(m.object["from"])}, "\n")
		if property, value, found := strings.Cut(word, ":"); found {
			word = value
			in = map[string]string{"subject": text(m.object["subject"]), "body": m.text, "from": nameOf(m.object["from"]) + addressOf(m.object["from"])}[property]
		}
		if !strings.Contains(strings.ToLower(in), word) {
			return false
		}
	}
	return true
}

func nameOf(recipient any) string {
	r, _ := recipient.(object)
	address, _ := r["emailAddress"].(object)
	return text(address["name"])
}

func (g *graphAPI) findMessage(r *http.Request) *graphMessage {
	for _, m := range g.messages {
		if m.object["id"] == r.PathValue("id") {
			return m
		}
	}
	return nil
}

func (g *graphAPI) message(r *http.Request) reply {
	m := g.findMessage(r)
	if m == nil {
		return graphMissing()
	}
	o := maps.Clone(m.object)
	if preference(r, "outlook.body-content-type") == "text" {
		o["body"] = object{"contentType": "text", "content": m.text}
	}
	return graphOne(r, "users('me')/messages/$entity", o)
}

func (g *graphAPI) attachments(r *http.Request) reply {
	m := g.findMessage(r)
	if m == nil {
		return graphMissing()
	}
	return graphList(r, "users('me')/messages('id')/attachments", m.attachments)
}
