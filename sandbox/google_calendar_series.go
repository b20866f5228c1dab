package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rule is the part of RFC 5545 §3.3.10 that the practice calendar knows.
type rule struct {
	frequency       string
	interval, count int
	until           time.Time
	days            []time.Weekday
	except          []string
}

var errRule = errors.New("not a rule that the practice calendar knows")

// ruleOf reads the lines of a recurrence; nil: there is none.
func ruleOf(lines []any) (*rule, error) {
	var found *rule
	var except []string
	for _, line := range lines {
		name, value, _ := strings.Cut(text(line), ":")
		kind, _, _ := strings.Cut(name, ";")
		switch kind {
		case "RRULE":
			r, err := parseRule(value)
			if err != nil || found != nil {
				return nil, errRule
			}
			found = r
		case "EXDATE":
			except = append(except, strings.Split(value, ",")...)
		default:
			return nil, errRule
		}
	}
	if found != nil {
		found.except = except
	} else if len(lines) > 0 {
		return nil, errRule
	}
	return found, nil
}

func parseRule(value string) (*rule, error) {
	r := &rule{interval: 1}
	days := map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
	for part := range strings.SplitSeq(value, ";") {
		name, value, _ := strings.Cut(part, "=")
		var err error
		switch name {
		case "FREQ":
			r.frequency = value
		case "INTERVAL":
			r.interval, err = strconv.Atoi(value)
		case "COUNT":
			r.count, err = strconv.Atoi(value)
		case "UNTIL":
			if r.until, err = time.Parse("20060102T150405Z", value); err != nil {
				r.until, err = time.Parse("20060102", value)
			}
		case "BYDAY":
			for day := range strings.SplitSeq(value, ",") {
				weekday, known := days[day]
				if !known {
					return nil, errRule
				}
				r.days = append(r.days, weekday)
			}
		case "WKST":
		default:
			return nil, errRule
		}
		if err != nil {
			return nil, errRule
		}
	}
	if !slices.Contains([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}, r.frequency) || r.interval < 1 || len(r.days) > 0 && r.frequency != "WEEKLY" {
		return nil, errRule
	}
	return r, nil
}

// starts are the beginnings of the occurrences before a moment, as clocks in the event's zone show them.
func (r *rule) starts(first, before time.Time) []time.Time {
	var all []time.Time
	monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	for day := 0; ; day++ {
		t := first.AddDate(0, 0, day)
		if !t.Before(before) || !r.until.IsZero() && t.After(r.until) || r.count > 0 && len(all) == r.count {
			return all
		}
		weeks := int(t.Sub(monday).Hours()+12) / (7 * 24)
		months := (t.Year()-first.Year())*12 + int(t.Month()-first.Month())
		is := false
		switch r.frequency {
		case "DAILY":
			is = day%r.interval == 0
		case "WEEKLY":
			is = weeks%r.interval == 0 && (slices.Contains(r.days, t.Weekday()) || len(r.days) == 0 && t.Weekday() == first.Weekday())
		case "MONTHLY":
			is = t.Day() == first.Day() && months%r.interval == 0
		case "YEARLY":
			is = t.Day() == first.Day() && t.Month() == first.Month() && months/12%r.interval == 0
		}
		if is {
			all = append(all, t)
		}
	}
}

// startOf and endOf are moments of an event; days begin at midnight in the zone.
func startOf(fields object, zone *time.Location) time.Time { return momentOf(fields["start"], zone) }
func endOf(fields object, zone *time.Location) time.Time   { return momentOf(fields["end"], zone) }

func momentOf(value any, zone *time.Location) time.Time {
	moment, _ := value.(object)
	if day, err := time.ParseInLocation(time.DateOnly, text(moment["date"]), zone); err == nil {
		return day
	}
	if t, err := time.Parse(time.RFC3339, text(moment["dateTime"])); err == nil {
		return t
	}
	own, err := time.LoadLocation(text(moment["timeZone"]))
	if err != nil {
		own = zone
	}
	t, _ := time.ParseInLocation("2006-01-02T15:04:05", text(moment["dateTime"]), own)
	return t
}

