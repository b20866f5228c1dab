//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// hostSeat is a person at a host, with the practice GitHub and a store that
// outlives processes.
type hostSeat struct {
	t   *testing.T
	row hostRow
	practice
	*server
	// arrived has a value for each request to the repository that answers only
	// when release is closed.
	arrived, release chan struct{}
	goOn             func() // closes release
	// address is that of the practice GitHub, as the program knows it, and entry
	// the variables of the host's configuration.
	address string
	entry   []string
	// holdsToken: the answer with the token counts as one of those requests.
	holdsToken bool
	calls      int
	progress   float64
}

func sitAt(t *testing.T, row hostRow) *hostSeat {
	t.Helper()
	p, folder := fileStore(t)
	h := &hostSeat{t: t, row: row, practice: p, arrived: make(chan struct{}, 1), release: make(chan struct{})}
	h.goOn = sync.OnceFunc(func() { close(h.release) })
	h.address = h.stalling()
	// What the entry in a host's configuration says comes to it unfiltered.
	h.entry = []string{"GITHUB_HOST=" + h.address, "GITHUB_CLIENT_ID=" + sandbox.ClientID, "VALET_STORE=file", "VALET_DIR=" + folder,
		"VALET_PASSPHRASE_FILE=" + passphraseFile(t, examplePassphrase), "GORACE=atexit_sleep_ms=0"}
	h.env = h.environmentAt(row)
	return h
}

// environmentAt is what a host gives the program: what it passes on, and its entry.
func (h *hostSeat) environmentAt(row hostRow) []string {
	h.t.Helper()
	given := slices.DeleteFunc(wholeEnvironment(h.t), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return !row.environment.passes(name)
	})
	return with(given, h.entry...)
}

// beside sits the same person at another host.
func (h *hostSeat) beside(row hostRow) *hostSeat {
	h.t.Helper()
	other := *h
	other.row, other.env = row, h.environmentAt(row)
	return &other
}

// stalling is the address of the practice GitHub behind a network on which one
// repository doesn't answer.
func (h *hostSeat) stalling() string {
	h.t.Helper()
	to, err := url.Parse(h.URL())
	if err != nil {
		h.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ModifyResponse: h.renamed}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/stalled") {
			proxy.ServeHTTP(w, r)
			return
		}
		h.stall()
		http.NotFound(w, r)
	}))
	h.t.Cleanup(func() {
		h.goOn()
		front.Close()
	})
	return front.URL
}

// stall waits for the test, whether the program is still there or not.
func (h *hostSeat) stall() {
	h.arrived <- struct{}{}
	<-h.release
}

// renamed has an answer lead to where the request went.
func (h *hostSeat) renamed(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if h.holdsToken && strings.Contains(string(body), `"access_token":`) {
		h.stall()
	}
	return setBody(r, strings.ReplaceAll(string(body), h.URL(), h.address))
}

// start starts the program as hosts do: in a group of its own, and in a directory
// that isn't the person's.
func (h *hostSeat) start() {
	h.t.Helper()
	command := exec.Command(binary(h.t))
	command.Env, command.Dir = h.env, "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h.server = serveCommand(h.t, command)
}

func (h *hostSeat) isModern() bool { return h.row.protocol == modernProtocol }

// asks sends a request in the host's way and answers its id.
func (h *hostSeat) asks(method string, params map[string]any) string {
	h.t.Helper()
	meta := map[string]any{}
	if h.isModern() {
		meta["io.modelcontextprotocol/protocolVersion"] = h.row.protocol
		meta["io.modelcontextprotocol/clientCapabilities"] = json.RawMessage(h.row.capabilities)
	}
	h.calls++
	id := fmt.Sprintf("%s %d", method, h.calls)
	if h.row.hearsProgress && method == "tools/call" {
		meta["progressToken"], h.progress = id, 0
	}
	if len(meta) > 0 {
		params = maps.Clone(params)
		params["_meta"] = meta
	}
	h.writes(map[string]any{"id": id, "method": method, "params": params})
	return id
}

func (h *hostSeat) writes(message map[string]any) {
	h.t.Helper()
	message["jsonrpc"] = "2.0"
	line, err := json.Marshal(message)
	if err != nil {
		h.t.Fatal(err)
	}
	h.send(string(line))
}

// hears answers the next message that isn't progress, and looks at what is.
func (h *hostSeat) hears() map[string]any {
	h.t.Helper()
	for {
		message := h.receive()
		if message["method"] != "notifications/progress" {
			return message
		}
		h.expectProgress(message)
	}
}

// expectProgress: numbers rise, for the call that is under way.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
func (h *hostSeat) expectProgress(message map[string]any) {
	h.t.Helper()
	params := message["params"].(map[string]any)
	step, _ := params["progress"].(float64)
	if token := fmt.Sprintf("tools/call %d", h.calls); !h.row.hearsProgress || params["progressToken"] != token || step <= h.progress {
		h.t.Errorf("after %v comes %v", h.progress, params)
	}
	h.progress = step
}

