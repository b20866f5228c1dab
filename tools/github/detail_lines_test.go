package github

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestDetailStopsAtItsRoom: what there is no room for is counted and not
// decoded, which would take many times its size. It isn't parallel, since it
// counts what is allocated.
func TestDetailStopsAtItsRoom(t *testing.T) {
	const each, n = 200, 1000
	element := `{"a":[` + strings.Repeat(`{},`, each) + `{"b":1}],"c":"x"}`
	body := json.RawMessage(`{"total_count":1000,"items":[` + strings.Repeat(element+",", n-1) + element + `]}`)
	allocated := testing.AllocsPerRun(1, func() {
		seen := &sightings{}
		seen.add(&sighting{"repos/o/r", body})
		if lines, shown, all := seen.lines(100); shown != 1 || all != n+1 || lines != "\nGET repos/o/r\n{\"total_count\":1000}\n" {
			t.Errorf("%d of %d: %.200s", shown, all, lines)
		}
	})
	if allocated > each*n/10 {
		t.Errorf("%.0f allocations", allocated)
	}
}
