package audit_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/audit"
)

// TestRead: what is asked for is found, oldest first, and the two records of one call are
// one unless both are wanted.
func TestRead(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "audit")
	log := logIn(folder)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i, r := range []audit.Record{
		{Request: "a", Tool: "github_issue", Service: "github", Host: "one", Decision: audit.Allowed, Outcome: "ok"},
		{Request: "b", Tool: "google_events", Service: "google", Host: "two", Decision: "stop", Outcome: "error"},
		{Request: "c", Tool: "github_issue_write", Service: "github", Host: "two", Phase: audit.Begun, Call: "1", Decision: ""},
		{Request: "d", Tool: "github_issue_write", Service: "github", Host: "two", Phase: audit.Begun, Call: "2", Decision: ""},
		{Request: "c", Tool: "github_issue_write", Service: "github", Host: "two", Phase: audit.Done, Call: "1", Decision: audit.Confirmed, Outcome: "ok"},
		{Request: "e", Tool: "resources/read", Service: "gitlab", Host: "a/b", Decision: audit.Allowed, Outcome: "ok"},
	} {
		r.Time = audit.Time{Time: at.Add(time.Duration(i) * time.Minute)}
		if err := log.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for want, f := range map[string]audit.Filter{
		"a:ok b:error d:unfinished c:ok e:ok": {},
		"a:ok b:error c: d: c:ok e:ok":        {Phases: true},
		"c:ok e:ok":                           {Last: 2},
		"d: c:ok e:ok":                        {Last: 3, Phases: true},
		"e:ok":                                {Last: 1},
		"d:unfinished c:ok":                   {Tool: "github_*_write"},
		"b:error":                             {Service: "GOOGLE"},
		"b:error d:unfinished c:ok":           {Host: "two"},
		"c:ok":                                {Decision: "confirmed"},
		"b:error ":                            {Refused: true},
		"c:ok e:ok ":                          {Since: at.Add(4 * time.Minute)},
		"e:ok ":                               {Tool: "resources/read"},
		"e:ok  ":                              {Tool: "Resources*"},
		"e:ok   ":                             {Tool: "*read"},
		"e:ok    ":                            {Tool: "resources[^a-z]r?ad"},
		"e:ok     ":                           {Host: "A*B"},
		"":                                    {Tool: "[", Last: 3},
	} {
		entries, unreadable, err := audit.Read(t.Context(), folder, f)
		if err != nil || unreadable != 0 {
			t.Errorf("%+v: %d, %v", f, unreadable, err)
		}
		var got []string
		for _, entry := range entries {
			got = append(got, entry.Request+":"+entry.Outcome)
			if !strings.Contains(string(entry.Line), `"request":"`+entry.Request+`"`) {
				t.Errorf("%s has the line %s", entry.Request, entry.Line)
			}
		}
		if text := strings.Join(got, " "); text != strings.TrimSpace(want) {
			t.Errorf("%+v: %s, want %s", f, text, want)
		}
	}
}

// TestUnfinishedInOrder: calls without an end, of one moment, are in the order of the
// file, and don't take the place of later ones.
func TestUnfinishedInOrder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "audit")
	log, at := logIn(folder), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	var names []string
	for i := range 30 {
		name := strconv.Itoa(i)
		names = append(names, name)
		if err := log.Append(t.Context(), audit.Record{Time: audit.Time{Time: at}, Request: name, Tool: "t", Phase: audit.Begun, Call: name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"last but one", "last"} {
		at = at.Add(time.Minute)
		names = append(names, name)
		if err := log.Append(t.Context(), audit.Record{Time: audit.Time{Time: at}, Request: name, Tool: "t", Outcome: "ok"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, most := range []int{0, 1, 2, 5, 40} {
		entries, _, err := audit.Read(t.Context(), folder, audit.Filter{Last: most})
		if err != nil {
			t.Fatal(err)
		}
		want := names
		if most > 0 {
			want = names[max(0, len(names)-most):]
		}
		var got []string
		for _, entry := range entries {
			got = append(got, entry.Request)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the last %d are %q, want %q", most, got, want)
		}
	}
}
