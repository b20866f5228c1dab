package calendar

import (
	"fmt"
	"time"
	// Windows has no time zones that Go could read, nor has a container made from
	// nothing. They make the program 450 kB larger.
	_ "time/tzdata"

	"github.com/valetkey/valetkey/tools/rest"
)

// Zone finds a time zone by its name in the IANA database, such as
// Europe/Berlin, or the one Windows has for it. This machine's own, which Go
// calls Local, is none.
func Zone(name string) (*time.Location, error) {
	if name != "" && name != "Local" {
		for _, known := range []string{name, windowsZones()[name]} {
			if zone, err := time.LoadLocation(known); err == nil && known != "" {
				return zone, nil
			}
		}
	}
	return nil, fmt.Errorf("%q is no time zone; give one such as Europe/Berlin or UTC", rest.OneLine(name, 60))
}

// CheckZone says what keeps an argument from being a time zone; "" is for none.
func CheckZone(argument, name string) []string {
	if name == "" {
		return nil
	}
	if _, err := Zone(name); err != nil {
		return []string{fmt.Sprintf("'%s': %v", argument, err)}
	}
	return nil
}

// at is when clocks in a zone show the time that wall has in UTC: the first time
// if they do so twice, and if never, by the offset before the gap (RFC 5545
// §3.3.5).
func at(wall time.Time, zone *time.Location) time.Time {
	var first time.Time
	for i, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if i == 0 {
			first = t
		}
		if naive(t).Equal(wall) {
			return t
		}
	}
	return first
}

// naive is what a clock shows, as if it were in UTC.
func naive(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// offset is how far a zone is from UTC at a moment, such as +02:00.
func offset(t time.Time) string { return t.Format("-07:00") }
