package credentials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
)

// The fault matrix: every operation of the store, with and without a person,
// against each fault of a Secret Service. go-keyring is the real one. No
// deadline is really waited for: it passes when the service says that it is
// stuck.

// row is one fault and how the operations end, in the order of verbs.
type row struct {
	name                 string
	fault                secretservice.Fault
	serving, interactive [3]Outcome
	// do makes what the fault does at the beginning of a call, after what
	// happens once the first operation has ended, lift what has to be done
	// before the service can be back.
	do, after, lift func(*cell)
	// prompts is how many prompts one operation opens with a person and
	// without.
	prompts [2]int
	// ends says that what hangs ends by itself, for nobody can answer it.
	ends bool
	// deletes says that a delete is done even if its answer is lost.
	deletes bool
}

func verbs() [3]string { return [3]string{"Read", "Write", "Delete"} }

func all(o Outcome) [3]Outcome { return [3]Outcome{o, o, o} }

// cell is one operation against one fault.
type cell struct {
	*testing.T
	row
	bus     *bus
	service *secretservice.Service
	keyring *Keyring
	verb    string
	want    Outcome
	// late makes the deadline of the call that is under way pass.
	late context.CancelCauseFunc
	// elapsed is the clock of a slow service, from the beginning of a call.
	elapsed time.Duration
}

func TestKeyringFaultMatrix(t *testing.T) {
	b := newBus(t, filepath.Join(shortDir(t), "bus"), "")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.address)
	launched := watchForLaunch(t)
	service, err := secretservice.Start(b.address)
	must(t, err)
	t.Cleanup(func() { must(t, service.Close()) })
	goroutines := runtime.NumGoroutine()
	var table strings.Builder
	line := "%-44s %-26s %-26s %-8s %s\n"
	fmt.Fprintf(&table, line, "", "serving", "interactive", "prompts", "after the fault")
	fmt.Fprintf(&table, line, "fault", "read/write/delete", "read/write/delete", "s/i", "s/i")
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			var ended, prompts, later [2]string
			for mode, want := range [2][3]Outcome{r.serving, r.interactive} {
				ended[mode], prompts[mode], later[mode] = runRow(t, r, b, service, mode == 1, want)
			}
			fmt.Fprintf(&table, line, r.name, ended[0], ended[1], prompts[0]+"/"+prompts[1], later[0]+"/"+later[1])
		})
	}
	expectGoroutines(t, goroutines)
	t.Log("the fault matrix\n" + table.String())
	if exists(launched) {
		t.Error("dbus-launch was started")
	}
}

