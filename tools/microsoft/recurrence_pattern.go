package microsoft

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readPattern reads on which days an event recurs, which are the first one's
// where the rule doesn't say.
func readPattern(parts map[string]string, r *recurrence, first time.Time, _ *time.Location) error {
	p := &r.Pattern
	days, index, err := weekDays(parts)
	if err != nil {
		return err
	}
	month, day, err := monthAndDay(parts, first)
	if err != nil {
		return err
	}
	uses := map[string][]string{
		"DAILY": {}, "WEEKLY": {"BYDAY", "WKST"}, "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"}, "YEARLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH"},
	}
	frequency := parts["FREQ"]
	if uses[frequency] == nil {
		return fmt.Errorf("'recurrence' must begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, like %s", ruleExample)
	}
	for _, name := range []string{"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"} {
		if parts[name] != "" && !slices.Contains(uses[frequency], name) && name != "WKST" {
			return fmt.Errorf("'recurrence': Microsoft's calendar knows no %s with FREQ=%s", name, frequency)
		}
	}
	isRelative := len(days) > 0
	switch {
	case frequency == "DAILY":
		p.Type = "daily"
	case frequency == "WEEKLY" && index != "":
		return fmt.Errorf("'recurrence': BYDAY of a week has no numbers, like BYDAY=MO,WE")
	case frequency == "WEEKLY":
		return p.readWeek(days, cmp.Or(parts["WKST"], "MO"), first)
	case isRelative && parts["BYMONTHDAY"] != "":
		return fmt.Errorf("'recurrence' takes BYDAY or BYMONTHDAY, not both")
	case isRelative && index == "":
		return fmt.Errorf("'recurrence': say which one of the month, like BYDAY=2TU or BYDAY=-1FR")
	case isRelative:
		p.Type, p.DaysOfWeek, p.Index = "relative", days, index
	default:
		p.Type, p.DayOfMonth = "absolute", day
	}
	switch {
	case frequency == "MONTHLY":
		p.Type += "Monthly"
	case frequency == "YEARLY":
		p.Type, p.Month = p.Type+"Yearly", month
	}
	return nil
}

// readWeek reads on which days of a week, and on which one that begins.
func (p *pattern) readWeek(days []string, begin string, first time.Time) error {
	if len(days) == 0 {
		days = []string{strings.ToLower(first.Weekday().String())}
	}
	i := slices.IndexFunc(graphDays(), func(name string) bool { return ruleDay(name) == begin })
	if i < 0 {
		return fmt.Errorf("'recurrence': WKST takes SU, MO, TU, WE, TH, FR or SA, got %.20q", begin)
	}
	p.Type, p.DaysOfWeek, p.FirstDayOfWeek = "weekly", days, graphDays()[i]
	return nil
}

// weekDays reads BYDAY, and which of them it is: by a number before a day or by
// BYSETPOS.
func weekDays(parts map[string]string) (days []string, index string, err error) {
	numbers := map[string]string{"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
	position := parts["BYSETPOS"]
	for item := range strings.SplitSeq(parts["BYDAY"], ",") {
		if parts["BYDAY"] == "" {
			break
		}
		i := slices.IndexFunc(graphDays(), func(name string) bool { return strings.HasSuffix(item, ruleDay(name)) })
		if i < 0 {
			return nil, "", fmt.Errorf("'recurrence': BYDAY takes SU, MO, TU, WE, TH, FR and SA, got %.20q", item)
		}
		days = append(days, graphDays()[i])
		if number := strings.TrimPrefix(item[:len(item)-2], "+"); number != "" {
			if position != "" || strings.Contains(parts["BYDAY"], ",") {
				return nil, "", fmt.Errorf("'recurrence': Microsoft's calendar takes one numbered day, like BYDAY=2TU, or BYDAY=MO,TU;BYSETPOS=1")
			}
			position = number
		}
	}
	if position == "" {
		return days, "", nil
	}
	if index = numbers[position]; index == "" || len(days) == 0 {
		return nil, "", fmt.Errorf("'recurrence': a day of BYDAY is the 1st to 4th, or the last by -1, got %.20q", position)
	}
	return days, index, nil
}

// monthAndDay reads BYMONTH and BYMONTHDAY.
func monthAndDay(parts map[string]string, first time.Time) (month, day int, err error) {
	month, day = int(first.Month()), first.Day()
	for _, part := range []struct {
		name string
		most int
		into *int
	}{{"BYMONTH", 12, &month}, {"BYMONTHDAY", 31, &day}} {
		value, has := parts[part.name]
		if !has {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > part.most {
			return 0, 0, fmt.Errorf("'recurrence': %s must be one number from 1 to %d, got %.20q", part.name, part.most, value)
		}
		*part.into = n
	}
	return month, day, nil
}

// has tells whether a day fits the pattern, so that a series begins where its
// first event is said to.
func (p pattern) has(day time.Time) bool {
	weekday := strings.ToLower(day.Weekday().String())
	switch p.Type {
	case "daily":
		return true
	case "weekly":
		return slices.Contains(p.DaysOfWeek, weekday)
	}
	inMonth := p.Month == 0 || p.Month == int(day.Month())
	if strings.HasPrefix(p.Type, "absolute") {
		return inMonth && p.DayOfMonth == day.Day()
	}
	return inMonth && slices.Contains(p.DaysOfWeek, weekday) && p.isIndexed(day)
}

// isIndexed counts the days of the pattern in a month until this one, or after
// it.
func (p pattern) isIndexed(day time.Time) bool {
	step, wanted := -1, position(p.Index)
	if p.Index == "last" {
		step, wanted = 1, 1
	}
	n := 0
	for d := day; d.Month() == day.Month(); d = d.AddDate(0, 0, step) {
		if slices.Contains(p.DaysOfWeek, strings.ToLower(d.Weekday().String())) {
			n++
		}
	}
	return n == wanted
}
