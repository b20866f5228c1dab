package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// The figures of the program as it is shipped; -benchtime 20x measures twenty
// of everything. Times are medians; compare the ratios of one run.
//
//	go test -bench . -run '^$' .

const (
	benchInFlight = 64

	helloLine = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`
	readyLine = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	listLine  = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
)

// shipped builds the program as a release is.
func shipped(b testing.TB) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "valetkey"+executableSuffix())
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	return path
}

// pipes are a running server's stdin and stdout.
type pipes struct {
	b       *testing.B
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startPipes(b *testing.B, path string, env []string) *pipes {
	b.Helper()
	process := exec.Command(path, "serve")
	process.Env = env
	in, err := process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	return &pipes{b, process, in, background(b, process)}
}

func (p *pipes) write(line string) {
	p.b.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.b.Fatal(err)
	}
}

func (p *pipes) read() string {
	p.b.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.b.Fatal(err)
	}
	return line
}

func (p *pipes) ask(line string) string {
	p.b.Helper()
	p.write(line)
	return p.read()
}

func (p *pipes) end() {
	p.b.Helper()
	if err := p.in.Close(); err != nil {
		p.b.Fatal(err)
	}
	if err := p.process.Wait(); err != nil {
		p.b.Fatal(err)
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// report replaces the mean by a figure of its own.
func report(b *testing.B, value float64, unit string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(value, unit)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// BenchmarkStart: from starting the process to the answer to initialize. 10 ms
// at most.
func BenchmarkStart(b *testing.B) {
	path, env := shipped(b), environment(b.TempDir())
	var all []time.Duration
	for b.Loop() {
		begin := time.Now()
		p := startPipes(b, path, env)
		p.ask(helloLine)
		all = append(all, time.Since(begin))
		p.end()
	}
	report(b, milliseconds(median(all)), "ms/start")
}

// BenchmarkBinary: the size of a stripped program. 15 MB at most.
func BenchmarkBinary(b *testing.B) {
	path := shipped(b)
	var info os.FileInfo
	for b.Loop() {
		var err error
		if info, err = os.Stat(path); err != nil {
			b.Fatal(err)
		}
	}
	report(b, float64(info.Size())/1e6, "MB")
}

// BenchmarkList: the bytes of tools/list, which every session of a model pays
// for, and the memory of the process after it. 16 KB and 17 MB at most.
func BenchmarkList(b *testing.B) {
	p := startPipes(b, shipped(b), environment(b.TempDir()))
	p.ask(helloLine)
	p.write(readyLine)
	first := p.ask(listLine)
	if !strings.Contains(first, `"github_whoami"`) {
		b.Fatal(first)
	}
	memory := 0.0
	if runtime.GOOS == "linux" {
		memory = resident(b, p.process.Process.Pid)
	}
	for b.Loop() {
		if again := p.ask(listLine); again != first {
			b.Fatalf("the list has changed: %s", again)
		}
	}
	b.ReportMetric(float64(len(first))/1000, "KB/list")
	b.ReportMetric(memory, "MB/resident")
	p.end()
}

// resident is the memory a process takes, in MB.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "VmRSS:" {
			kilobytes, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kilobytes * 1024 / 1e6
		}
	}
	b.Fatal("the system doesn't say how much memory it takes")
	return 0
}

// benchServer is a server with a key to an API that answers one question as the
// practice GitHub does, but as often as it is asked.
func benchServer(b *testing.B, more ...string) (*pipes, *http.Request) {
	b.Helper()
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true})
	if err != nil {
		b.Fatal(err)
	}
	defer box.Close()
	key := box.IssueToken("repo")
	answer := get(b, http.DefaultClient, benchRequest(b, box.URL(), key))
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(answer)
	}))
	b.Cleanup(api.Close)
	p := startPipes(b, shipped(b), with(environment(b.TempDir(), "GITHUB_HOST="+api.URL, "GITHUB_TOKEN="+key), more...))
	p.ask(helloLine)
	p.write(readyLine)
	return p, benchRequest(b, api.URL, key)
}

func benchRequest(b *testing.B, address, key string) *http.Request {
	b.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address+"/api/v3/user", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	return request
}

func callLine(id int) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"github_whoami","arguments":{}}}`, id)
}

// BenchmarkCall: what a tool call takes longer than the same request made
// directly, turn and turn about. 0.25 ms at most.
func BenchmarkCall(b *testing.B) {
	p, request := benchServer(b)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	var through, direct, difference []time.Duration
	for b.Loop() {
		begin := time.Now()
		if answer := p.ask(callLine(1)); !strings.Contains(answer, "@mona-example") {
			b.Fatal(answer)
		}
		called := time.Now()
		get(b, client, request)
		asked := time.Now()
		through, direct = append(through, called.Sub(begin)), append(direct, asked.Sub(called))
		difference = append(difference, called.Sub(begin)-asked.Sub(called))
	}
	report(b, milliseconds(median(difference)), "ms/more")
	b.ReportMetric(milliseconds(median(through)), "ms/call")
	b.ReportMetric(milliseconds(median(direct)), "ms/direct")
	p.end()
}

func get(b *testing.B, client *http.Client, request *http.Request) []byte {
	b.Helper()
	answer, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %v", answer.Status, err)
	}
	return body
}

// BenchmarkLoad: tool calls a second with 64 of them in flight. 5,000 at least.
func BenchmarkLoad(b *testing.B) {
	p, _ := benchServer(b)
	id := 1
	for ; id <= benchInFlight; id++ {
		p.write(callLine(id))
	}
	for ; b.Loop(); id++ {
		if answer := p.read(); !strings.Contains(answer, "@mona-example") {
			b.Fatal(answer)
		}
		p.write(callLine(id))
	}
	for range benchInFlight {
		p.read()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	p.end()
}