// watchForLaunch puts a dbus-launch first that leaves a file behind.
func watchForLaunch(t *testing.T) (trace string) {
	t.Helper()
	dir := t.TempDir()
	trace = filepath.Join(dir, "started")
	must(t, os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\ntouch "+trace+"\n"), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return trace
}

func runRow(t *testing.T, r row, b *bus, service *secretservice.Service, interactive bool, want [3]Outcome) (ended, prompts, later string) {
	var outcomes []string
	for i, verb := range verbs() {
		name, opens := "serving "+verb, r.prompts[0]
		if interactive {
			name, opens = "interactive "+verb, r.prompts[1]
		}
		t.Run(name, func(t *testing.T) {
			c := &cell{T: t, row: r, bus: b, service: service, keyring: &Keyring{Interactive: interactive}, verb: verb, want: want[i]}
			outcome, shown, recovery := c.run()
			if shown > opens {
				t.Errorf("%d prompts were opened, want at most %d", shown, opens)
			}
			outcomes = append(outcomes, string(outcome))
			prompts, later = max(prompts, fmt.Sprint(shown)), max(later, recovery)
		})
	}
	return strings.Join(outcomes, "/"), prompts, later
}

// run answers how the operation ended, how many prompts it has opened, and how
// the keyring came back after the fault.
func (c *cell) run() (outcome Outcome, shown int, recovery string) {
	c.prepare()
	goroutines := runtime.NumGoroutine()
	store := c.store()
	if c.do != nil {
		c.fault.Do = func() { c.do(c) }
	}
	c.service.Behave(c.fault)
	err := c.call(store, c.verb)
	if outcome = OutcomeOf(err); outcome != c.want {
		c.Errorf("%v, want %s", err, c.want)
	}
	if err != nil && strings.Contains(err.Error(), "example-secret") {
		c.Errorf("the error quotes the answer: %v", err)
	}
	c.expectKept(outcome)
	if c.after != nil {
		c.after(c)
	}
	shown, _ = c.service.Prompts()
	c.expectNoSecondPrompt(store)
	recovery = c.recover(store)
	expectGoroutines(c.T, goroutines)
	return outcome, shown, recovery
}

// prepare fills the keyring, without a fault.
func (c *cell) prepare() {
	c.Helper()
	closeShared(c.T)
	c.service.Reset()
	must(c.T, c.service.Keep(KeyringName, "github", encoded(c.T, priorRecord())))
	must(c.T, c.service.Keep(KeyringName, "github/other", "somebody else's"))
	// The clients of a bus say goodbye while the next test begins.
	if r, err := c.keyring.Read(c.Context(), "github"); err != nil || r.Account != "prior" {
		c.Fatalf("before the fault: %v", err)
	}
	closeShared(c.T)
}

// store is the one that goes over to memory if there is no keyring, unless
// that is what is to be seen.
func (c *cell) store() Store {
	if c.want == Absent {
		return c.keyring
	}
	auto, err := OpenStore("auto", c.keyring, nil)
	must(c.T, err)
	return auto
}

// call runs an operation, whose deadline passes when the service is stuck.
func (c *cell) call(store Store, verb string) error {
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	c.late, c.elapsed = cancel, 0
	c.service.Arm()
	answered, ended := make(chan struct{}), make(chan struct{})
	stuck := c.service.Stuck()
	go func() {
		defer close(ended)
		select {
		case <-stuck:
			cancel(errNoAnswer)
		case <-answered:
		}
	}()
	err := operations(store)[verb](ctx)
	close(answered)
	<-ended
	return err
}

// expectKept looks that nothing is lost but what was to be deleted or replaced.
func (c *cell) expectKept(outcome Outcome) {
	c.Helper()
	if other, found := c.service.Kept(KeyringName, "github/other"); !found || other != "somebody else's" {
		c.Error("another entry was touched")
	}
	kept, found := c.service.Kept(KeyringName, "github")
	prior, written := found && kept == encoded(c.T, priorRecord()), found && kept == encoded(c.T, fullRecord())
	right := prior
	switch {
	case c.want == Absent:
	case c.verb == "Write" && outcome == Ready:
		right = written
	case c.verb == "Write":
		right = prior || written || found && c.fault.Mangles
	case c.verb == "Delete" && (outcome == Ready || c.deletes):
		right = !found
	}
	if !right {
		c.Errorf("after %s, %s: kept %t, as before %t, as written %t", c.verb, outcome, found, prior, written)
	}
}

// expectNoSecondPrompt calls while the fault goes on. If the first call hasn't
// come back, its time is up by now.
func (c *cell) expectNoSecondPrompt(store Store) {
	c.Helper()
	c.keyring.mu.Lock()
	busy := !c.keyring.busySince.IsZero()
	if busy {
		c.keyring.busySince = time.Now().Add(-c.keyring.timeout())
	}
	c.keyring.mu.Unlock()
	before, _ := c.service.Prompts()
	if err := c.call(store, "Read"); busy && OutcomeOf(err) != Locked && !c.ends {
		c.Errorf("while a call hangs: %v", err)
	}
	if after, _ := c.service.Prompts(); busy && after != before {
		c.Errorf("%d prompts, where %d were shown", after, before)
	}
	if auto, ok := store.(*autoStore); ok && auto.Source() != SourceKeyring {
		c.Errorf("auto has gone over to %s", auto.Source())
	}
}

// recover lifts the fault and expects the keyring to be as good as ever.
func (c *cell) recover(store Store) string {
	c.Helper()
	if c.lift != nil {
		c.lift(c)
	}
	must(c.T, c.service.Lift())
	recovery := "ready"
	if c.keyring.endPause() {
		recovery = "ready, paused"
	}
	c.settle()
	if c.keyring.endPause() {
		recovery = "ready, paused"
	}
	kept, found := c.service.Kept(KeyringName, "github")
	r, err := store.Read(c.Context(), "github")
	switch {
	case c.fault.Mangles && c.verb == "Write":
		if !errors.Is(err, errRecord) {
			c.Errorf("a mangled record: %v", err)
		}
	case !found && !errors.Is(err, ErrNotFound), found && (err != nil || encoded(c.T, r) != kept):
		c.Errorf("after the fault: %v, with an entry: %t", err, found)
		recovery = "NOT READY"
	}
	return recovery
}

// settle waits until the call that hung has ended.
func (c *cell) settle() {
	c.Helper()
	select {
	case c.keyring.worker <- struct{}{}:
		<-c.keyring.worker
	case <-time.After(20 * time.Second):
		c.Error("the call that hung goes on")
	}
}

// endPause lets the pause pass that a silent bus is left alone for.
func (k *Keyring) endPause() (paused bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	paused = !k.resumeAt.IsZero()
	k.resumeAt = time.Time{}
	return paused
}

// expectGoroutines waits until there are no more goroutines than before.
func expectGoroutines(t *testing.T, before int) {
	t.Helper()
	closeShared(t)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); runtime.NumGoroutine() > before; {
		select {
		case <-tick.C:
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// closeShared closes the connection go-keyring keeps.
func closeShared(t *testing.T) {
	t.Helper()
	conn, err := dbus.SessionBus()
	must(t, err)
	must(t, conn.Close())
}

func encoded(t *testing.T, r *Record) string {
	t.Helper()
	text, err := r.encode()
	must(t, err)
	return text.Reveal()
}

func priorRecord() *Record {
	r := fullRecord()
	r.Account = "prior"
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
