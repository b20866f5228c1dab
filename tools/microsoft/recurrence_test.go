package microsoft_test

import (
	"strings"
	"testing"
)

// TestRecurrence: rules of RFC 5545 as Graph's patterns, whose examples and
// required properties are those of
// https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern; and
// what is made of one is read back as the same rule.
func TestRecurrence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ start, rule, pattern, span, read string }{
		{"2026-10-26", "FREQ=DAILY;INTERVAL=3", `{"interval":3,"type":"daily"}`, `"type":"noEnd"`, "FREQ=DAILY;INTERVAL=3"},
		{"2026-10-26", "RRULE:freq=daily;count=5", `{"interval":1,"type":"daily"}`, `"numberOfOccurrences":5`, "FREQ=DAILY;COUNT=5"},
		{"2026-10-26", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;WKST=SU", `{"daysOfWeek":["monday","tuesday"],"firstDayOfWeek":"sunday","interval":2,"type":"weekly"}`, `"noEnd"`, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;WKST=SU"},
		{"2026-10-26", "FREQ=WEEKLY", `{"daysOfWeek":["monday"],"firstDayOfWeek":"monday","interval":1,"type":"weekly"}`, `"startDate":"2026-10-26"`, "FREQ=WEEKLY;BYDAY=MO"},
		{"2026-10-15", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15", `{"dayOfMonth":15,"interval":3,"type":"absoluteMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15"},
		{"2026-10-15", "FREQ=MONTHLY", `{"dayOfMonth":15,"interval":1,"type":"absoluteMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYMONTHDAY=15"},
		{"2026-11-12", "FREQ=MONTHLY;BYDAY=2TH", `{"daysOfWeek":["thursday"],"index":"second","interval":1,"type":"relativeMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2"},
		{"2026-10-30", "FREQ=MONTHLY;BYDAY=-1FR", `{"daysOfWeek":["friday"],"index":"last","interval":1,"type":"relativeMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1"},
		{"2026-11-02", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", `{"daysOfWeek":["monday","tuesday","wednesday","thursday","friday"],"index":"first","interval":1,"type":"relativeMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"},
		{"2026-10-30", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", `{"daysOfWeek":["monday","tuesday","wednesday","thursday","friday"],"index":"last","interval":1,"type":"relativeMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
		{"2026-10-31", "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1", `{"daysOfWeek":["sunday","monday","tuesday","wednesday","thursday","friday","saturday"],"index":"last","interval":1,"type":"relativeMonthly"}`, `"noEnd"`, "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1"},
		{"2027-03-31", "FREQ=YEARLY", `{"dayOfMonth":31,"interval":1,"month":3,"type":"absoluteYearly"}`, `"noEnd"`, "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31"},
		{"2027-03-15", "FREQ=YEARLY;INTERVAL=3", `{"dayOfMonth":15,"interval":3,"month":3,"type":"absoluteYearly"}`, `"noEnd"`, "FREQ=YEARLY;INTERVAL=3;BYMONTH=3;BYMONTHDAY=15"},
		{"2026-11-12", "FREQ=YEARLY;BYMONTH=11;BYDAY=2TH;UNTIL=20301231", `{"daysOfWeek":["thursday"],"index":"second","interval":1,"month":11,"type":"relativeYearly"}`, `"endDate":"2030-12-31"`, "FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=2;UNTIL=20301231"},
		{"2026-10-26", "FREQ=DAILY;UNTIL=20261031T233000Z", `{"interval":1,"type":"daily"}`, `"endDate":"2026-11-01"`, "FREQ=DAILY;UNTIL=20261101"},
	} {
		p := practise(t)
		p.says("microsoft_event_write", `{"action":"create","title":"x","start":"`+c.start+`T09:00","zone":"Europe/Berlin","recurrence":"`+c.rule+`"}`, "recurs: RRULE:"+c.read+"\n")
		recurrence := p.last().body(t)["recurrence"].(map[string]any)
		if got := compact(t, recurrence["pattern"]); got != c.pattern {
			t.Errorf("%s\n got %s\nwant %s", c.rule, got, c.pattern)
		}
		if got := compact(t, recurrence["range"]); !strings.Contains(got, c.span) || !strings.Contains(got, `"recurrenceTimeZone":"Europe/Berlin","startDate":"`+c.start) {
			t.Errorf("%s: range %s", c.rule, got)
		}
		p.says("microsoft_events", `{"from":"`+c.start+`","to":"`+c.start+`T12:00Z","zone":"Europe/Berlin"}`, "09:00–10:00 \"x\"; recurring")
	}
}

// TestBadRecurrence: a rule that Microsoft's calendar can't have is refused, and
// nothing like it is made instead.
func TestBadRecurrence(t *testing.T) {
	t.Parallel()
	p := practise(t)
	for rule, want := range map[string]string{
		"every day":                            `'recurrence' must be a rule like FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231; "EVERY DAY" is no part of one`,
		"FREQ=DAILY;FREQ=WEEKLY":               `"FREQ=WEEKLY" is no part of one`,
		"FREQ=DAILY;":                          `"" is no part of one`,
		"INTERVAL=2":                           "must begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
		"FREQ=HOURLY":                          "must begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
		"FREQ=WEEKLY;BYHOUR=9":                 "'recurrence' can't have BYHOUR in Microsoft's calendar; it takes FREQ, INTERVAL",
		"FREQ=DAILY;INTERVAL=0":                "INTERVAL must be from 1 to 99",
		"FREQ=DAILY;COUNT=0":                   "COUNT must be from 1 to 999",
		"FREQ=DAILY;COUNT=2;UNTIL=20261231":    "ends by COUNT or by UNTIL, not by both",
		"FREQ=DAILY;UNTIL=2026-12-31":          "UNTIL must be a day from the first one on, like 20270126",
		"FREQ=DAILY;UNTIL=20261025":            "UNTIL must be a day from the first one on",
		"FREQ=DAILY;BYDAY=MO":                  "Microsoft's calendar knows no BYDAY with FREQ=DAILY",
		"FREQ=WEEKLY;BYDAY=1MO":                "BYDAY of a week has no numbers",
		"FREQ=WEEKLY;BYDAY=XX":                 "BYDAY takes SU, MO, TU, WE, TH, FR and SA",
		"FREQ=WEEKLY;BYDAY=TU":                 "'start' must be on one of the days of 'recurrence'; 2026-10-26, a Monday, is not",
		"FREQ=WEEKLY;BYMONTHDAY=26":            "knows no BYMONTHDAY with FREQ=WEEKLY",
		"FREQ=MONTHLY;BYDAY=MO":                "say which one of the month, like BYDAY=2TU or BYDAY=-1FR",
		"FREQ=MONTHLY;BYDAY=5MO":               `the 1st to 4th, or the last by -1, got "5"`,
		"FREQ=MONTHLY;BYDAY=1MO,3MO":           "takes one numbered day",
		"FREQ=MONTHLY;BYDAY=4MO;BYMONTHDAY=26": "takes BYDAY or BYMONTHDAY, not both",
		"FREQ=MONTHLY;BYDAY=3MO":               "'start' must be on one of the days",
		"FREQ=MONTHLY;BYMONTHDAY=-1":           "BYMONTHDAY must be one number from 1 to 31",
		"FREQ=MONTHLY;BYMONTHDAY=1,15":         "BYMONTHDAY must be one number from 1 to 31",
		"FREQ=MONTHLY;BYMONTHDAY=27":           "'start' must be on one of the days",
		"FREQ=YEARLY;BYMONTH=11":               "'start' must be on one of the days",
		"FREQ=YEARLY;BYMONTH=13":               "BYMONTH must be one number from 1 to 12",
		"FREQ=MONTHLY;BYSETPOS=1":              `the last by -1, got "1"`,
		"FREQ=WEEKLY;WKST=XX":                  `WKST takes SU, MO, TU, WE, TH, FR or SA, got "XX"`,
	} {
		p.refuses("microsoft_event_write", `{"action":"create","title":"x","start":"2026-10-26T09:00","zone":"Europe/Berlin","recurrence":"`+rule+`"}`, want)
	}
	for start, rule := range map[string]string{"2027-01-29": "FREQ=MONTHLY", "2027-01-30": "FREQ=MONTHLY;BYMONTHDAY=30", "2027-01-31": "FREQ=MONTHLY;INTERVAL=2", "2028-02-29": "FREQ=YEARLY"} {
		p.refuses("microsoft_event_write", `{"action":"create","title":"x","start":"`+start+`","recurrence":"`+rule+`"}`, "'recurrence': not every month has a day "+start[8:], "which RFC 5545 then leaves out", "BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1")
	}
	p.refuses("microsoft_event_write", `{"action":"create","title":"x","start":"2026-10-26T09:00Z","recurrence":"FREQ=DAILY"}`, "what recurs needs 'zone', such as Europe/Berlin, so that it keeps its hour all year")
	if n := p.requests(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestRuleOfOthers: what was made elsewhere reads as the rule that has the same
// days, by Graph's defaults and Exchange's short months
// (https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/dayofmonth).
func TestRuleOfOthers(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		`{"type":"weekly","interval":2,"daysOfWeek":["sunday","monday"],"firstDayOfWeek":"sunday"}`: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
		`{"type":"weekly","interval":2,"daysOfWeek":["sunday","monday"]}`:                           "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
		`{"type":"weekly","interval":2,"daysOfWeek":["sunday"],"firstDayOfWeek":"monday"}`:          "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
		`{"type":"daily","interval":1,"firstDayOfWeek":"sunday"}`:                                   "FREQ=DAILY",
		`{"type":"absoluteMonthly","interval":1,"dayOfMonth":28}`:                                   "FREQ=MONTHLY;BYMONTHDAY=28",
		`{"type":"absoluteMonthly","interval":1,"dayOfMonth":30}`:                                   "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
		`{"type":"absoluteMonthly","interval":1,"dayOfMonth":31}`:                                   "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
		`{"type":"absoluteYearly","interval":1,"dayOfMonth":29,"month":2}`:                          "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
		`{"type":"absoluteYearly","interval":1,"dayOfMonth":31,"month":12}`:                         "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31",
	} {
		p := practise(t)
		p.answers("GET", "me/events/AAA=", 200, `{"id":"AAA=","webLink":"https://outlook.office365.com/","originalStartTimeZone":"UTC","start":{"dateTime":"2027-01-03T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-01-03T10:00:00","timeZone":"UTC"},"recurrence":{"pattern":`+pattern+`,"range":{"type":"noEnd","startDate":"2027-01-03"}}}`)
		p.says("microsoft_events", `{"id":"AAA="}`, "recurs: RRULE:"+want+"\n")
	}
}
