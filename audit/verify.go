package audit

import (
	"context"
	"fmt"
)

// Report is what [Verify] has found.
type Report struct {
	Records int `json:"records"`
	Files   int `json:"files"`
	// Head is the hash of the last record, which all others hang on; "": there is none.
	Head string `json:"head,omitempty"`
	// Broken is the first place where the chain isn't whole; nil: it is.
	Broken *Fault `json:"broken,omitempty"`
	// Torn are lines that are no records, as a crash or a full disk leaves them, and that
	// the record behind them vouches for.
	Torn []Place `json:"torn,omitempty"`
	// Emptied tells that there is no record, but what a log leaves that had some.
	Emptied bool `json:"emptied,omitempty"`
	// Known tells whether the hash that was asked about is that of a record here.
	Known bool `json:"known,omitempty"`
}

// Fault is a place in the log and what is wrong there.
type Fault struct {
	Place
	What string `json:"what"`
}

func (f Fault) String() string { return f.Place.String() + ": " + f.What }

// Verify goes through the chain in a folder from its beginning to its end, as it is at this
// moment, and looks for the record with a hash; "": for none.
func Verify(ctx context.Context, folder, hash string) (Report, error) {
	all, err := openAll(ctx, folder)
	if err != nil {
		return Report{}, err
	}
	defer all.Close()
	v := verifier{Report: Report{Files: len(all)}, sought: hash}
	for next, err := range all.lines() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return v.Report, err
		}
		v.take(next)
	}
	v.Emptied = v.last == nil && (len(all) > 0 || hasLock(folder))
	if len(v.odd) > 0 {
		v.breakAt(v.odd[0], "from here on nothing is a record: a crash, a full disk or somebody has cut off the end")
	}
	return v.Report, nil
}

// verifier goes from line to line.
type verifier struct {
	Report
	sought string
	last   *line
	// next is what the next record has to name.
	next string
	// odd are the lines since the last record, which are none.
	odd []Place
}

func (v *verifier) take(next line) {
	if next.fault != nil {
		v.odd = append(v.odd, next.Place)
	} else {
		v.Records++
		v.follow(next)
		v.Head, v.odd = next.hash, nil
		v.Known = v.Known || next.hash == v.sought
	}
	v.next = next.after(v.next)
	next.text = nil
	v.last = &next
}

// follow holds a record against the lines before it.
func (v *verifier) follow(next line) {
	switch {
	case next.record.Prev == v.next:
		v.Torn = append(v.Torn, v.odd...)
	case len(v.odd) > 0:
		v.breakAt(v.odd[0], "it is no record, and not what the next one was written behind: it or a record before it was changed or removed, or it was added")
	case v.last == nil:
		v.breakAt(next.Place, "it follows a record that isn't here: what came before was removed")
	default:
		v.breakAt(next.Place, fmt.Sprintf("it doesn't follow the record before it, %s: that one was changed, or records were removed, added or moved between them", v.last.Place))
	}
}

func (v *verifier) breakAt(at Place, what string) {
	if v.Broken == nil {
		v.Broken = &Fault{at, what}
	}
}
