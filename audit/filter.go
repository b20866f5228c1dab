package audit

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Filter says which records are wanted; its zero value: all.
type Filter struct {
	Since time.Time
	// Tool, Service, Host and Decision are patterns as of [path.Match], for which a
	// slash is like any other character.
	Tool, Service, Host, Decision string
	// Refused: only what wasn't let through.
	Refused bool
	// Last is how many there are at most, the last ones; 0: any number.
	Last int
	// Phases: the two records of a call that has two are both wanted. Otherwise they
	// are one, with the outcome unfinished as long as the second isn't there.
	Phases bool
}

// unfinished is the outcome of a call whose end nobody has written down.
const unfinished = "unfinished"

// Entry is a record, and the line it was read from.
type Entry struct {
	Record
	Line []byte
}

// Read answers the records that are wanted, oldest first, and how many lines are no
// records. Without a log in the folder there are none.
func Read(ctx context.Context, folder string, f Filter) (found []Entry, unreadable int, err error) {
	all, err := openAll(ctx, folder)
	if err != nil {
		return nil, 0, err
	}
	defer all.Close()
	open := map[string]begun{}
	number := 0
	for next, err := range all.lines() {
		number++
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, unreadable, err
		}
		entry := Entry{next.record, next.text}
		switch {
		case next.fault != nil:
			unreadable++
		case !f.Phases && entry.Phase == Begun:
			entry.Outcome = unfinished
			open[entry.Call] = begun{number, entry.kept()}
		default:
			delete(open, entry.Call)
			found = f.add(found, entry)
		}
	}
	for _, each := range slices.SortedFunc(maps.Values(open), func(one, other begun) int { return one.at - other.at }) {
		if f.wants(each.Record) {
			found = append(found, each.Entry)
		}
	}
	slices.SortStableFunc(found, func(one, other Entry) int { return one.Time.Compare(other.Time.Time) })
	return f.last(found), unreadable, nil
}

// begun is a call without an end so far, and where it lies among all lines.
type begun struct {
	at int
	Entry
}

// kept is the entry for longer than the next line.
func (e Entry) kept() Entry {
	e.Line = bytes.Clone(e.Line)
	return e
}

// add keeps no more than twice what is wanted.
func (f Filter) add(found []Entry, entry Entry) []Entry {
	if !f.wants(entry.Record) {
		return found
	}
	if f.Last > 0 && len(found) >= 2*f.Last {
		found = append(found[:0], f.last(found)...)
	}
	return append(found, entry.kept())
}

func (f Filter) last(found []Entry) []Entry {
	if f.Last > 0 && len(found) > f.Last {
		return found[len(found)-f.Last:]
	}
	return found
}

func (f Filter) wants(r Record) bool {
	return fits(f.Tool, r.Tool) && fits(f.Service, r.Service) && fits(f.Host, r.Host) && fits(f.Decision, r.Decision) &&
		!r.Time.Before(f.Since) && (!f.Refused || r.Decision != "" && !r.WasLet())
}

// fits compares without regard to capitals. A pattern that is none fits nothing.
func fits(pattern, text string) bool {
	matches, _ := path.Match(unslashed(pattern), unslashed(text))
	return pattern == "" || matches
}

// unslashed has a control character for each slash, which * would stop at.
func unslashed(text string) string {
	return strings.ReplaceAll(strings.ToLower(text), "/", "\x00")
}
