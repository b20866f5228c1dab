package stdio_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/valetkey/valetkey/stdio"
)

// benchPipe gives a server with the echo tool a pipe on each side, as a host
// has them.
func benchPipe(b *testing.B) (*bufio.Reader, io.WriteCloser) {
	b.Helper()
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	s := &stdio.Server{MCP: newMCP(), In: fromHost, Out: toHost}
	served := make(chan error, 1)
	go func() {
		served <- s.Serve(context.Background())
		toHost.Close()
	}()
	b.Cleanup(func() {
		toServer.Close()
		if err := <-served; err != nil {
			b.Errorf("Serve: %v", err)
		}
	})
	answers := bufio.NewReaderSize(fromServer, 1<<20)
	fmt.Fprintln(toServer, initialize("2025-11-25", "{}"))
	if _, err := answers.ReadSlice('\n'); err != nil {
		b.Fatal(err)
	}
	return answers, toServer
}

// BenchmarkSequential is one call after another.
func BenchmarkSequential(b *testing.B) {
	answers, to := benchPipe(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		fmt.Fprintln(to, call(i+1, "echo", `{"text":"hello"}`))
		if _, err := answers.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkPipelined keeps 64 calls in flight.
func BenchmarkPipelined(b *testing.B) {
	const inFlight = 64
	answers, to := benchPipe(b)
	room := make(chan struct{}, inFlight)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for i := range b.N {
			room <- struct{}{}
			fmt.Fprintln(to, call(i+1, "echo", `{"text":"hello"}`))
		}
	}()
	for range b.N {
		line, err := answers.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if bytes.Contains(line, []byte(`"error"`)) {
			b.Fatalf("%s", line)
		}
		<-room
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkRush writes everything that there is to call without waiting, and
// reads at the same time.
func BenchmarkRush(b *testing.B) {
	answers, to := benchPipe(b)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		w := bufio.NewWriterSize(to, 1<<16)
		for i := range b.N {
			fmt.Fprintln(w, call(i+1, "echo", `{"text":"hello"}`))
		}
		w.Flush()
	}()
	refused := 0
	for range b.N {
		line, err := answers.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if bytes.Contains(line, []byte(`"error"`)) {
			refused++
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(refused), "refused")
}
