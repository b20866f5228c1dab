//go:build unix

package credentials

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// What a command has started doesn't outlive it: the connection of its child
// ends with the command.
func TestKeyCommandIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	const patience = 2 * time.Minute
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := runKeyCommand(ctx, []string{program, "play", "parent", listener.Addr().String()}, time.Hour)
		ended <- err
	}()
	if err := listener.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	child, err := listener.Accept()
	if err != nil {
		t.Fatalf("the child never came: %v", err)
	}
	defer child.Close()
	cancel()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	if err := child.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(child); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the child is still there")
	}
}
