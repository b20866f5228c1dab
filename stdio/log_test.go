package stdio_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/valetkey/valetkey/stdio"
)

func TestLogWritesEverythingThatIsRead(t *testing.T) {
	t.Parallel()
	// Inside, no time passes as long as anything can still be written.
	synctest.Test(t, func(t *testing.T) {
		w := &locked{}
		l := stdio.NewLog(w)
		var want strings.Builder
		for i := range 200 {
			line := []byte(fmt.Sprintf("line %d\n", i))
			if n, err := l.Write(line); n != len(line) || err != nil {
				t.Errorf("Write: %d, %v", n, err)
			}
			want.Write(line)
			copy(line, "XXXX") // the caller's to use again
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if got := w.String(); got != want.String() {
			t.Errorf("wrote %q", got)
		}
	})
}

// Nobody reads: nothing waits, and what finds no place is dropped.
func TestLogNeverWaits(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	l := stdio.NewLog(w)
	for i := range 100_000 {
		if _, err := fmt.Fprintf(l, "line %d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if n, err := l.Write([]byte("after the end")); n != 13 || err != nil {
		t.Errorf("Write after Close: %d, %v", n, err)
	}
	text := make([]byte, 100)
	n, err := r.Read(text)
	if err != nil || string(text[:n]) != "line 0\n" {
		t.Errorf("read %q, %v, want whole lines", text[:n], err)
	}
	r.Close()
}

// Whoever reads again is told how much is missing.
func TestLogCountsWhatItDrops(t *testing.T) {
	t.Parallel()
	const written = 10_000
	r, w := io.Pipe()
	l := stdio.NewLog(w)
	for i := range written {
		fmt.Fprintf(l, "line %d\n", i)
	}
	lines := bufio.NewScanner(r)
	for kept := 0; lines.Scan(); kept++ {
		if strings.HasPrefix(lines.Text(), "line ") {
			continue
		}
		if want := fmt.Sprintf("lines of the log that were dropped, since nobody read them: %d", written-kept); lines.Text() != want {
			t.Errorf("after %d lines: %q, want %q", kept, lines.Text(), want)
		}
		break
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestLogThatCantBeWritten(t *testing.T) {
	t.Parallel()
	l := stdio.NewLog(broken{})
	for range 1000 {
		if _, err := l.Write([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
