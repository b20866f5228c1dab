//go:build unix

package stdio_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

var strayTexts = []string{"stray fmt", "stray os.Stdout", "stray descriptor", "stray write"}

// strayPrints does what dependencies do.
func strayPrints() {
	fmt.Println("stray fmt")
	os.Stdout.WriteString("stray os.Stdout\n")
	os.NewFile(1, "one").WriteString("stray descriptor\n")
	unix.Write(1, []byte("stray write\n"))
}

func (c *child) signal(s os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// A signal ends the process well, and what it was doing is answered.
func TestProcessIsSignalled(t *testing.T) {
	t.Parallel()
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		c := startChild(t, "STDIO_TEST_GRACE=1m")
		c.handshake("2025-11-25", noCaps)
		c.send(call(1, "wait", "{}"))
		if m := c.ask(ping(2)); m.Error != nil { // the call has been read
			t.Error(m.raw)
		}
		c.signal(s)
		wantText(t, c.next(), "1", "cancelled")
		c.exits(exitWell)
	}
}

// A call that ignores its context doesn't hold the process.
func TestStubbornProcessIsSignalled(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	c.send(call(1, "stubborn", "{}"))
	c.ask(ping(2))
	c.signal(syscall.SIGTERM)
	c.exits(exitWell)
}

// A second signal ends the process at once.
func TestProcessIsSignalledTwice(t *testing.T) {
	t.Parallel()
	c := startChild(t, "STDIO_TEST_GRACE=1h")
	c.send(call(1, "stubborn", "{}"), call(2, "wait", "{}"))
	c.ask(ping(3))
	c.signal(syscall.SIGTERM)
	wantText(t, c.next(), "2", "cancelled") // the first signal has arrived
	c.signal(syscall.SIGTERM)
	c.exits(exitForced)
}
