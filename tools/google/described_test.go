package google_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// describedBy is the module that holds Google's description of its API, and the
// version that .ci/run downloads. It is none that this module needs.
const describedBy = "google.golang.org/api@v0.311.0"

// schema is a JSON Schema as the discovery format has it.
// https://developers.google.com/discovery/v1/type-format
type schema struct {
	Ref                  string `json:"$ref"`
	Type, Format         string
	Enum                 []string
	Properties           map[string]schema
	AdditionalProperties *schema
	Items                *schema
	Required             bool
	Repeated             bool
	Location             string
}

type method struct {
	HTTPMethod, Path  string
	Parameters        map[string]schema
	Request, Response struct {
		Ref string `json:"$ref"`
	}
}

// description is the part of a discovery document that matters here.
type description struct {
	ServicePath string
	Parameters  map[string]schema
	Schemas     map[string]schema
	Resources   map[string]struct{ Methods map[string]method }
}

func readDescription() (*description, error) {
	download := exec.Command("go", "mod", "download", "-json", describedBy)
	download.Dir = os.TempDir()
	output, err := download.Output()
	if err != nil {
		return nil, fmt.Errorf("downloading %s: %w: %s", describedBy, err, output)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(output, &module); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "calendar", "v3", "calendar-api.json"))
	if err != nil {
		return nil, err
	}
	d := &description{}
	return d, json.Unmarshal(text, d)
}

// check holds every request against the description, and every answer of the
// practice calendar.
func (l *ledger) check() error {
	d, err := readDescription()
	if err != nil {
		return err
	}
	var faults []error
	asked := map[string]bool{}
	for _, e := range l.all {
		name, m, found := d.find(e)
		if !found {
			faults = append(faults, fmt.Errorf("%s %s: no such method", e.method, e.path))
			continue
		}
		asked[name] = true
		for _, fault := range append(d.query(m, e), append(d.body(m, e), d.answer(m, e)...)...) {
			faults = append(faults, fmt.Errorf("%s: %s %s?%s %s: %s", name, e.method, e.path, e.query, e.body, fault))
		}
	}
	for _, name := range []string{"calendarList.list", "events.list", "events.get", "events.insert", "events.patch", "events.delete", "freebusy.query"} {
		if !asked[name] {
			faults = append(faults, fmt.Errorf("%s was never asked for", name))
		}
	}
	fmt.Printf("%d requests held against Google's description in %s\n", len(l.all), describedBy)
	return errors.Join(faults[:min(len(faults), 20)]...)
}

func (d *description) find(e exchange) (string, method, bool) {
	for resource, r := range d.Resources {
		for name, m := range r.Methods {
			pattern := "^/" + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(d.ServicePath+m.Path, "[^/]+") + "$"
			if m.HTTPMethod == e.method && regexp.MustCompile(pattern).MatchString(e.path) {
				return resource + "." + name, m, true
			}
		}
	}
	return "", method{}, false
}

func (d *description) query(m method, e exchange) []string {
	var faults []string
	query, err := url.ParseQuery(e.query)
	if err != nil {
		return []string{err.Error()}
	}
	for name, values := range query {
		s, known := m.Parameters[name]
		if !known || s.Location != "query" {
			if s, known = d.Parameters[name]; !known {
				faults = append(faults, "no query parameter "+name)
				continue
			}
		}
		if len(values) > 1 && !s.Repeated {
			faults = append(faults, name+" is given twice")
		}
		for _, value := range values {
			faults = append(faults, d.text(s, value, name)...)
		}
		if name == "fields" {
			faults = append(faults, d.selected(schema{Ref: m.Response.Ref}, value(values))...)
		}
	}
	return faults
}

func value(values []string) string { return values[0] }

// text is a value in an address.
func (d *description) text(s schema, value, at string) []string {
	var parsed any = value
	switch s.Type {
	case "integer":
		n, err := strconv.Atoi(value)
		if err != nil {
			return []string{at + " is no integer"}
		}
		parsed = json.Number(strconv.Itoa(n))
	case "boolean":
		if value != "true" && value != "false" {
			return []string{at + " is no boolean"}
		}
		parsed = value == "true"
	}
	return d.fits(s, parsed, at)
}

