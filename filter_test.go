package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestFilterInTheProgram: the program starts itself for a filter, and one that
// would take all memory takes nothing from the server.
func TestFilterInTheProgram(t *testing.T) {
	t.Parallel()
	p := startPractice(t)
	s := serve(t, with(p.env, "VALET_TOOLSETS=api", "GITHUB_TOKEN="+p.IssueToken("repo")))
	s.initialize()
	for _, c := range []struct {
		jq, want string
		isError  bool
	}{
		{`.login`, "GET user: 200\n\nmona-example", false},
		{`.[0]`, "github: the jq filter stopped: expected an array but got: object", true},
		{`reduce range(40) as $i ("x"; .+.)|length`, "github: the jq filter ", true}, // too much memory, or too slow to get there
		{`$ENV`, "GET user: 200\n\n{}", false},
	} {
		text, isError := s.call("github_api", fmt.Sprintf(`{"path":"user","jq":%q}`, c.jq))
		if isError != c.isError || !strings.HasPrefix(text, c.want) || isError && !strings.Contains(text, "; ") {
			t.Errorf("%s: %s", c.jq, text)
		}
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// BenchmarkFilter: what a call takes longer with a filter than without, turn and
// turn about. 25 ms at most.
func BenchmarkFilter(b *testing.B) {
	p, _ := benchServer(b, "VALET_TOOLSETS=api")
	var plain, filtered, difference []time.Duration
	for b.Loop() {
		begin := time.Now()
		p.ask(apiLine(`{"path":"user"}`))
		between := time.Now()
		if answer := p.ask(apiLine(`{"path":"user","jq":".login"}`)); !strings.Contains(answer, `200\n\nmona-example\n[end of untrusted`) {
			b.Fatal(answer)
		}
		end := time.Now()
		plain, filtered = append(plain, between.Sub(begin)), append(filtered, end.Sub(between))
		difference = append(difference, end.Sub(between)-between.Sub(begin))
	}
	report(b, milliseconds(median(difference)), "ms/more")
	b.ReportMetric(milliseconds(median(plain)), "ms/plain")
	b.ReportMetric(milliseconds(median(filtered)), "ms/filtered")
	p.end()
}

func apiLine(arguments string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"github_api","arguments":` + arguments + `}}`
}
