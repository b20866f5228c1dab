package microsoft

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recurrence is Graph's way of saying how an event recurs.
// https://learn.microsoft.com/en-us/graph/api/resources/patternedrecurrence
type recurrence struct {
	Pattern pattern `json:"pattern"`
	Range   bounds  `json:"range"`
}

// pattern holds only what its type needs.
// https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern
type pattern struct {
	Type           string   `json:"type"`
	Interval       int      `json:"interval"`
	DaysOfWeek     []string `json:"daysOfWeek,omitempty"`
	FirstDayOfWeek string   `json:"firstDayOfWeek,omitempty"`
	Index          string   `json:"index,omitempty"`
	DayOfMonth     int      `json:"dayOfMonth,omitempty"`
	Month          int      `json:"month,omitempty"`
}

// bounds are from the first day to the last one, or for so many times.
// https://learn.microsoft.com/en-us/graph/api/resources/recurrencerange
type bounds struct {
	Type      string `json:"type"`
	StartDate string `json:"startDate"`
	EndDate   string `json:"endDate,omitempty"`
	Count     int    `json:"numberOfOccurrences,omitempty"`
	Zone      string `json:"recurrenceTimeZone,omitempty"`
}

// ruleDay is what RFC 5545 calls a day of the week.
func ruleDay(day string) string { return strings.ToUpper(day[:min(2, len(day))]) }

func graphDays() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

func indexes() []string { return []string{"first", "second", "third", "fourth", "last"} }

// rule writes it as RFC 5545 §3.3.10 does.
func (r recurrence) rule() string {
	p := r.Pattern
	frequencies := map[string]string{
		"daily": "DAILY", "weekly": "WEEKLY", "absoluteMonthly": "MONTHLY", "relativeMonthly": "MONTHLY", "absoluteYearly": "YEARLY", "relativeYearly": "YEARLY",
	}
	parts := []string{"FREQ=" + frequencies[p.Type]}
	if p.Interval > 1 {
		parts = append(parts, "INTERVAL="+strconv.Itoa(p.Interval))
	}
	var days []string
	for _, day := range p.DaysOfWeek {
		days = append(days, ruleDay(day))
	}
	if strings.HasSuffix(p.Type, "Yearly") {
		parts = append(parts, "BYMONTH="+strconv.Itoa(p.Month))
	}
	switch {
	case p.Type == "weekly", strings.HasPrefix(p.Type, "relative"):
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	case p.mayBeShort():
		// RFC 5545 leaves out a month without the day, Exchange takes its last one.
		parts = append(parts, "BYMONTHDAY="+strings.Join([]string{"28", "29", "30", "31"}[:p.DayOfMonth-27], ","), "BYSETPOS=-1")
	case strings.HasPrefix(p.Type, "absolute"):
		parts = append(parts, "BYMONTHDAY="+strconv.Itoa(p.DayOfMonth))
	}
	if strings.HasPrefix(p.Type, "relative") {
		parts = append(parts, "BYSETPOS="+strconv.Itoa(position(p.Index)))
	}
	// A week begins on Monday in RFC 5545, and on Sunday with Graph.
	if first := cmp.Or(p.FirstDayOfWeek, "sunday"); p.Type == "weekly" && first != "monday" {
		parts = append(parts, "WKST="+ruleDay(first))
	}
	switch r.Range.Type {
	case "endDate":
		parts = append(parts, "UNTIL="+strings.ReplaceAll(r.Range.EndDate, "-", ""))
	case "numbered":
		parts = append(parts, "COUNT="+strconv.Itoa(r.Range.Count))
	}
	return "RRULE:" + strings.Join(parts, ";")
}

// mayBeShort tells whether the pattern is for a day that not every month, or not
// every February, has; Exchange takes the last one there.
// https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/dayofmonth
func (p pattern) mayBeShort() bool {
	isMonthly, isFebruary := p.Type == "absoluteMonthly", p.Type == "absoluteYearly" && p.Month == 2
	return p.DayOfMonth > 28 && p.DayOfMonth <= 31 && (isMonthly || isFebruary)
}

