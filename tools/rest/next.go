package rest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// NextQuery answers the parameters to ask for the next page with: what is
// different in the address that the Link header gives (RFC 8288). Sentry gives
// one at the end as well, with results="false".
func NextQuery(header http.Header, sent url.Values) map[string]string {
	for _, link := range regexp.MustCompile(`<([^>]*)>([^<]*)`).FindAllStringSubmatch(strings.Join(header.Values("Link"), ", "), -1) {
		if strings.Contains(link[2], `rel="next"`) && !strings.Contains(link[2], `results="false"`) {
			return differences(link[1], sent)
		}
	}
	return nil
}

// differences are the parameters that an address has beside those sent.
func differences(address string, sent url.Values) map[string]string {
	next, err := url.Parse(address)
	if err != nil {
		return nil
	}
	different := map[string]string{}
	for name, values := range next.Query() {
		if !slices.Equal(values, sent[name]) {
			different[OneLine(name, 60)] = OneLine(values[0], 200)
		}
	}
	return different
}

// NextText says to ask for more with these parameters; "" for none.
func NextText(parameters map[string]string) string {
	text, err := json.Marshal(parameters)
	if err != nil || len(parameters) == 0 {
		return ""
	}
	return "next: query with " + string(text)
}

// nextToken is [NextQuery] for an answer that holds the token or the address of
// the next page itself, by the names that APIs have for those.
func nextToken(answer *Answer, sent url.Values) map[string]string {
	var page struct {
		NextPageToken string `json:"nextPageToken"`   // Google's AIP-158: page_token, pageToken in JSON
		PageToken     string `json:"next_page_token"` // the same, in protocol buffers' spelling
		Cursor        string `json:"next_cursor"`
		Metadata      struct {
			Cursor string `json:"next_cursor"`
		} `json:"response_metadata"` // Slack
		Link string `json:"@odata.nextLink"` // OData 4.01 §11.2.6.7
		Next string `json:"next"`            // an address, as Django REST framework gives it
	}
	if answer.IsText || len(answer.Body) == 0 || answer.Body[0] != '{' {
		return nil
	}
	// What has one of these names and another type leaves the others readable.
	_ = json.Unmarshal(answer.Body, &page)
	for _, way := range []struct{ parameter, token string }{
		{"pageToken", page.NextPageToken}, {"page_token", page.PageToken}, {"cursor", page.Cursor}, {"cursor", page.Metadata.Cursor},
	} {
		if way.token != "" {
			return map[string]string{way.parameter: OneLine(way.token, 1000)}
		}
	}
	for _, address := range []string{page.Link, page.Next} {
		if strings.Contains(address, "?") {
			return differences(address, sent)
		}
	}
	return nil
}