// result receives the answer to a request.
func (h *hostSeat) result(id string) map[string]any {
	h.t.Helper()
	message := h.hears()
	result, is := message["result"].(map[string]any)
	if !is || message["id"] != id {
		h.t.Fatalf("not the answer to %s: %v", id, message)
	}
	return result
}

// probe opens the connection and lists the tools. That costs the service
// nothing.
func (h *hostSeat) probe() {
	h.t.Helper()
	before := len(h.Requests())
	if h.isModern() {
		h.result(h.asks("server/discover", map[string]any{}))
	} else {
		result := h.result(h.asks("initialize", map[string]any{
			"protocolVersion": h.row.protocol, "capabilities": json.RawMessage(h.row.capabilities), "clientInfo": map[string]any{"name": h.row.name, "version": "1"},
		}))
		if result["protocolVersion"] != h.row.protocol {
			h.t.Errorf("settled on %v", result["protocolVersion"])
		}
		h.writes(map[string]any{"method": "notifications/initialized"})
	}
	if list := h.result(h.asks("tools/list", map[string]any{})); !strings.Contains(fmt.Sprint(list), "github_whoami") {
		h.t.Errorf("the tools are %v", list)
	}
	if asked := len(h.Requests()) - before; asked != 0 {
		h.t.Errorf("looking at the tools has cost %d requests", asked)
	}
}

// kill ends the program as hosts end one that they only looked at.
func (h *hostSeat) kill() {
	h.t.Helper()
	if err := h.process.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
	for range h.lines {
		h.t.Error("a line came at the end")
	}
	_ = h.process.Wait()
}

func stalledCall() map[string]any {
	return map[string]any{"name": "github_issue", "arguments": map[string]any{"repo": "tidepool-example/stalled", "number": 4}}
}

// shutdown ends the program in the host's way, in the middle of a call, and
// answers what became of that.
func (h *hostSeat) shutdown() string {
	h.t.Helper()
	id := h.asks("tools/call", stalledCall())
	h.awaitStall()
	h.ends(h.row.shutdown)
	if slices.Equal(h.row.shutdown, []string{closes}) {
		// What was read before the end is answered, if it can be.
		h.goOn()
	}
	outcome := h.lastWords(id)
	if err := h.awaitEnd(); err != nil {
		h.t.Errorf("it ended badly: %v", err)
	}
	h.expectGone()
	h.expectDiscreet()
	return outcome
}

func (h *hostSeat) awaitStall() {
	h.t.Helper()
	select {
	case <-h.arrived:
	case <-time.After(patience):
		h.t.Fatal("the service was never asked")
	}
}

// ends does what ends the program, one after the other.
func (h *hostSeat) ends(ways []string) {
	h.t.Helper()
	signals := map[string]syscall.Signal{interrupts: syscall.SIGINT, terminates: syscall.SIGTERM, hangsUp: syscall.SIGHUP}
	for i, how := range ways {
		var err error
		switch how {
		case closes:
			err = h.stdin.Close()
		case deafens:
			err = h.out.Close()
		default:
			err = h.process.Process.Signal(signals[how])
		}
		if err != nil && !(i > 0 && errors.Is(err, os.ErrProcessDone)) {
			h.t.Fatalf("%s: %v", how, err)
		}
	}
}

// awaitEnd waits for a program that has nothing more to say.
func (h *hostSeat) awaitEnd() error {
	h.t.Helper()
	last := time.AfterFunc(patience, func() { _ = h.process.Process.Kill() })
	defer last.Stop()
	for line := range h.lines {
		h.t.Errorf("at the end came %q", line)
	}
	return h.process.Wait()
}

// lastWords are what comes before the end: the answer, and nothing else.
func (h *hostSeat) lastWords(id string) string {
	h.t.Helper()
	deadline, outcome := time.After(patience), "no answer"
	for {
		select {
		case line, open := <-h.lines:
			var message map[string]any
			switch err := json.Unmarshal([]byte(line), &message); {
			case !open:
				return outcome
			case err == nil && message["method"] == "notifications/progress":
				h.expectProgress(message)
			case err == nil && message["id"] == id && strings.Contains(line, "cancelled"):
				outcome = "cancelled"
			case err == nil && message["id"] == id:
				outcome = "answered"
			default:
				h.t.Errorf("the last words are %q", line)
			}
		case <-deadline:
			h.t.Fatal("it doesn't end")
		}
	}
}

// expectGone: no process and no file is left behind where it ran.
func (h *hostSeat) expectGone() {
	h.t.Helper()
	if err := syscall.Kill(-h.process.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		h.t.Errorf("its process group is still there: %v", err)
	}
	if files, err := filepath.Glob("/*valet*"); err != nil || len(files) > 0 {
		h.t.Errorf("in the directory it ran in lie %v, %v", files, err)
	}
}

// expectDiscreet: nothing secret was said on stdout or stderr, which hosts keep.
func (h *hostSeat) expectDiscreet() {
	h.t.Helper()
	said := h.stdout.String() + h.stderr.String()
	h.expectNoSecret(h.t, said)
	for _, secret := range []string{strayToken, examplePassphrase} {
		if strings.Contains(said, secret) {
			h.t.Errorf("a secret of %d bytes was shown", len(secret))
		}
	}
}