// position is an index as a number: the last is -1.
func position(index string) int {
	if index == "last" {
		return -1
	}
	return max(slices.Index(indexes(), index), 0) + 1
}

// beginning is the recurrence from another day on, with what its end needs: Graph
// gives a day 0001-01-01 where there is none.
func (r recurrence) beginning(first time.Time) *recurrence {
	r.Range.StartDate = first.Format(time.DateOnly)
	if r.Range.Type != "endDate" {
		r.Range.EndDate = ""
	}
	return &r
}

// parseRule reads a rule of RFC 5545 for an event that begins on a day, as far as
// Graph can do it. zone is what an end in UTC is put into.
func parseRule(rule string, first time.Time, zone *time.Location) (*recurrence, error) {
	parts, err := ruleParts(rule)
	if err != nil {
		return nil, err
	}
	r := &recurrence{Range: bounds{Type: "noEnd", StartDate: first.Format(time.DateOnly)}}
	r.Pattern.Interval = 1
	for _, read := range []func(map[string]string, *recurrence, time.Time, *time.Location) error{readInterval, readEnd, readPattern} {
		if err := read(parts, r, first, zone); err != nil {
			return nil, err
		}
	}
	if !r.Pattern.has(first) {
		return nil, fmt.Errorf("'start' must be on one of the days of 'recurrence'; %s, a %s, is not", first.Format(time.DateOnly), first.Weekday())
	}
	if r.Pattern.mayBeShort() {
		return nil, fmt.Errorf("'recurrence': not every month has a day %d, which RFC 5545 then leaves out; Microsoft's calendar takes the last day instead; for that of every month give FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1, else a day up to 28", r.Pattern.DayOfMonth)
	}
	return r, nil
}

const ruleExample = "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231"

// ruleParts takes a rule apart.
func ruleParts(rule string) (map[string]string, error) {
	known := []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(rule)), "RRULE:"), ";") {
		name, value, found := strings.Cut(part, "=")
		switch _, again := parts[name]; {
		case !found || value == "" || again:
			return nil, fmt.Errorf("'recurrence' must be a rule like %s; %.40q is no part of one", ruleExample, part)
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("'recurrence' can't have %.20s in Microsoft's calendar; it takes %s", name, strings.Join(known, ", "))
		}
		parts[name] = value
	}
	return parts, nil
}

func readInterval(parts map[string]string, r *recurrence, _ time.Time, _ *time.Location) error {
	if value, has := parts["INTERVAL"]; has {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 99 {
			return fmt.Errorf("'recurrence': INTERVAL must be from 1 to 99, got %.20q", value)
		}
		r.Pattern.Interval = n
	}
	return nil
}

// readEnd reads until when it recurs: a day, or a moment in UTC.
func readEnd(parts map[string]string, r *recurrence, first time.Time, zone *time.Location) error {
	count, hasCount := parts["COUNT"]
	until, hasUntil := parts["UNTIL"]
	switch {
	case hasCount && hasUntil:
		return fmt.Errorf("'recurrence' ends by COUNT or by UNTIL, not by both")
	case hasCount:
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > 999 {
			return fmt.Errorf("'recurrence': COUNT must be from 1 to 999, got %.20q", count)
		}
		r.Range.Type, r.Range.Count = "numbered", n
	case hasUntil:
		last, err := time.Parse("20060102", until)
		if moment, failed := time.Parse("20060102T150405Z", until); failed == nil {
			last, err = moment.In(zone), nil
		}
		if err != nil || last.Format(time.DateOnly) < r.Range.StartDate {
			return fmt.Errorf("'recurrence': UNTIL must be a day from the first one on, like %s, got %.20q", first.AddDate(0, 3, 0).Format("20060102"), until)
		}
		r.Range.Type, r.Range.EndDate = "endDate", last.Format(time.DateOnly)
	}
	return nil
}
