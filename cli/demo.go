package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

const (
	demoTool     = "github_whoami"
	demoPatience = 15 * time.Minute
	// interruptDelay is how much earlier another process may be interrupted.
	interruptDelay = 200 * time.Millisecond
	demoLifetime   = 8 * time.Hour
	demoPolling    = time.Second
	demoEntryName  = "github"
)

func (a *app) demoCommand() *cobra.Command {
	var approve bool
	command := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole story on this machine: no account, no network, no configuration",
		Long: "Show the whole story with real parts: a practice GitHub on 127.0.0.1, this program as the MCP server\n" +
			"a host would start, a sign-in, a restart, a sign-out. Your own sign-ins are not touched.",
		Example: "  valetkey demo              approve the code yourself, in a browser, if this is a terminal\n  valetkey demo --approve    watch it approve itself",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.demo(ctx, approve || !isTerminal(a.out) || !isTerminal(a.in))
		},
	}
	command.Flags().BoolVar(&approve, "approve", false, "approve the code by itself; so it does without a terminal")
	return command
}

// story is one telling of the demo.
type story struct {
	*app
	box     *sandbox.Sandbox
	keyring *credentials.Keyring
	store   string
	folder  string
	approve bool
	number  int
	asked   int
	host    *demoHost
	after   func(time.Duration) <-chan time.Time
}

// demo tells the story. What it leaves in the keyring is removed at the end,
// whichever way it ends.
func (a *app) demo(ctx context.Context, approve bool) (err error) {
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true, Interval: demoPolling, TokenLifetime: demoLifetime, CodeLifetime: demoPatience + time.Minute})
	if err != nil {
		return err
	}
	defer box.Close()
	folder, err := os.MkdirTemp("", "valetkey-demo-")
	if err != nil {
		return err
	}
	s := &story{app: a, box: box, approve: approve, folder: folder, after: time.After, keyring: &credentials.Keyring{Name: fmt.Sprintf("valetkey-demo-%d", os.Getpid())}}
	defer func() { err = errors.Join(err, s.cleanUp()) }()
	s.chooseStore(ctx)
	for _, step := range s.steps() {
		if err := s.tell(ctx, step); err != nil {
			// A terminal's interrupt may have reached the server first.
			select {
			case <-ctx.Done():
			case <-s.after(interruptDelay):
			}
			if ctx.Err() != nil {
				return errors.New("the demo was stopped; nothing of it is left")
			}
			return fmt.Errorf("the demo went wrong at step %d, %q: %w%s", s.number, step.title, err, s.complaints())
		}
	}
	a.say("\nThat's all. With a GitHub account: README.md says how to get a client id; then run: valetkey install")
	return nil
}

// complaints ends the server and answers what it has said.
func (s *story) complaints() string {
	if s.host == nil {
		return ""
	}
	_ = s.host.close()
	said := s.host.said()
	s.host = nil
	if said == "" {
		return ""
	}
	return "\nThe server said: " + said
}

// chooseStore looks whether there is a keyring to show.
func (s *story) chooseStore(ctx context.Context) {
	_, err := s.keyring.Read(ctx, demoEntryName)
	s.store = "keyring"
	s.say("A practice GitHub runs at %s. Everything below really happens, on this machine only.", s.box.URL())
	if credentials.OutcomeOf(err) == credentials.Ready {
		return
	}
	s.store = "memory"
	reason := err.Error()
	var failed *credentials.StoreError
	if errors.As(err, &failed) {
		reason = failed.Reason
	}
	s.say("There is no keyring to show here: %s.\nSo this demo starts valetkey with VALET_STORE=memory, which forgets the token at its end, and leaves out the restart,\nthe status and the sign-out. For your own sign-ins without a keyring there is VALET_STORE=file instead.", reason)
}

func (s *story) cleanUp() error {
	if s.host != nil {
		s.host.close()
	}
	err := os.RemoveAll(s.folder)
	if s.store != "keyring" {
		return err
	}
	if removed := s.keyring.Delete(context.Background(), demoEntryName); removed != nil {
		err = errors.Join(err, fmt.Errorf("removing the demo's keyring entry %q: %w", s.keyring.Name, removed))
	}
	return err
}

type step struct {
	title string
	run   func(context.Context) (string, error)
}

