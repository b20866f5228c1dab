package credentials

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const busConfiguration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"

 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  %s
</busconfig>
`

// bus is a private bus, which can end and be started again at its address.
type bus struct {
	t             *testing.T
	daemon        string
	configuration string
	address       string

	mu      sync.Mutex
	process *exec.Cmd
}

// startBus starts a private bus that starts nothing by itself, unless extra
// says so, and answers its address.
func startBus(t *testing.T, extra string) string {
	t.Helper()
	return newBus(t, filepath.Join(shortDir(t), "bus"), extra).address
}

// newBus starts a private bus with its socket at a path.
func newBus(t *testing.T, socket, extra string) *bus {
	t.Helper()
	b := &bus{t: t, daemon: program(t, "dbus-daemon"), configuration: filepath.Join(shortDir(t), "bus.conf")}
	text := fmt.Sprintf(busConfiguration, socket, extra)
	if err := os.WriteFile(b.configuration, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.start()
	t.Cleanup(b.end)
	return b
}

func (b *bus) start() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.process = exec.Command(b.daemon, "--config-file="+b.configuration, "--nofork", "--print-address")
	out, err := b.process.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.t.Fatal(err)
	}
	b.address = strings.TrimSpace(address)
}

// end ends the bus, unless it has ended.
func (b *bus) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process.ProcessState != nil {
		return
	}
	if err := b.process.Process.Kill(); err != nil {
		b.t.Errorf("ending the bus: %v", err)
	}
	// It was killed, so that is what Wait says.
	_ = b.process.Wait()
}
