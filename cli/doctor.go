package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
)

// missingEntry is an entry that nobody writes: to read it shows how the store
// answers, whatever other processes do.
const missingEntry = "doctor/missing"

// finding is what a check has found. Mend is what to do about it.
type finding struct {
	Check        string  `json:"check"`
	OK           bool    `json:"ok"`
	Said         string  `json:"said"`
	Mend         string  `json:"mend,omitempty"`
	Milliseconds float64 `json:"milliseconds"`
	// signIn says that nothing is wrong but that nobody is signed in.
	signIn bool
}

func fine(format string, args ...any) finding {
	return finding{OK: true, Said: fmt.Sprintf(format, args...)}
}

func wrong(mend, format string, args ...any) finding {
	return finding{Mend: mend, Said: fmt.Sprintf(format, args...)}
}

// examination is what the checks look at.
type examination struct {
	environment []string
	borrowed    string
	own         settings
	opened      []service
	failed      error
	strays      []stray
	hosts       func() ([]hostHere, error)
	stopped     func() (stopped, mend string)
}

// check is a line of doctor's.
type check struct {
	name string
	run  func(context.Context, *examination) finding
}

func (a *app) doctorCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything a sign-in needs: keyring, locks, network, clock, browser",
		Long: "Check everything a sign-in needs, a line a check, and say what to do about what is wrong.\n" +
			"No secret is shown. The exit code is 1 if something is wrong, 4 if only a sign-in is missing.",
		Example: "  valetkey doctor --json    to put into a bug report",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.doctor(ctx, asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON: an array with an object a check")
	return command
}

func (a *app) doctor(ctx context.Context, asJSON bool) error {
	e := &examination{environment: environmentNames(os.Environ()), hosts: a.hostsHere, stopped: a.stoppedNow}
	e.opened, e.own, e.failed = a.open(setup{log: a.logTo(a.err, nothing), brief: true, borrow: true, ask: a.asker(), warn: func(found []stray) { e.strays = found }})
	defer closeAll(e.opened)
	e.borrowed = a.listBorrowed()
	if len(e.opened) > 0 {
		// What is wrong is a service's own, and stands in its line.
		e.failed = nil
	}
	general := checks()
	perService := serviceChecks(e.opened)
	var found []finding
	widest := widestOf(append([][]check{general}, perService...))
	hand := func(some []finding) {
		for _, f := range some {
			found = append(found, f)
			if !asJSON && ctx.Err() == nil {
				a.sayFinding(f, widest)
			}
		}
	}
	for _, c := range general {
		hand(c.look(ctx, e))
	}
	inOrder(perService, func(checks []check) (some []finding) {
		for _, c := range checks {
			some = append(some, c.look(ctx, e)...)
		}
		return some
	}, hand)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	}
	worst := exitDone
	for _, f := range found {
		worst = worseOf(worst, f.code())
	}
	return exitWith(worst)
}

// look makes a check, unless the context has ended before.
func (c check) look(ctx context.Context, e *examination) []finding {
	if ctx.Err() != nil {
		return nil
	}
	began := time.Now()
	f := c.run(ctx, e)
	f.Check, f.Milliseconds = c.name, float64(time.Since(began).Microseconds())/1000
	return []finding{f}
}

// widestOf is how wide the column of the checks' names is.
func widestOf(all [][]check) int {
	widest := 0
	for _, c := range slices.Concat(all...) {
		widest = max(widest, len(c.name))
	}
	return widest
}

func (a *app) sayFinding(f finding, width int) {
	mark := "✓"
	if !f.OK {
		mark = "✗"
	}
	a.say("%s %-*s %s", mark, width, f.Check, f.Said)
	if f.Mend != "" {
		a.say("  %-*s → %s", width, "", f.Mend)
	}
}

// code is the exit code for what was found.
func (f finding) code() int {
	switch {
	case f.OK:
		return exitDone
	case f.signIn:
		return exitSignInNeeded
	}
	return exitFailed
}

