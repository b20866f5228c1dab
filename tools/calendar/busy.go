package calendar

import (
	"slices"
	"time"
)

// Span is a time from Start until before End.
type Span struct{ Start, End time.Time }

// Join puts spans in order, and those together that touch or overlap. Spans
// without length are left out.
func Join(spans []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return !s.End.After(s.Start) })
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	var joined []Span
	for _, s := range sorted {
		last := len(joined) - 1
		switch {
		case last < 0 || s.Start.After(joined[last].End):
			joined = append(joined, s)
		case s.End.After(joined[last].End):
			joined[last].End = s.End
		}
	}
	return joined
}

// Gaps are the times in a span that none of the busy ones take.
func Gaps(in Span, busy []Span) []Span {
	var gaps []Span
	for _, s := range Join(busy) {
		if !s.End.After(in.Start) || !s.Start.Before(in.End) {
			continue
		}
		if s.Start.After(in.Start) {
			gaps = append(gaps, Span{in.Start, s.Start})
		}
		in.Start = s.End
	}
	if in.End.After(in.Start) {
		gaps = append(gaps, in)
	}
	return gaps
}
