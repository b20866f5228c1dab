package audit_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/audit"
)

// TestMain makes this program a process that only writes into a log, where a test
// starts it as one.
func TestMain(m *testing.M) {
	if folder := os.Getenv("AUDIT_TEST_FOLDER"); folder != "" {
		if err := work(folder, os.Getenv("AUDIT_TEST_NAME"), os.Getenv("AUDIT_TEST_RECORDS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work writes records once there is a line on stdin, and acknowledges each one on stdout.
func work(folder, name, records string) error {
	n, err := strconv.Atoi(records)
	if err != nil {
		return err
	}
	if _, err := bufio.NewReader(os.Stdin).ReadByte(); err != nil {
		return err
	}
	log := logIn(folder)
	log.MaxSize = 200_000
	for i := range n {
		if err := log.Append(context.Background(), recordOf(fmt.Sprintf("%s-%d", name, i))); err != nil {
			return err
		}
		fmt.Printf("%s-%d\n", name, i)
	}
	return nil
}

func logIn(folder string) *audit.Log {
	return audit.New(func() (string, error) { return folder, os.MkdirAll(folder, 0o700) })
}

func recordOf(request string) audit.Record {
	return audit.Record{
		Time: audit.Time{Time: time.Date(2026, 11, 22, 10, 0, 0, 120_000_000, time.UTC)}, Host: "example-host", HostVersion: "1.2.3", Request: request,
		Tool: "github_issue_write", Class: "write", Service: "github", Account: "octocat", Target: "POST api.github.com/repos/octo-org/harbour/issues",
		ServiceRequest: "ABCD:1234:567890:123456:6581", Decision: audit.Allowed, Outcome: "ok", Milliseconds: 123.456, Bytes: 789,
		Arguments: map[string]string{
			"repo":  "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
			"title": "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
		},
	}
}

// writer is a process that writes into a log.
type writer struct {
	*exec.Cmd
	start io.WriteCloser
	out   io.ReadCloser
	acked []string
}

func startWriter(t testing.TB, folder, name string, records int) *writer {
	t.Helper()
	w := &writer{Cmd: exec.Command(os.Args[0])}
	w.Env = append(os.Environ(), "AUDIT_TEST_FOLDER="+folder, "AUDIT_TEST_NAME="+name, "AUDIT_TEST_RECORDS="+strconv.Itoa(records))
	w.Stderr = os.Stderr
	var err error
	if w.start, err = w.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if w.out, err = w.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

// run lets the process write, up to a number of records after which it is killed; 0: never.
func (w *writer) run(t *testing.T, killAfter int) {
	if _, err := w.start.Write([]byte("\n")); err != nil {
		t.Error(err)
	}
	lines := bufio.NewScanner(w.out)
	for lines.Scan() {
		w.acked = append(w.acked, lines.Text())
		if len(w.acked) == killAfter {
			if err := w.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := w.Wait(); err != nil && killAfter == 0 {
		t.Error(err)
	}
}

// TestProcesses: 8 processes write 10,000 records into one chain at the same time, over
// many rotations, and what was acknowledged is there once, also of those that were
// killed in the middle.
func TestProcesses(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "audit")
	var writers []*writer
	for i := range 11 {
		writers = append(writers, startWriter(t, folder, strconv.Itoa(i), 1250))
	}
	var group sync.WaitGroup
	for i, w := range writers {
		// Three of them don't get to their end.
		killAfter := 0
		if i >= 8 {
			killAfter = 100 * i
		}
		group.Go(func() { w.run(t, killAfter) })
	}
	group.Wait()
	report, err := audit.Verify(t.Context(), folder, "")
	if err != nil || report.Broken != nil || len(report.Torn) > 0 || report.Files < 10 {
		t.Fatalf("%+v, %v", report, err)
	}
	found := map[string]int{}
	entries, _, err := audit.Read(t.Context(), folder, audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		found[entry.Request]++
	}
	acked := 0
	for _, w := range writers {
		acked += len(w.acked)
		for _, name := range w.acked {
			if found[name] != 1 {
				t.Errorf("record %s is there %d times", name, found[name])
			}
		}
	}
	if acked < 10_000 || report.Records != len(entries) || len(entries) < acked || len(entries) > acked+3*1250 {
		t.Errorf("%d were acknowledged, %d verified, %d read", acked, report.Records, len(entries))
	}
	t.Logf("%d records in %d files", report.Records, report.Files)
}