// checks are those that are not about one service.
func checks() []check {
	return []check{
		{"version", func(context.Context, *examination) finding {
			return fine("valetkey %s, %s, %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		}},
		{"environment", checkEnvironment},
		{"configuration", func(_ context.Context, e *examination) finding {
			if e.failed != nil {
				return wrong("", "%s", strings.ReplaceAll(e.failed.Error(), "\n", "; "))
			}
			if len(faultsOf(e.opened)) > 0 {
				return fine("makes sense, but for that of a service: see below")
			}
			return fine("makes sense")
		}},
		{"store", ifConfigured(checkStore)},
		{"locks", ifConfigured(checkLocks)},
		{"audit", ifConfigured(checkAudit)},
		{"browser", ifConfigured(checkBrowser)},
		{"hosts", checkHosts},
		{"changes", checkChanges},
	}
}

// ifConfigured is a check of what the configuration says.
func ifConfigured(check func(context.Context, *examination) finding) func(context.Context, *examination) finding {
	return func(ctx context.Context, e *examination) finding {
		if e.failed != nil {
			return wrong("correct the configuration first", "not looked at")
		}
		return check(ctx, e)
	}
}

// checkStore writes, reads and removes an entry of its own.
func checkStore(ctx context.Context, e *examination) finding {
	store := e.opened[0].options.Store
	began := time.Now()
	_, err := store.Read(ctx, missingEntry)
	if errors.Is(err, credentials.ErrNotFound) {
		err = store.Ready(ctx)
	}
	took := time.Since(began).Round(time.Millisecond)
	switch {
	case err != nil:
		return wrongBecause(err)
	case e.own.Store == "memory":
		return fine("%s", store.Note())
	case store.Source() == credentials.SourceMemory && haveKeys(ctx, working(e.opened)):
		return fine("not needed, since no service needs a sign-in")
	case store.Source() == credentials.SourceMemory:
		note, mend := credentials.AdviceOf(store)
		return wrong(mend+", or give an API key", "%s", note)
	}
	if err := credentials.TryStore(ctx, store, e.own.folder()); err != nil {
		f := wrongBecause(err)
		f.Said = fmt.Sprintf("ready in %s, but nothing can be kept: %s", took, f.Said)
		return f
	}
	said := fmt.Sprintf("the %s is ready in %s and keeps what it is given", store.Source(), took)
	return fine("%s", withNote(said, store.Note()))
}

// haveKeys reports whether no service needs a sign-in.
func haveKeys(ctx context.Context, opened []service) bool {
	return len(opened) > 0 && !slices.ContainsFunc(opened, func(s service) bool {
		status, err := s.credential.Status(ctx)
		return err != nil || status.Variable == "" && status.Grant == ""
	})
}

// counted is "1 tool" or "2 tools".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func withNote(said, note string) string {
	if note == "" {
		return said
	}
	return said + "; " + note
}

// wrongBecause splits an error into what is so and what to do about it.
func wrongBecause(err error) finding {
	said, mend := credentials.Advice(err)
	return wrong(mend, "%s", said)
}

// checkChanges tells whether valetkey stop has halted everything.
func checkChanges(_ context.Context, e *examination) finding {
	if stopped, mend := e.stopped(); stopped != "" {
		return wrong(mend, "%s", stopped)
	}
	return fine("not stopped")
}

func checkLocks(ctx context.Context, e *examination) finding {
	if e.own.Store == "memory" {
		return fine("not needed: no other process sees what VALET_STORE=memory keeps")
	}
	folder := e.own.folder()
	var entries []string
	for _, s := range working(e.opened) {
		entries = append(entries, s.credential.Name())
	}
	if err := folder.TryLocks(ctx, entries...); err != nil {
		f := wrongBecause(err)
		f.Said += "; without locks, two hosts at once may both renew a token, and lose it"
		return f
	}
	return fine("processes can lock each other out in %s", folder.Path)
}

func checkBrowser(_ context.Context, e *examination) finding {
	switch {
	case e.own.Browser == "never":
		return fine("left alone (VALET_BROWSER=never)")
	case !hasDisplay(runtime.GOOS, os.Getenv):
		return fine("none here: there is no display, or this is SSH; codes are shown in words")
	}
	return fine("sign-in pages are opened")
}
