// Package cli is the command line: one file a command. It reads the
// environment, builds services, tools and credentials from it and speaks to
// people. With no command it is the MCP server.
//
// Nothing but the protocol is written to stdout while serving; all other
// commands speak on stdout and complain on stderr.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// The exit codes, as documented in the README.
const (
	exitDone         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitSignInNeeded = 4
)

// app is one run of the program.
type app struct {
	in       io.Reader
	out, err io.Writer
	started  bool
	account  string
	// reader is what the person types; see typed.
	reader *bufio.Reader
	// borrowed are the variables that come from a host's file.
	borrowed []loan
	// looked is what hostsHere found.
	looked func() ([]hostHere, error)
	// unsaid is why something could not be said.
	unsaid error
	// level is how much is said in the log.
	level slog.LevelVar
}

// Run runs the command that args name and answers the exit code.
func Run(args []string, in io.Reader, out, err io.Writer) int {
	a := &app{in: in, out: out, err: err}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(err)
	failure := root.Execute()
	if failure == nil {
		failure = a.unsaid
	}
	if failure == nil {
		return exitDone
	}
	var silent *exitError
	switch {
	case errors.As(failure, &silent):
	case errors.Is(failure, context.Canceled):
		a.complain("valetkey: stopped")
	default:
		a.complain("valetkey: %v", failure)
		if len(a.borrowed) > 0 {
			a.complain("valetkey: from the entries of hosts: %s", a.listBorrowed())
		}
	}
	return a.exitCode(failure)
}

// Command answers the tree of commands, to make completions and a manual page of.
// It isn't there to be executed: that is what [Run] does.
func Command() *cobra.Command { return new(app).root() }

// exitError ends the program with a code after everything has been said.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// usageError is a command that was given what it can't take.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func (a *app) exitCode(failure error) int {
	var silent *exitError
	var misused *usageError
	var misfit *tools.ArgumentError
	var required *credentials.SignInRequired
	switch {
	case errors.As(failure, &silent):
		return silent.code
	case errors.As(failure, &required), errors.Is(failure, credentials.ErrNotSignedIn), errors.Is(failure, credentials.ErrNoClient):
		return exitSignInNeeded
	case !a.started, errors.As(failure, &misused), errors.As(failure, &misfit):
		return exitUsage
	}
	return exitFailed
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "valetkey",
		Short: "Sign an AI assistant in, once, for every host on this machine",
		Long: "valetkey is an MCP server that signs an AI assistant in to the services it works with.\n" +
			"Without a command it serves MCP on stdin and stdout, as hosts start it; at a terminal it says what to do next.",
		Example:                    "  valetkey demo            see the whole story, without an account\n  valetkey login github    sign in now rather than at the first tool call\n  valetkey status          where each token comes from",
		Args:                       a.noSuchCommand,
		Version:                    version(),
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		SilenceUsage:               true,
		PersistentPreRun:           func(*cobra.Command, []string) { a.started = true },
		RunE: func(*cobra.Command, []string) error {
			if a.isAttended() {
				a.greet()
				return nil
			}
			return a.serve()
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.PersistentFlags().StringVar(&a.account, "account", "", "`name` of a second account; its token is kept apart")
	// It fails for a flag that there isn't.
	_ = root.RegisterFlagCompletionFunc("account", a.accountNames)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return fmt.Errorf("%w; see: %s --help", err, command.CommandPath())
	})
	root.AddCommand(a.serveCommand(), a.loginCommand(), a.logoutCommand(), a.statusCommand(), a.doctorCommand(), a.callCommand(), a.auditCommand(), a.installCommand(), a.stopCommand(), a.goCommand(), a.demoCommand(), a.versionCommand(), a.jqCommand())
	return root
}

// noSuchCommand refuses what is no command, and guesses what was meant.
func (a *app) noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %.60q", args[0])
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(text + "; see: valetkey --help")
}

// noArguments refuses any argument.
func noArguments(command *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument such as %.60q; see: %s --help", command.CommandPath(), args[0], command.CommandPath())
	}
	return nil
}

// atMostOne refuses more than one argument.
func atMostOne(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return errors.New("name one service, or none")
	}
	return nil
}

// interruptible answers a context that Ctrl-C and SIGTERM end. A second one ends
// the program, whatever it waits for.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// say writes to the person who runs a command.
func (a *app) say(format string, args ...any) {
	if _, err := fmt.Fprintf(a.out, format+"\n", args...); err != nil && a.unsaid == nil {
		a.unsaid = fmt.Errorf("writing the answer: %w", err)
	}
}

// complain writes to the person on stderr.
func (a *app) complain(format string, args ...any) {
	fmt.Fprintf(a.err, format+"\n", args...)
}

// The levels of a command that says itself what goes well or wrong, and of one that
// says nothing but its answer.
const (
	onlyErrors = slog.LevelError
	nothing    = slog.LevelError + 1
)

// logTo is plainLog at the level of VALET_LOG, or the usual one until that is read.
func (a *app) logTo(w io.Writer, usual slog.Level) *slog.Logger {
	a.level.Set(usual)
	return plainLog(w, &a.level)
}

// plainLog writes for people on stderr: no times, since a host keeps its own.
// Its attributes never hold a secret, and a Secret could not be printed anyway.
func plainLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
			if len(groups) == 0 && attribute.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attribute
		},
	}))
}

// serviceNames completes the name of a service.
func (a *app) serviceNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return namesIn(chosen()), cobra.ShellCompDirectiveNoFileComp
}

// accountNames completes the name of an account, of the service that is named or
// of any.
func (a *app) accountNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	own, err := loadSettings()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := namesIn(chosen())
	if len(args) == 1 && slices.Contains(names, args[0]) {
		names = args
	}
	var known []string
	for _, name := range names {
		accounts, _ := own.folder().Accounts(name)
		known = append(known, slices.DeleteFunc(accounts, func(account string) bool { return account == "" })...)
	}
	slices.Sort(known)
	return slices.Compact(known), cobra.ShellCompDirectiveNoFileComp
}

func namesIn(entries []tools.Service) []string {
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return names
}

func withAccount(title, account string) string {
	return strings.TrimSpace(title + " " + account)
}

func joinNames(entries []tools.Service) string { return strings.Join(namesIn(entries), ", ") }

func namesOfServices(opened []service) string { return joinNames(entriesOf(opened)) }

func entriesOf(opened []service) []tools.Service {
	var entries []tools.Service
	for _, s := range opened {
		entries = append(entries, s.Service)
	}
	return entries
}