func (s *story) steps() []step {
	beginning := []step{
		{"A host starts valetkey and says hello (initialize)", s.start},
		{"It lists the tools (tools/list)", s.list},
		{"The assistant calls " + demoTool + ", and nobody is signed in", s.callForCode},
	}
	if s.store == "memory" {
		return append(beginning, step{"The same call again, in the same process", s.callAgain})
	}
	return append(beginning,
		step{"The server is restarted", s.restart},
		step{"The same call again, in the new process, without a sign-in", s.callAgain},
		step{"valetkey status", func(ctx context.Context) (string, error) { return s.command(ctx, "status") }},
		step{"valetkey logout github", func(ctx context.Context) (string, error) { return s.command(ctx, "logout", "github") }},
	)
}

// tell runs a step and says what it did, how long it took and how many
// requests it made.
func (s *story) tell(ctx context.Context, step step) error {
	s.number++
	s.say("\n%d. %s", s.number, step.title)
	begin := time.Now()
	text, err := step.run(ctx)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		s.say("   %s", strings.TrimRight(line, "\n"))
	}
	asked := len(s.box.Requests())
	s.say("   [%.1f ms, %s to the service]", float64(time.Since(begin).Microseconds())/1000, requests(asked-s.asked))
	s.asked = asked
	return nil
}

func requests(n int) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", n)
}

func (s *story) environment() []string {
	return demoEnvironment(os.Environ(), map[string]string{
		"GITHUB_HOST":          s.box.URL(),
		"GITHUB_CLIENT_ID":     sandbox.ClientID,
		"GITHUB_CLIENT_SECRET": sandbox.ClientSecret,
		"VALET_STORE":          s.store,
		"VALET_KEYRING":        s.keyring.Name,
		"VALET_DIR":            s.folder,
		"VALET_BROWSER":        "never",
	})
}

// demoEnvironment is the person's environment without the settings of any
// service, so that no key of theirs takes part.
func demoEnvironment(given []string, own map[string]string) []string {
	var clean []string
	for _, pair := range given {
		name, _, _ := strings.Cut(strings.ToUpper(pair), "=")
		if !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "GH_") && !strings.HasPrefix(name, "VALET_") {
			clean = append(clean, pair)
		}
	}
	for name, value := range own {
		clean = append(clean, name+"="+value)
	}
	return clean
}

func (s *story) start(ctx context.Context) (string, error) {
	host, err := startDemoHost(ctx, s.environment())
	if err != nil {
		return "", err
	}
	s.host = host
	return host.initialize(ctx)
}

func (s *story) restart(ctx context.Context) (string, error) {
	if err := s.host.close(); err != nil {
		return "", fmt.Errorf("the server didn't end well: %w", err)
	}
	return s.start(ctx)
}

func (s *story) list(ctx context.Context) (string, error) { return s.host.list(ctx) }

var demoCode = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

// callForCode calls the tool, has the code in its answer approved, and calls
// it again.
func (s *story) callForCode(ctx context.Context) (string, error) {
	text, err := s.host.call(ctx, demoTool)
	if err != nil {
		return "", err
	}
	code := demoCode.FindString(text)
	if code == "" {
		return "", fmt.Errorf("the answer holds no code to approve: %q", text)
	}
	page := s.box.URL() + "/login/device"
	s.say("   sign in: open %s, code %s", page, code)
	if err := s.approval(ctx, page, code); err != nil {
		return "", err
	}
	return s.untilSignedIn(ctx, s.host.call)
}

func (s *story) approval(ctx context.Context, page, code string) error {
	if s.approve {
		s.say("   (approving it on that page, as a person would)")
		return sandbox.ApproveInPage(ctx, page, code)
	}
	s.say("   Approve it in your browser, within %d minutes; the story goes on when you have.", int(demoPatience.Minutes()))
	if hasDisplay(demoOS(), os.Getenv) {
		openBrowser(page, plainLog(s.err, slog.LevelInfo))
	}
	return nil
}

// untilSignedIn repeats the call while a person takes their time. Each call
// waits by itself, so nothing is hurried here.
func (s *story) untilSignedIn(ctx context.Context, call func(context.Context, string) (string, error)) (string, error) {
	over := s.after(demoPatience)
	for {
		text, err := call(ctx, demoTool)
		if err != nil || !demoCode.MatchString(text) {
			return text, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-over:
			return "", fmt.Errorf("nobody approved the code in %d minutes; run it again", int(demoPatience.Minutes()))
		case <-s.after(demoPolling):
		}
	}
}

func (s *story) callAgain(ctx context.Context) (string, error) {
	text, err := s.host.call(ctx, demoTool)
	if err == nil && demoCode.MatchString(text) {
		err = errors.New("it asked for a sign-in once more")
	}
	return text, err
}
