package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/valetkey/valetkey/tools"
)

// maxDetailText is how many characters of one text a full answer shows; the
// usual one has the rest.
const maxDetailText = 2000

// detailed is the argument for all that GitHub says, beside what usually
// matters.
type detailed struct {
	Detail string `json:"detail,omitempty" enum:"full"`
}

func (d detailed) isFull() bool { return d.Detail != "" }

// defineDetailed is tools.Define for a tool that can show all fields of what it
// read. What is no such answer, as a diff, is shown as ever.
func defineDetailed[In interface{ isFull() bool }](room room, t tools.Tool, read func(context.Context, In) (string, error)) tools.Tool {
	return tools.Define(t, func(ctx context.Context, in In) (string, error) {
		if !in.isFull() {
			return read(ctx, in)
		}
		seen := &sightings{}
		text, err := read(context.WithValue(ctx, sightingsKey{}, seen), in)
		if err != nil || len(seen.all) == 0 {
			return text, err
		}
		if !seen.others {
			text, _, _ = strings.Cut(text, "\n")
		}
		lines, shown, all := seen.lines(room.file())
		if shown < all {
			text, _, _ = strings.Cut(text, "; next: ")
			lines += fmt.Sprintf("[%d of %d shown; for the others: the same page in parts, by a smaller per_page, or a jq filter of github_api]\n", shown, all)
		}
		return text + "\n" + lines, nil
	})
}

// sighting is a JSON answer that a call has read, and where from.
type sighting struct {
	address string
	body    json.RawMessage
}

// sightings are those of one call. They are safe for concurrent use until the
// call is over.
type sightings struct {
	mu     sync.Mutex
	all    []sighting
	others bool // texts, and answers to questions that choose their fields
}

type sightingsKey struct{}

// lines writes what was seen as one line of JSON for each thing, below where
// it is from, what was asked for before what is below it: as many whole lines as
// there is room for, and one at least.
func (s *sightings) lines(room int) (lines string, shown, all int) {
	slices.SortStableFunc(s.all, func(a, b sighting) int {
		return cmp.Or(len(a.address)-len(b.address), strings.Compare(a.address, b.address))
	})
	var text strings.Builder
	for _, seen := range s.all {
		head := fmt.Sprintf("\nGET %s\n", oneLine(seen.address, 300))
		for thing := range things(seen.body) {
			if all++; shown < all-1 {
				continue
			}
			line := head + compactJSON(thin(decoded(thing))) + "\n"
			if shown == 0 || text.Len()+len(line) <= room {
				text.WriteString(line)
				head, shown = "", all
			}
		}
	}
	return text.String(), shown, all
}

// things are the elements of a list. A list inside an object, as of search,
// comes after what else the object says. They are given one by one, since what
// is decoded takes many times its size.
func things(body json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		list, around := page(body)
		if around != nil && !yield(around) || list == nil {
			return
		}
		elements := json.NewDecoder(bytes.NewReader(list))
		_, err := elements.Token()
		for err == nil && elements.More() {
			var element json.RawMessage
			if err = elements.Decode(&element); err == nil && !yield(element) {
				return
			}
		}
	}
}

// page is the list that was asked for, and what is said around it; nil: neither.
func page(body json.RawMessage) (list, around json.RawMessage) {
	if bytes.HasPrefix(body, []byte("[")) {
		return body, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || !isPage(object) {
		return nil, body
	}
	for name, value := range object {
		if bytes.HasPrefix(value, []byte("[")) {
			list = value
			delete(object, name)
		}
	}
	// What was decoded can be encoded.
	around, _ = json.Marshal(object)
	return list, around
}

// decoded is nil for what isn't JSON.
func decoded(raw json.RawMessage) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil
	}
	return value
}

// isPage tells whether a list in the object is what was asked for: then there
// is little beside it but how many there are.
func isPage(body map[string]json.RawMessage) bool {
	_, isCounted := body["total_count"]
	return isCounted && len(body) <= 3
}

// thin leaves out what is empty, addresses for machines and second names of the
// same thing.
func thin(value any) any {
	object, isObject := value.(map[string]any)
	if !isObject {
		return shortened(value)
	}
	kept := map[string]any{}
	for name, value := range object {
		if isNoise(name) {
			continue
		}
		if value = nameOnly(name, shortened(value), object); !isEmpty(value) {
			kept[name] = value
		}
	}
	return kept
}

func isNoise(name string) bool {
	switch name {
	case "node_id", "gravatar_id", "_links", "url", "temp_clone_token", "secret":
		return true
	case "html_url", "browser_download_url", "target_url", "details_url":
		return false
	}
	return strings.HasSuffix(name, "_url")
}

func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	case map[string]any:
		count, counts := value["total_count"]
		return len(value) == 0 || counts && count == json.Number("0")
	}
	return false
}

// nameOnly writes an account, a repository or a label inside something else as
// its name.
func nameOnly(field string, value any, around map[string]any) any {
	object, isObject := value.(map[string]any)
	if !isObject {
		return value
	}
	if login, isAccount := object["login"].(string); isAccount {
		association, _ := around["author_association"].(string)
		if field != "user" || isInsider(association) {
			return "@" + login
		}
		return "@" + login + " (outsider)"
	}
	if full, isRepository := object["full_name"].(string); isRepository {
		return full
	}
	return object
}

// shortened is thin for what is inside a list, and bounds every text.
func shortened(value any) any {
	switch value := value.(type) {
	case string:
		text := []rune(clean(value))
		if len(text) > maxDetailText {
			return fmt.Sprintf("%s… (%s characters more)", string(text[:maxDetailText]), thousands(len(text)-maxDetailText))
		}
		return string(text)
	case []any:
		all := make([]any, len(value))
		for i, element := range value {
			all[i] = nameOnly("", thin(element), nil)
		}
		return all
	case map[string]any:
		return thin(value)
	}
	return value
}

func compactJSON(value any) string {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(line.String(), "\n")
}

// add keeps an answer; nil stands for one that isn't to be shown in full.
func (s *sightings) add(seen *sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen == nil || seen.body == nil {
		s.others = true
		return
	}
	s.all = append(s.all, *seen)
}
