package google

import (
	"html"
	"regexp"
	"strings"
)

// plain is the text of a description, which may hold HTML: what browsers show of
// it, and where its links lead. The text may say anything still.
// https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
func plain(description string) string {
	if !strings.ContainsAny(description, "<&") {
		return description
	}
	links := regexp.MustCompile(`(?is)<a\s[^<>]*?href="([^"<>]*)"[^<>]*>(.*?)</a>`)
	description = links.ReplaceAllStringFunc(description, func(link string) string {
		parts := links.FindStringSubmatch(link)
		if parts[1] == parts[2] {
			return parts[1]
		}
		return parts[2] + " (" + parts[1] + ")"
	})
	for _, change := range []struct{ pattern, by string }{
		{`(?i)</?(br|p|div|ul|ol|li|tr|h[1-6])(\s[^<>]*)?/?>`, "\n"},
		{`(?s)</?[A-Za-z][A-Za-z0-9]*(\s[^<>]*)?/?>|<!--.*?-->`, ""},
		{`\n\s*\n`, "\n\n"},
	} {
		description = regexp.MustCompile(change.pattern).ReplaceAllString(description, change.by)
	}
	return html.UnescapeString(description)
}
