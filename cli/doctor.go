package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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
	own         settings
	opened      []service
	failed      error
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
	e := &examination{environment: environmentNames(os.Environ())}
	e.opened, e.own, e.failed = a.open(setup{log: slog.New(slog.DiscardHandler), brief: true, ask: a.asker()})
	defer closeAll(e.opened)
	var found []finding
	for _, c := range append(checks(), serviceChecks(e.opened)...) {
		began := time.Now()
		f := c.run(ctx, e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.Check, f.Milliseconds = c.name, float64(time.Since(began).Microseconds())/1000
		found = append(found, f)
		if !asJSON {
			a.sayFinding(f)
		}
	}
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	}
	return verdict(found)
}

func (a *app) sayFinding(f finding) {
	mark := "✓"
	if !f.OK {
		mark = "✗"
	}
	a.say("%s %-16s %s", mark, f.Check, f.Said)
	if f.Mend != "" {
		a.say("  %-16s → %s", "", f.Mend)
	}
}

// verdict is the exit code: a sign-in that is missing is less than a fault.
func verdict(found []finding) error {
	code := exitDone
	for _, f := range found {
		switch {
		case f.OK:
		case f.signIn && code == exitDone:
			code = exitSignInNeeded
		case !f.signIn:
			code = exitFailed
		}
	}
	if code == exitDone {
		return nil
	}
	return &exitError{code}
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
			return fine("makes sense")
		}},
		{"store", ifConfigured(checkStore)},
		{"locks", ifConfigured(checkLocks)},
		{"browser", ifConfigured(checkBrowser)},
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
	case store.Source() == credentials.SourceMemory && haveKeys(ctx, e.opened):
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
	return !slices.ContainsFunc(opened, func(s service) bool {
		status, err := s.credential.Status(ctx)
		return err != nil || status.Variable == "" && status.Grant == ""
	})
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

func checkLocks(ctx context.Context, e *examination) finding {
	if e.own.Store == "memory" {
		return fine("not needed: no other process sees what VALET_STORE=memory keeps")
	}
	folder := e.own.folder()
	var entries []string
	for _, s := range e.opened {
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

// serviceChecks are the lines about each service.
func serviceChecks(opened []service) []check {
	var all []check
	for _, s := range opened {
		all = append(all,
			check{s.Name + " endpoints", func(context.Context, *examination) finding { return checkEndpoints(s) }},
			check{s.Name + " network", func(ctx context.Context, e *examination) finding { return checkNetwork(ctx, s, e.own) }},
			check{s.Name + " clock", func(context.Context, *examination) finding { return checkClock(s) }},
			check{s.Name + " sign-in", func(ctx context.Context, _ *examination) finding { return checkSignIn(ctx, s) }},
		)
	}
	return all
}

// checkEndpoints says where a sign-in goes. These are built in; a service whose
// metadata is looked up would fail here.
func checkEndpoints(s service) finding {
	from, given := "built in", s.options.Settings
	switch {
	case given.Grant != "" && s.at.Issuer == "":
		return fine("tokens from %s, by the client secret", s.at.Endpoint.TokenURL)
	case given.Grant != "":
		return fine("tokens from the issuer %s, by the client secret", s.at.Issuer)
	case s.at.Endpoint.DeviceAuthURL == "":
		return fine("none: this service takes a key")
	case given.DeviceURL != "" || given.TokenURL != "":
		from = "from the environment"
	}
	return fine("codes from %s, tokens from %s, %s", s.at.Endpoint.DeviceAuthURL, s.at.Endpoint.TokenURL, from)
}

func checkNetwork(ctx context.Context, s service, own settings) finding {
	mend := "check the network, the proxy and " + s.at.HostVariable
	way, err := s.options.Network.Way(s.at.APIURL)
	if err != nil {
		return wrong(mend, "%v", err)
	}
	if credentials.Given(own.CAFile) != "" {
		way += ", trusting VALET_CA_FILE as well"
	}
	if err := s.credential.Reach(ctx); err != nil {
		return wrong(mend, "%s can't be reached %s: %v", s.at.Host, way, err)
	}
	return fine("%s answers, reached %s", s.at.Host, way)
}

func checkClock(s service) finding {
	ahead, known := s.credential.ClockSkew()
	switch {
	case !known:
		return wrong("", "not compared, since %s hasn't said what time it is", s.at.Host)
	case ahead.Abs() > time.Minute:
		return wrong("set this machine's clock", "it is %s ahead of %s", ahead, s.at.Host)
	}
	return fine("within a minute of %s", s.at.Host)
}

// withoutNote drops what has been said about the store already.
func withoutNote(status credentials.Status, note string) credentials.Status {
	if status.StoreNote == note {
		status.StoreNote = ""
	}
	status.Mend = strings.TrimSuffix(status.Mend, "; "+note)
	return status
}

// checkSignIn asks the service too, since a token may have been revoked.
func checkSignIn(ctx context.Context, s service) finding {
	status, err := s.credential.Status(ctx)
	if err != nil {
		// The store's own line says what mends it.
		return wrong("", "not known: %s", status.Reason)
	}
	status = withoutNote(status, s.options.Store.Note())
	if !status.SignedIn {
		f := wrong(status.Mend, "not signed in")
		if status.Reason != "" {
			f = wrong(status.Mend, "not signed in: %s", status.Reason)
		}
		f.signIn = status.Variable == ""
		return f
	}
	account, err := s.credential.Identify(ctx)
	switch {
	case errors.Is(err, credentials.ErrNotSignedIn):
		f := wrong("run: "+s.credential.LoginCommand(), "%s no longer accepts the token", s.at.Host)
		f.signIn = true
		return f
	case errors.Is(err, credentials.ErrKeyRefused):
		return wrongBecause(err)
	case err != nil:
		return wrong("", "%s; trying it went wrong: %v", status.Describe(), err)
	}
	return fine("%s%s", status.Describe(), asAccount(account))
}
