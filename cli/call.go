package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
)

const maxArguments = 16 << 20

func (a *app) callCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "call TOOL [JSON]",
		Short: "Call a tool from the command line, as an assistant would",
		Long: "Call a tool with the arguments an assistant would give, and print its answer.\n" +
			"The arguments are a JSON object, or - to read one from stdin. The exit code is 4 if a sign-in is needed.",
		Example:           "  valetkey call github_whoami\n  valetkey call github_search '{\"kind\":\"repositories\",\"query\":\"language:go mcp\"}'",
		Args:              a.callArguments,
		ValidArgsFunction: a.toolNames,
		RunE: func(_ *cobra.Command, args []string) error {
			// Before Ctrl-C is caught, since reading stdin can't be.
			given, err := a.arguments(args[1:])
			if err != nil {
				return err
			}
			ctx, stop := interruptible()
			defer stop()
			return a.call(ctx, args[0], given)
		},
	}
}

// callArguments takes a tool's name and perhaps its arguments.
func (a *app) callArguments(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return errors.New("name a tool; known: " + a.knownTools())
	case len(args) > 2:
		return errors.New("give the arguments as one JSON object, in quotes")
	}
	return nil
}

func (a *app) knownTools() string {
	names, _ := a.toolNames(nil, nil, "")
	return strings.Join(names, ", ")
}

// toolNames are those a person has selected, or the usual ones where the
// configuration is wrong.
func (a *app) toolNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	offered := misconfigured(nil).Tools
	if opened, _, err := a.open(setup{log: slog.New(slog.DiscardHandler), brief: true, borrow: true}); err == nil {
		offered = allOffered(opened).Tools
		defer closeAll(opened)
	}
	return namesOf(offered), cobra.ShellCompDirectiveNoFileComp
}

func namesOf(offered []tools.Tool) []string {
	var names []string
	for _, tool := range offered {
		names = append(names, tool.Name)
	}
	return names
}

func (a *app) call(ctx context.Context, name string, given json.RawMessage) error {
	log := a.logTo(a.err, slog.LevelInfo)
	opened, own, err := a.open(setup{log: log, ask: a.asker(), brief: true, borrow: true, warn: a.warn})
	if err != nil {
		return err
	}
	tracer := own.tracer(log, a.err)
	defer tracer.Close()
	defer closeAll(opened)
	offered := allOffered(opened)
	// Nobody knows what was read before: an assistant may have a terminal.
	own.rules.Untrusted.Elsewhere = true
	answer, err := own.auditOf(opened, offered, log).Call(ctx, "valetkey call", version(), name, given, func(ctx context.Context) (string, error) {
		for _, tool := range offered.Tools {
			if tool.Name == name {
				ctx, span := tracer.Begin(ctx, "tools/call "+name, "", "")
				defer span.End()
				answer, err := a.run(ctx, log, tool, given)
				if err != nil {
					span.Fail("tool_error")
				}
				return strings.TrimSuffix(answer, "\n"), err
			}
		}
		return "", usage("%v", offered.Refuse(ctx, log, name))
	})
	if err != nil {
		return err
	}
	a.say("%s", answer)
	return nil
}

// run calls a tool, and asks the person about it where that has to be: again if what
// would be sent is no longer what they agreed to.
func (a *app) run(ctx context.Context, log *slog.Logger, tool tools.Tool, given json.RawMessage) (string, error) {
	var agreed gate.Fingerprint
	for asked := 0; ; asked++ {
		call := tool.NewCall()
		call.Confirmed = agreed
		answer, err := tools.Run(gate.With(ctx, call), log, tool, given)
		var missing *gate.Unconfirmed
		switch {
		case !errors.As(err, &missing):
			return answer, err
		case asked == tools.MaxAsked:
			return "", tools.ErrKeepsChanging
		case !isTerminal(a.in) || !isTerminal(a.err):
			return "", fmt.Errorf("%w; call it at a terminal, or set VALET_CONFIRM=never", err)
		}
		if err := a.confirm(ctx, tool, given, missing); err != nil {
			return "", err
		}
		agreed = missing.Request.Fingerprint()
	}
}

// confirm asks the person at the terminal whether a request may be sent; nil: it may.
func (a *app) confirm(ctx context.Context, tool tools.Tool, given json.RawMessage, missing *gate.Unconfirmed) error {
	fmt.Fprintf(a.err, "%s [y/N] ", tool.Question(given, missing))
	said, err := readLine(ctx, a.typed())
	if err != nil {
		tools.Unanswered(ctx)
		fmt.Fprintln(a.err)
		return err
	}
	if said = strings.ToLower(said); said != "y" && said != "yes" {
		tools.Declined(ctx)
		return errors.New("you didn't agree; nothing was sent")
	}
	return nil
}

// arguments answers the JSON a person gave; none is an empty object.
func (a *app) arguments(given []string) (json.RawMessage, error) {
	if len(given) == 0 {
		return json.RawMessage("{}"), nil
	}
	text := []byte(given[0])
	if given[0] == "-" {
		read, err := io.ReadAll(io.LimitReader(a.in, maxArguments+1))
		if err != nil {
			return nil, err
		}
		if len(read) > maxArguments {
			return nil, usage("the arguments are longer than %d bytes", maxArguments)
		}
		text = read
	}
	if !json.Valid(text) {
		return nil, usage("the arguments are not JSON: %.60q", text)
	}
	return text, nil
}
