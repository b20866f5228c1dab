package microsoft_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// sent are the requests that tools made in these tests.
var sent ledger

// TestMain holds what the tools sent, and what the practice Graph answered,
// against what Microsoft's own library knows of the API, if VALET_TEST_REAL=1
// says that it is installed.
func TestMain(m *testing.M) {
	// The race detector makes every process wait a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	code := m.Run()
	switch {
	case len(sent.requests) == 0:
	case os.Getenv("VALET_TEST_REAL") != "1":
		fmt.Println("requests not held against Microsoft's library; .ci/run installs it and sets VALET_TEST_REAL=1")
	default:
		if err := sent.check(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// sentRequest is a line for testdata/real/microsoft.mjs, which adds the faults.
type sentRequest struct {
	Method string   `json:"method"`
	Path   string   `json:"path"` // below the API's address, escaped
	Query  string   `json:"query"`
	Body   string   `json:"body"`
	Status int      `json:"status,omitempty"`
	Answer string   `json:"answer,omitempty"`
	Faults []string `json:"faults,omitempty"`

	header http.Header
}

// ledger keeps requests, each once. It may be used concurrently.
type ledger struct {
	mu       sync.Mutex
	requests map[string]sentRequest
}

func (l *ledger) add(r sentRequest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.requests == nil {
		l.requests = map[string]sentRequest{}
	}
	l.requests[r.Method+" "+r.Path+"?"+r.Query+" "+r.Body+r.Answer] = r
}

// check answers every fault that Microsoft's library finds.
func (l *ledger) check() error {
	var lines bytes.Buffer
	for _, r := range l.requests {
		if err := json.NewEncoder(&lines).Encode(r); err != nil {
			return err
		}
	}
	command := exec.Command(node(), filepath.Join(realParts, "microsoft.mjs"))
	command.Stdin, command.Stderr = &lines, os.Stderr
	output, err := command.Output()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || len(output) == 0) {
		return fmt.Errorf("%v; it needs Node.js and: npm ci --prefix testdata/real", err)
	}
	var faults []error
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var r sentRequest
		if err := decoder.Decode(&r); err != nil {
			return err
		}
		for _, fault := range r.Faults {
			faults = append(faults, fmt.Errorf("%s %s?%s %s: %s", r.Method, r.Path, r.Query, r.Body, fault))
		}
	}
	return errors.Join(faults...)
}

const realParts = "../../testdata/real"

// node answers the Node.js that npm has installed with the real parts, where it
// has one for the system.
func node() string {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return filepath.Join(realParts, "node_modules", ".bin", "node")
	}
	return "node"
}

// TestLibraryFindsFaults: what is wrong is found, so that silence means
// something.
func TestLibraryFindsFaults(t *testing.T) {
	t.Parallel()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("it needs Microsoft's library; .ci/run installs it and sets VALET_TEST_REAL=1")
	}
	const window = "startDateTime=a&endDateTime=b"
	cases := map[string]sentRequest{
		"":                               {Method: "GET", Path: "/me/calendarView", Query: window + "&%24select=subject,start&%24orderby=start/dateTime&%24skiptoken=x", Status: 200, Answer: `{"@odata.nextLink":"x","value":[{"@odata.etag":"x","subject":null,"type":"occurrence"}]}`},
		"describes no PUT /me/events":    {Method: "PUT", Path: "/me/events"},
		"describes no GET /me/evnts":     {Method: "GET", Path: "/me/evnts"},
		"query lacks endDateTime":        {Method: "GET", Path: "/me/calendarView", Query: "startDateTime=a"},
		"parameter $pge is not":          {Method: "GET", Path: "/me/messages", Query: "%24pge=1"},
		"property sbject is not":         {Method: "GET", Path: "/me/messages", Query: "%24select=sbject"},
		"property start/dateTme is not":  {Method: "GET", Path: "/me/calendarView", Query: window + "&%24orderby=start/dateTme"},
		"property isRed is not":          {Method: "GET", Path: "/me/messages", Query: "%24filter=isRed eq false"},
		"body has sbject":                {Method: "POST", Path: "/me/events", Body: `{"sbject":"x"}`},
		"body.subject is 1, not a text":  {Method: "POST", Path: "/me/events", Body: `{"subject":1}`},
		"body.attendees.0.type is":       {Method: "POST", Path: "/me/events", Body: `{"attendees":[{"type":"needed"}]}`},
		"startDate is \"2026-1-1\"":      {Method: "POST", Path: "/me/events", Body: `{"recurrence":{"range":{"startDate":"2026-1-1"}}}`},
		"body.SendResponse is":           {Method: "POST", Path: "/me/events/x/accept", Body: `{"SendResponse":"yes"}`},
		"body has SendResponse":          {Method: "POST", Path: "/me/events/x/cancel", Body: `{"SendResponse":true}`},
		"the operation has none":         {Method: "GET", Path: "/me/events", Body: `{}`},
		"answer.value.0.isRead is":       {Method: "GET", Path: "/me/messages", Status: 200, Answer: `{"value":[{"isRead":"no"}]}`},
		"answer.value is no list":        {Method: "GET", Path: "/me/messages", Status: 200, Answer: `{"value":{}}`},
		"answer.error has massage":       {Method: "GET", Path: "/me/messages", Status: 403, Answer: `{"error":{"massage":"x"}}`},
		"answer.receivedDateTime is":     {Method: "GET", Path: "/me/messages/x", Status: 200, Answer: `{"receivedDateTime":"yesterday"}`},
		"answer.value.0.size is \"big\"": {Method: "GET", Path: "/me/messages/x/attachments", Status: 200, Answer: `{"value":[{"size":"big"}]}`},
	}
	var l ledger
	for _, r := range cases {
		l.add(r)
	}
	err := l.check()
	for want := range cases {
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q was not found in\n%v", want, err)
		}
	}
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != len(cases)-1 {
		t.Errorf("%d faults, want %d:\n%v", n, len(cases)-1, err)
	}
}
