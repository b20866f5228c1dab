package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// occurrenceMark stands between the id of a series and the day of one of its occurrences.
const occurrenceMark = "_OID_"

// within are the event, or the occurrences of a series, that overlap a window.
func (e *graphEvent) within(from, to time.Time) []object {
	var all []object
	take := func(o object) {
		start, _ := graphMoment(o["start"])
		end, _ := graphMoment(o["end"])
		if o != nil && start.Before(to) && end.After(from) {
			all = append(all, o)
		}
	}
	if e.object["recurrence"] == nil {
		take(e.object)
		return all
	}
	for _, day := range e.days(to) {
		take(e.occurrence(day))
	}
	return all
}

// days are those of a series until a moment, as https://learn.microsoft.com/en-us/graph/api/resources/recurrencerange bounds them.
func (e *graphEvent) days(until time.Time) []string {
	recurrence := e.object["recurrence"].(object)
	pattern, span := recurrence["pattern"].(object), recurrence["range"].(object)
	first, err := time.Parse(time.DateOnly, text(span["startDate"]))
	last, err2 := time.Parse(time.DateOnly, text(span["endDate"]))
	most := number(span["numberOfOccurrences"])
	if err != nil {
		return nil
	}
	var days []string
	for day := first; !day.After(until.AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		if span["type"] == "endDate" && (err2 != nil || day.After(last)) || span["type"] == "numbered" && len(days) >= most {
			break
		}
		if recurs(pattern, first, day) {
			days = append(days, day.Format(time.DateOnly))
		}
	}
	return days
}

// recurs tells whether a day is one of a pattern's (https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern).
func recurs(pattern object, first, day time.Time) bool {
	interval := max(number(pattern["interval"]), 1)
	months := (day.Year()-first.Year())*12 + int(day.Month()) - int(first.Month())
	isMonth := number(pattern["month"]) == int(day.Month()) && (day.Year()-first.Year())%interval == 0
	switch pattern["type"] {
	case "daily":
		return int(day.Sub(first).Hours()/24)%interval == 0
	case "weekly":
		begin := time.Weekday(max(0, slices.Index(weekdays(), text(pattern["firstDayOfWeek"]))))
		weeks := int(weekOf(day, begin).Sub(weekOf(first, begin)).Hours() / 24 / 7)
		return weeks%interval == 0 && isWeekday(pattern, day)
	case "absoluteMonthly":
		return months%interval == 0 && isDayOfMonth(pattern, day)
	case "relativeMonthly":
		return months%interval == 0 && isWeekday(pattern, day) && isIndex(text(pattern["index"]), day)
	case "absoluteYearly":
		return isMonth && isDayOfMonth(pattern, day)
	case "relativeYearly":
		return isMonth && isWeekday(pattern, day) && isIndex(text(pattern["index"]), day)
	}
	return false
}

func weekdays() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

func weekOf(day time.Time, begin time.Weekday) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday()-begin)+7)%7)
}

// isDayOfMonth takes the last day of a month that is shorter
// (https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/dayofmonth).
func isDayOfMonth(pattern object, day time.Time) bool {
	last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return day.Day() == min(number(pattern["dayOfMonth"]), last)
}

func isWeekday(pattern object, day time.Time) bool {
	wanted, _ := pattern["daysOfWeek"].([]any)
	return slices.ContainsFunc(wanted, func(name any) bool { return strings.EqualFold(text(name), day.Weekday().String()) })
}

func isIndex(index string, day time.Time) bool {
	if index == "last" {
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return (day.Day()-1)/7 == max(0, slices.Index([]string{"first", "second", "third", "fourth"}, index))
}

// occurrence is the one of a series on a day; nil if there is none, or none any more.
func (e *graphEvent) occurrence(day string) object {
	date, err := time.Parse(time.DateOnly, day)
	recurrence, isSeries := e.object["recurrence"].(object)
	if err != nil || !isSeries || !slices.Contains(e.days(date), day) {
		return nil
	}
	if moved, is := e.moved[day]; is {
		return moved
	}
	o := maps.Clone(e.object)
	first, _ := time.Parse(time.DateOnly, text(recurrence["range"].(object)["startDate"]))
	days := int(date.Sub(first).Hours() / 24)
	for _, end := range []string{"start", "end"} {
		t, _ := graphClock(o[end], time.UTC)
		o[end] = object{"dateTime": t.AddDate(0, 0, days).Format("2006-01-02T15:04:05"), "timeZone": zoneName(o[end])}
	}
	o["id"], o["seriesMasterId"], o["type"], o["recurrence"] = text(e.object["id"])+occurrenceMark+day, e.object["id"], "occurrence", nil
	return o
}

func number(value any) int {
	switch n := value.(type) {
	case float64:
		return int(n)
	case int:
		return n
	}
	return 0
}
