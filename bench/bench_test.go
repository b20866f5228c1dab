package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestTable runs the whole program, small: valetkey, valetkey again as another
// server, and one that isn't there.
func TestTable(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, executable("valetkey"))
	if err := build(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	questions := filepath.Join(home, "questions.json")
	text, err := json.Marshal(map[string]any{"valetkey": ourQuestions()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(questions, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = run(t.Context(), []string{
		"-n", "3", "-log", "1", "-valetkey", path, "-questions", questions, "-server", "nobody=valetkey-that-is-not-there serve",
		"-env", "VALET_STORE=memory", "-env", "GITHUB_HOST={{host}}", "-env", "GITHUB_TOKEN=example-token", "-env", "GITHUB_TOOLSETS=all",
		"--", path, "serve",
	}, &out, io.Discard)
	if err != nil {
		t.Error(err)
	}
	missing := rowNames()
	for line := range strings.Lines(out.String()) {
		cells := strings.Split(line, " | ")
		name := strings.TrimPrefix(cells[0], "| ")
		row := slices.Index(missing, name)
		if row < 0 {
			continue
		}
		missing = slices.Delete(missing, row, row+1)
		checkRow(t, name, cells)
	}
	if len(missing) > 0 {
		t.Errorf("no rows for %q in\n%s", missing, out.String())
	}
	if heading := "3 calls one at a time, 30 with 30 in flight;"; !strings.Contains(out.String(), heading) || !strings.Contains(out.String(), "\n| who am I, 30 in flight: a second |") {
		t.Errorf("no heading %q, or no row with the same, in\n%s", heading, out.String())
	}
	if note := "] nobody: exec: \"valetkey-that-is-not-there\""; !strings.Contains(out.String(), note) {
		t.Errorf("no note %q in\n%s", note, out.String())
	}
}

func rowNames() []string {
	var names []string
	for _, s := range steps(3) {
		for _, r := range s.rows {
			names = append(names, r.name)
		}
	}
	return names
}

// checkRow: name, the API, valetkey, all of it, nobody, and valetkey as another.
func checkRow(t *testing.T, name string, cells []string) {
	t.Helper()
	if len(cells) != 6 {
		t.Errorf("%s: %q", name, cells)
		return
	}
	all, nobody, again := cells[3], cells[4], strings.TrimSuffix(cells[5], " |\n")
	if !strings.HasPrefix(nobody, "–") {
		t.Errorf("%s: a server that isn't there has %s", name, nobody)
	}
	measured := runtime.GOOS == "linux" || !strings.Contains(name, "memory")
	if measured && strings.HasPrefix(all, "–") || measured != !strings.HasPrefix(again, "–") {
		t.Errorf("%s: %q", name, cells)
	}
	if strings.Contains(name, "bytes") && again != all {
		t.Errorf("%s: the same server has %s and %s", name, all, again)
	}
	if strings.HasSuffix(name, ": sent by the API, MB") && strings.HasPrefix(all, "0.") {
		t.Errorf("%s: %s", name, all)
	}
}

// TestUnasked: why a cell is empty is said once with the server's name.
func TestUnasked(t *testing.T) {
	t.Parallel()
	_, err := (&client{}).answer(t.Context(), server{name: "other"}, askMe)
	if err == nil {
		t.Fatal("it answers what nobody asked")
	}
	var out strings.Builder
	unasked := table{rows: []row{{name: askMe}}, columns: []column{{name: "other", figures: []figure{{fault: err}}}}}
	if err := unasked.write(&out); err != nil || !strings.HasSuffix(out.String(), "\n| who am I | – [1] |\n\n[1] other: nobody said how to ask this; see -questions\n") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestOverBudget: a figure over its limit is an error, and so is none at all.
func TestOverBudget(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "free"}, {name: "limited", limit: 6000}}
	of := func(own bool, f figure) error {
		return (&table{rows: rows, columns: []column{{name: "it", own: own, figures: []figure{{value: 1e9}, f}}}}).overBudget()
	}
	if err := of(true, inBytes(6000)); err != nil {
		t.Error(err)
	}
	if err := of(false, inBytes(6001)); err != nil {
		t.Errorf("another server has a budget: %v", err)
	}
	if err := of(true, inBytes(6001)); err == nil || !strings.Contains(err.Error(), "it: limited: 6,001 (1,500), and 6,000 at most") {
		t.Errorf("over the limit: %v", err)
	}
	if err := of(true, figure{fault: io.ErrUnexpectedEOF}); runtime.GOOS == "linux" && err == nil {
		t.Error("nothing measured, and within the limit")
	}
}

// TestRealSizes: 30 pull requests are as long as GitHub's own answer, of which
// github/github-mcp-server#1934 says 508 kB.
func TestRealSizes(t *testing.T) {
	t.Parallel()
	bodies, err := makeBodies("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(bodies[repoPath+"/pulls"].text); n < 450_000 || n > 570_000 {
		t.Errorf("30 pull requests have %d bytes", n)
	}
}

// TestLargeLog: a part of it is that part of the whole, wherever it begins.
func TestLargeLog(t *testing.T) {
	t.Parallel()
	log := newLog(1e6)
	whole, err := io.ReadAll(log.open())
	if err != nil || len(whole) < 1e6 || !strings.HasSuffix(string(whole), "exit code 1.\n") {
		t.Fatalf("%d bytes: %v", len(whole), err)
	}
	for _, at := range []int64{0, 1, int64(len(log.block)) - 1, log.middle - 3, log.middle, log.middle + 5, int64(len(whole)) - 1} {
		part := log.open()
		if _, err := part.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(part); err != nil || string(rest) != string(whole[at:]) {
			t.Errorf("from %d: %d bytes of %d: %v", at, len(rest), len(whole), err)
		}
	}
}

// TestOthers: what another server is started with, and what is refused.
func TestOthers(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "example-of-mine")
	o := options{servers: []string{"one=npx thing {{api}}"}, command: []string{"/bin/two.exe", "a b"}, variables: []string{"HOST={{host}}"}}
	servers, err := o.others()
	if err != nil || len(servers) != 2 {
		t.Fatalf("%v: %v", servers, err)
	}
	one, two := servers[0].at("http://127.0.0.1:1"), servers[1].at("http://127.0.0.1:1")
	if got := strings.Join(one.command, "|"); one.name != "one" || got != "npx|thing|http://127.0.0.1:1/api/v3/" {
		t.Errorf("%s: %s", one.name, got)
	}
	if got := strings.Join(two.command, "|"); two.name != "two" || got != "/bin/two.exe|a b" {
		t.Errorf("%s: %s", two.name, got)
	}
	environment := strings.Join(two.environment, "\n")
	if !strings.Contains(environment, "HOST=http://127.0.0.1:1") || strings.Contains(environment, "example-of-mine") {
		t.Errorf("its environment is\n%s", environment)
	}
	for _, wrong := range []string{"", "name", "name=", "=command"} {
		if _, err := (options{servers: []string{wrong}}).others(); err == nil {
			t.Errorf("-server %q is taken", wrong)
		}
	}
}

// TestQuestionFile: the example asks every question, and one that doesn't exist
// is an error.
func TestQuestionFile(t *testing.T) {
	t.Parallel()
	asked, err := readQuestions("github-mcp-server.json")
	if err != nil {
		t.Fatal(err)
	}
	for question := range ourQuestions() {
		if len(asked["github-mcp-server"][question]) == 0 {
			t.Errorf("nobody asks for %s", question)
		}
	}
	wrong := filepath.Join(t.TempDir(), "questions.json")
	if err := os.WriteFile(wrong, []byte(`{"it":{"what time is it":[]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readQuestions(wrong); err == nil || !strings.Contains(err.Error(), "what time is it") {
		t.Errorf("an unknown question: %v", err)
	}
}

// TestReadable: what is counted of an answer.
func TestReadable(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]int{
		`{"content":[{"type":"text","text":"abc"},{"type":"text","text":"é"}]}`:                     5,
		`{"content":[{"type":"resource","resource":{"uri":"u","text":"abcd"}}]}`:                    4,
		`{"content":[{"type":"resource","resource":{"blob":"YWI="}},{"type":"image","data":"YQ"}]}`: 6,
	} {
		if got, err := readable("it", json.RawMessage(result)); got != want || err != nil {
			t.Errorf("%s: %d, want %d: %v", result, got, want, err)
		}
	}
	for _, wrong := range []string{`{"isError":true,"content":[{"type":"text","text":"no token"}]}`, `{}`, `[]`} {
		if got, err := readable("it", json.RawMessage(wrong)); err == nil {
			t.Errorf("%s: %d", wrong, got)
		}
	}
}
