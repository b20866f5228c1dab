package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestAuditOfManyHosts: what eight servers at once did, each for a host with many calls
// in flight, is one whole chain with every call in it once; and so is what another had
// answered before it was killed.
func TestAuditOfManyHosts(t *testing.T) {
	t.Parallel()
	const hosts, inFlight = 8, 125
	calls := rounds(2, 10)
	p, _ := auditedPractice(t)
	var servers []*server
	for range hosts + 1 {
		s := serve(t, p.env)
		s.initialize()
		servers = append(servers, s)
	}
	answered := map[any]int{}
	for round := range calls {
		for host, s := range servers {
			for i := range inFlight {
				s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"%d-%d-%d","method":"tools/call","params":{"name":"github_issue_write","arguments":{"action":"comment","repo":"a/b","number":1,"body":"x","dry_run":true}}}`, host, round, i))
			}
		}
		if len(servers) > hosts {
			killed := servers[hosts]
			servers = servers[:hosts]
			for range inFlight / 5 {
				answered[killed.receive()["id"]]++
			}
			if err := killed.process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range servers {
			for range inFlight {
				answered[s.receive()["id"]]++
			}
		}
	}
	for _, s := range servers {
		s.end()
	}
	written, lines := p.writtenDown(t)
	for id, times := range answered {
		if times != 1 || written[id] != 1 {
			t.Errorf("call %s was answered %d times and is there %d times", id, times, written[id])
		}
	}
	whole := hosts * calls * inFlight
	if len(answered) != whole+inFlight/5 || len(written) != lines || len(written) > whole+inFlight {
		t.Errorf("%d calls were answered, and %d of them written down in %d lines", len(answered), len(written), lines)
	}
	if got := run(t, p.env, "", "audit", "verify"); got.code != 0 || !strings.Contains(got.stdout, fmt.Sprintf("%d records in ", len(written))) {
		t.Errorf("%+v", got)
	}
}

// writtenDown counts the records in the log of each call, and its lines.
func (p practice) writtenDown(t *testing.T) (calls map[any]int, lines int) {
	t.Helper()
	calls = map[any]int{}
	for line := range strings.Lines(run(t, p.env, "", "audit", "--json", "-n", "0").stdout) {
		var record struct{ Request, Outcome string }
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.Outcome != "ok" {
			t.Fatalf("%v: %s", err, line)
		}
		calls[record.Request]++
		lines++
	}
	return calls, lines
}
