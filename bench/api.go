package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const (
	apiPath  = "/api/v3"
	textPath = "/logs/" // where logs are, as on GitHub not in the API itself
)

// api is a GitHub-shaped API on loopback, under the paths of a GitHub Enterprise
// Server. It takes any token and never changes.
type api struct {
	address     string
	connections atomic.Int64 // accepted so far
	sent        atomic.Int64 // bytes of bodies
	bodies      map[string]body
	logs        map[string]*repeated
	served      chan error
	server      *http.Server
}

// body is an answer made beforehand, so that a measurement has little of the
// API in it. As holds what another media type gives, by a word of its name.
type body struct {
	kind string
	text []byte
	as   map[string]body
}

// startAPI serves until close. large is the length of the large log in bytes.
func startAPI(large int64) (*api, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &api{address: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	a.bodies, err = makeBodies(a.address)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	a.logs = map[string]*repeated{"1001": newLog(200_000), "1002": newLog(large)}
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: time.Minute, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			a.connections.Add(1)
		}
	}}
	go func() { a.served <- a.server.Serve(listener) }()
	return a, nil
}

func (a *api) close() {
	a.server.Close()
	<-a.served
}

// counted counts what is written of a body.
type counted struct {
	http.ResponseWriter
	bytes *atomic.Int64
}

// Write implements [io.Writer].
func (c counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// ServeHTTP implements [http.Handler].
func (a *api) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w := counted{out, &a.sent}
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, apiPath), "/")
	job, _ := strings.CutSuffix(strings.TrimPrefix(path, repoPath+"/actions/jobs/"), "/logs")
	if name, found := strings.CutPrefix(path, textPath); found && a.logs[name] != nil {
		w.Header().Set("Content-Type", "text/plain")
		http.ServeContent(w, r, "", time.Time{}, a.logs[name].open())
		return
	}
	if a.logs[job] != nil {
		http.Redirect(w, r, a.address+textPath+job, http.StatusFound)
		return
	}
	b, found := a.bodies[path]
	if !found {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"message":"Not Found","status":"404"}`)
		return
	}
	for word, other := range b.as {
		if strings.Contains(r.Header.Get("Accept"), word) {
			b = other
		}
	}
	w.Header().Set("Content-Type", b.kind)
	w.Header().Set("X-OAuth-Scopes", "notifications, repo")
	w.Write(b.text)
}

func jsonBody(value any) (body, error) {
	text, err := json.Marshal(value)
	return body{kind: "application/json; charset=utf-8", text: text}, err
}

// repeated is a text that says the same over and over before it ends. It is
// never held whole.
type repeated struct {
	block, end []byte
	middle     int64 // bytes of repeated blocks
}

// newLog is the log of a job that failed, of at least so many bytes, with times
// and groups as GitHub's runner writes them.
func newLog(size int64) *repeated {
	const at = "2026-08-14T09:30:00.1234567Z "
	block := at + "##[group]Run go test ./...\n" + at + "go test ./...\n" + at + "##[endgroup]\n" + strings.Repeat(
		at+"=== RUN   TestPredictHeight/brest_at_high_water\n"+at+"--- PASS: TestPredictHeight/brest_at_high_water (0.01s)\n", 500)
	end := at + "=== RUN   TestRoundsDown\n" + at + "    predict_test.go:81: height is -0.04 m, want 0.00 m\n" +
		at + "--- FAIL: TestRoundsDown (0.00s)\n" + at + "FAIL\n" + at + "##[error]Process completed with exit code 1.\n"
	return &repeated{[]byte(block), []byte(end), (size/int64(len(block)) + 1) * int64(len(block))}
}

func (t *repeated) open() io.ReadSeeker {
	return io.NewSectionReader(t, 0, t.middle+int64(len(t.end)))
}

// ReadAt implements [io.ReaderAt].
func (t *repeated) ReadAt(p []byte, at int64) (int, error) {
	read := 0
	for read < len(p) && at < t.middle {
		n := copy(p[read:], t.block[at%int64(len(t.block)):])
		read, at = read+n, at+int64(n)
	}
	if read == len(p) {
		return read, nil
	}
	n := copy(p[read:], t.end[min(at-t.middle, int64(len(t.end))):])
	if read += n; read < len(p) {
		return read, io.EOF
	}
	return read, nil
}
