package jq

import (
	"errors"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"
)

// doubled is a small value with 2⁴⁰ parts, since they are the same ones.
const doubled = `reduce range(40) as $i (1; [.,.]) | `

// attack is a program with a step that nothing inside its process can stop, and
// how it ends: which of two limits it meets first is the machine's business.
type attack struct {
	source string
	ends   []error
}

func attacks() []attack {
	memory, late := []error{ErrMemory}, []error{ErrTime}
	either := []error{ErrMemory, ErrTime}
	return []attack{
		{doubled + `tojson`, either},
		{doubled + `tostring`, either},
		{doubled + `flatten`, either},
		{doubled + `[paths]`, either},
		{`reduce range(100000000) as $i (.; [.]) | tojson`, either},
		{`"x" * 10000000 | [match(".";"g")] | length`, either},
		{`"x" * 10000000 | gsub("x";"yyyyyyyyyy") | length`, either},
		{`("%A" * 2000000) as $f | 0 | strftime($f) * 9 | length`, either},
		{`[range(100000000)] | length`, either},
		{`def f: [f]; f`, either},
		{`reduce range(40) as $i ("x"; .+.)`, memory},
		{`"x" * 1000000000 | length`, memory},
		{`"x" * 20000000 | explode | length`, memory},
		{`"x" * 10000000 | split("") | length`, memory},
		{`.[536870911] = 1 | length`, either},
		{doubled + `. == (` + doubled + `.)`, late},
		{doubled + `[.,(` + doubled + `.)] | sort | length`, late},
		{doubled + `[.,(` + doubled + `.)] | unique | length`, late},
		{`def f: f; f`, late},
	}
}

// limits let an attack meet the one that it has to.
func (a attack) limits() Filter {
	f := Filter{Source: a.source, Most: 100, Time: 300 * time.Millisecond, Memory: 64 * mebibyte}
	if !slices.Contains(a.ends, ErrTime) {
		f.Time = patience
	}
	return f
}

// held is how much memory this process holds.
func held() uint64 {
	runtime.GC()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64()
}

// allocated is how much memory this process has taken in its life.
func allocated() uint64 {
	var all runtime.MemStats
	runtime.ReadMemStats(&all)
	return all.TotalAlloc
}

// Every one of them ends, and what it takes it takes from its own process.
func TestAttacks(t *testing.T) {
	if _, _, err := filtered(t, ".", "1", 10); err != nil {
		t.Fatal(err)
	}
	before, total := held(), allocated()
	for _, a := range attacks() {
		got, isCut, err := a.limits().Run(t.Context(), strings.NewReader("null"))
		isWanted := func(want error) bool { return errors.Is(err, want) }
		if !slices.ContainsFunc(a.ends, isWanted) || got != "" || isCut {
			t.Errorf("%s: %.100q, %v; want: %v", a.source, got, err, a.ends)
		}
	}
	if after, more := held(), allocated()-total; after > before+mebibyte || more > 8*mebibyte {
		t.Errorf("this process holds %d bytes, and %d before; it took %d in between", after, before, more)
	}
}