func decodeJSON(text string) (value any, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

func (d *description) body(m method, e exchange) []string {
	if e.body == "" {
		if m.Request.Ref != "" {
			return []string{"no body"}
		}
		return nil
	}
	sent, err := decodeJSON(e.body)
	switch {
	case m.Request.Ref == "":
		return []string{"a body is sent"}
	case err != nil:
		return []string{err.Error()}
	}
	return d.fits(schema{Ref: m.Request.Ref}, sent, "body")
}

func (d *description) answer(m method, e exchange) []string {
	if e.made || e.status/100 != 2 {
		return nil
	}
	if m.Response.Ref == "" {
		if e.status != http.StatusNoContent || e.answer != "" {
			return []string{fmt.Sprintf("answer %d %s, where there is none", e.status, e.answer)}
		}
		return nil
	}
	got, err := decodeJSON(e.answer)
	if err != nil {
		return []string{err.Error()}
	}
	return d.fits(schema{Ref: m.Response.Ref}, got, "answer")
}

func (d *description) resolve(s schema) schema {
	if s.Ref != "" {
		return d.Schemas[s.Ref]
	}
	return s
}

// fits says where a value is another than the schema has it. null takes a field
// out.
func (d *description) fits(s schema, value any, at string) []string {
	s = d.resolve(s)
	wrong := []string{fmt.Sprintf("%s is %v, want %s %s %v", at, value, s.Type, s.Format, s.Enum)}
	switch value := value.(type) {
	case nil:
		return nil
	case bool:
		if s.Type != "boolean" {
			return wrong
		}
	case json.Number:
		if _, err := value.Int64(); s.Type != "integer" || err != nil {
			return wrong
		}
	case string:
		if s.Type != "string" || len(s.Enum) > 0 && !slices.Contains(s.Enum, value) || !hasFormat(s.Format, value) {
			return wrong
		}
	case []any:
		if s.Type != "array" {
			return wrong
		}
		var faults []string
		for i, element := range value {
			faults = append(faults, d.fits(*s.Items, element, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return faults
	case map[string]any:
		return d.fitsObject(s, value, at)
	}
	return nil
}

func (d *description) fitsObject(s schema, value map[string]any, at string) []string {
	var faults []string
	for name, field := range value {
		property, known := s.Properties[name]
		switch {
		case s.Type != "object":
			return []string{at + " is an object"}
		case known:
			faults = append(faults, d.fits(property, field, at+"."+name)...)
		case s.AdditionalProperties != nil:
			faults = append(faults, d.fits(*s.AdditionalProperties, field, at+"."+name)...)
		default:
			faults = append(faults, at+" has no "+name)
		}
	}
	return faults
}

func hasFormat(format, value string) bool {
	var err error
	switch format {
	case "date":
		_, err = time.Parse(time.DateOnly, value)
	case "date-time":
		_, err = time.Parse(time.RFC3339, value)
	}
	return err == nil
}

// selected says which of the fields asked for there are not.
func (d *description) selected(s schema, fields string) []string {
	s = d.resolve(s)
	if s.Type == "array" {
		s = d.resolve(*s.Items)
	}
	var faults []string
	for fields != "" {
		end := strings.IndexAny(fields, ",(/")
		if end < 0 {
			end = len(fields)
		}
		name := fields[:end]
		property, known := s.Properties[name]
		if !known {
			faults = append(faults, "no field "+name+" to ask for")
		}
		fields = fields[end:]
		below := ""
		switch {
		case strings.HasPrefix(fields, "("):
			below, fields = bracketed(fields)
		case strings.HasPrefix(fields, "/"):
			after := strings.IndexByte(fields, ',')
			if inner := strings.IndexByte(fields, '('); inner >= 0 && (after < 0 || inner < after) {
				closed := inner + strings.IndexByte(fields[inner:], ')') + 1
				below, fields = fields[1:closed], fields[closed:]
			} else if after >= 0 {
				below, fields = fields[1:after], fields[after:]
			} else {
				below, fields = fields[1:], ""
			}
		}
		if below != "" && known {
			faults = append(faults, d.selected(property, below)...)
		}
		fields = strings.TrimPrefix(fields, ",")
	}
	return faults
}

// bracketed splits what is inside the brackets at the beginning from what is
// behind them.
func bracketed(text string) (inside, behind string) {
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[1:i], text[i+1:]
			}
		}
	}
	return text[1:], ""
}

// TestDescriptionCatches: a check that finds nothing wrong anywhere is none.
func TestDescriptionCatches(t *testing.T) {
	t.Parallel()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("Google's description is needed: VALET_TEST_REAL=1")
	}
	d, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	const events = "/calendar/v3/calendars/primary/events"
	for name, e := range map[string]exchange{
		"a parameter that isn't": {method: "GET", path: events, query: "maxResult=1"},
		"an integer":             {method: "GET", path: events, query: "maxResults=many"},
		"a value":                {method: "GET", path: events, query: "orderBy=start"},
		"a time":                 {method: "GET", path: events, query: "timeMin=2026-10-24"},
		"a field":                {method: "GET", path: events, query: "fields=items(id,title)"},
		"a field below":          {method: "GET", path: events, query: "fields=items/conferenceData/entryPoints(entryPointType,url)"},
		"a body's field":         {method: "POST", path: events, body: `{"title":"x"}`},
		"a body's type":          {method: "POST", path: events, body: `{"attendees":{"email":"x"}}`},
		"a body's date":          {method: "POST", path: events, body: `{"start":{"date":"24.10.2026"}}`},
		"an answer's field":      {method: "GET", path: events, status: 200, answer: `{"items":[{"title":"x"}]}`},
		"an answer's type":       {method: "GET", path: events, status: 200, answer: `{"items":[{"sequence":"x"}]}`},
	} {
		_, m, found := d.find(e)
		if faults := append(d.query(m, e), append(d.body(m, e), d.answer(m, e)...)...); !found || len(faults) != 1 {
			t.Errorf("%s: %v, %v", name, found, faults)
		}
	}
	if _, _, found := d.find(exchange{method: "PUT", path: "/calendar/v3/freeBusy"}); found {
		t.Error("a method that there is not")
	}
}
