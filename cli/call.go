package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

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
	log := plainLog(a.err)
	opened, _, err := a.open(setup{log: log, ask: a.asker(), brief: true, borrow: true, warn: a.warn})
	if err != nil {
		return err
	}
	defer closeAll(opened)
	offered := allOffered(opened)
	for _, tool := range offered.Tools {
		if tool.Name != name {
			continue
		}
		answer, err := tools.Run(ctx, log, tool, given)
		if err != nil {
			return err
		}
		a.say("%s", strings.TrimSuffix(answer, "\n"))
		return nil
	}
	return usage("%v", offered.NoTool(name))
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