// between are the event, or its occurrences if they are wanted, that are not over before from and begin before to.
func (e *practiceEvent) between(from, to time.Time, single bool, zone *time.Location) []object {
	all := []object{e.fields}
	switch {
	case e.recurs() && single:
		all = e.occurrences(to.Add(48 * time.Hour))
	case e.recurs() && (from.IsZero() || len(e.between(from, earlier(to, from.AddDate(1, 0, 0)), true, zone)) > 0):
		return all
	}
	return slices.DeleteFunc(all, func(fields object) bool {
		start, end := startOf(fields, zone), endOf(fields, zone)
		return !start.Before(to) || !end.After(from) && !(start.Equal(end) && start.Equal(from))
	})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// occurrences are those that begin before a moment, each with an id of its own.
func (e *practiceEvent) occurrences(before time.Time) []object {
	if text(e.fields["status"]) == "cancelled" {
		return nil
	}
	lines, _ := e.fields["recurrence"].([]any)
	start, _ := e.fields["start"].(object)
	r, err := ruleOf(lines)
	if err != nil || r == nil {
		return nil
	}
	zone, err := time.LoadLocation(text(start["timeZone"]))
	if err != nil {
		zone = time.UTC
	}
	isDay := text(start["date"]) != ""
	first := momentOf(e.fields["start"], zone).In(zone)
	length := momentOf(e.fields["end"], zone).Sub(first)
	var all []object
	for _, begin := range r.starts(first, before) {
		suffix := begin.UTC().Format("20060102T150405Z")
		if isDay {
			suffix = begin.Format("20060102")
		}
		if slices.Contains(r.except, suffix) || slices.Contains(r.except, begin.Format("20060102T150405")) {
			continue
		}
		if changed, is := e.changed[e.id()+"_"+suffix]; is {
			all = append(all, changed)
			continue
		}
		all = append(all, e.occurrenceAt(suffix, begin, length, isDay))
	}
	return all
}

func (e *practiceEvent) occurrenceAt(suffix string, begin time.Time, length time.Duration, isDay bool) object {
	o := object{}
	add(o, e.fields)
	delete(o, "recurrence")
	start, end := object{"date": begin.Format(time.DateOnly)}, object{"date": begin.AddDate(0, 0, int((length.Hours()+12)/24)).Format(time.DateOnly)}
	if !isDay {
		zone := begin.Location().String()
		start = object{"dateTime": begin.Format(time.RFC3339), "timeZone": zone}
		end = object{"dateTime": begin.Add(length).Format(time.RFC3339), "timeZone": zone}
	}
	add(o, object{"id": e.id() + "_" + suffix, "recurringEventId": e.id(), "originalStartTime": start, "start": start, "end": end})
	return o
}

// occurrence finds the one with an id.
func (e *practiceEvent) occurrence(id, suffix string) (object, bool) {
	begin, err := time.Parse("20060102T150405Z", suffix)
	if err != nil {
		begin, err = time.Parse("20060102", suffix)
	}
	if err != nil || begin.Year() > 2100 {
		return nil, false
	}
	for _, fields := range e.occurrences(begin.Add(48 * time.Hour)) {
		if text(fields["id"]) == id {
			return fields, true
		}
	}
	return nil, false
}

// freeBusy tells when calendars are taken. What an event leaves free, or its owner has declined, doesn't count.
func (g *googleCalendar) freeBusy(r *http.Request) reply {
	var asked struct {
		TimeMin, TimeMax time.Time
		TimeZone         string
		Items            []struct{ ID string }
	}
	if !decode(r, &asked) || asked.TimeMin.IsZero() || asked.TimeMax.IsZero() {
		return googleRefusal(http.StatusBadRequest, "required", "Required")
	}
	zone, err := time.LoadLocation(asked.TimeZone)
	if err != nil {
		return googleRefusal(http.StatusBadRequest, "invalid", "Invalid time zone: "+asked.TimeZone)
	}
	if !asked.TimeMax.After(asked.TimeMin) {
		return googleRefusal(http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty.")
	}
	calendars := object{}
	for _, item := range asked.Items {
		c := g.find(item.ID)
		if c == nil {
			calendars[item.ID] = object{"errors": []object{{"domain": "global", "reason": "notFound"}}, "busy": []object{}}
			continue
		}
		calendars[item.ID] = object{"busy": g.busy(c, asked.TimeMin, asked.TimeMax, zone)}
	}
	return ok(object{"kind": "calendar#freeBusy", "timeMin": stamp(asked.TimeMin), "timeMax": stamp(asked.TimeMax), "calendars": calendars})
}

func (g *googleCalendar) busy(c *practiceCalendar, from, to time.Time, zone *time.Location) []object {
	busy := []object{}
	for _, e := range c.events {
		for _, fields := range e.between(from, to, true, c.location()) {
			if text(fields["status"]) == "cancelled" || text(fields["transparency"]) == "transparent" || g.declined(fields) {
				continue
			}
			start, end := startOf(fields, c.location()), endOf(fields, c.location())
			busy = append(busy, object{"start": start.In(zone).Format(time.RFC3339), "end": end.In(zone).Format(time.RFC3339)})
		}
	}
	return busy
}

func (g *googleCalendar) declined(fields object) bool {
	list, _ := fields["attendees"].([]any)
	return slices.ContainsFunc(list, func(one any) bool {
		o, _ := one.(object)
		return text(o["email"]) == g.address() && text(o["responseStatus"]) == "declined"
	})
}
