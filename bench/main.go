// Command bench measures valetkey beside any other MCP server that speaks on
// stdin and stdout, at one GitHub-shaped API on loopback, and prints a Markdown
// table: what a call costs in time, an answer in bytes, and a large log or tree
// in memory.
//
//	go run ./bench
//	go run ./bench -env 'GITHUB_HOST={{host}}' -env GITHUB_PERSONAL_ACCESS_TOKEN=example \
//		-questions bench/github-mcp-server.json -- github-mcp-server stdio --toolsets all
//
// It knows of a server only its command line and, from a file, which of its
// tools answer which question. It ends with 1 if valetkey is over a budget of
// bytes or memory; time has no budget, since it is the machine's as well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		stop()
		os.Exit(1)
	}
}

type options struct {
	calls     int
	logMB     int
	valetkey  string
	questions string
	servers   []string
	variables []string
	command   []string
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func parse(args []string, errors io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errors)
	flags.IntVar(&o.calls, "n", 200, "calls measured one at a time; ten times as many with 64 in flight")
	flags.IntVar(&o.logMB, "log", 100, "size of the large log, in `MB`")
	flags.StringVar(&o.valetkey, "valetkey", "", "`path` of a valetkey that is built already")
	flags.StringVar(&o.questions, "questions", "", "JSON `file` with what to ask other servers")
	flags.Var((*list)(&o.servers), "server", "another server, as 'NAME=COMMAND ARGUMENT…'; {{host}} and {{api}} stand for the API's address; repeatable")
	flags.Var((*list)(&o.variables), "env", "`NAME=VALUE` in the environment of the other servers; repeatable")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.command = flags.Args()
	if o.calls < 1 || o.logMB < 1 {
		return o, fmt.Errorf("-n and -log must be at least 1")
	}
	return o, nil
}

// run writes the table. Its error says which budgets are broken.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args, progress)
	if err != nil {
		return err
	}
	others, err := o.others()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "valetkey-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if o.valetkey == "" {
		o.valetkey = filepath.Join(scratch, executable("valetkey"))
		if err := build(ctx, o.valetkey); err != nil {
			return err
		}
	}
	api, err := startAPI(int64(o.logMB) * 1e6)
	if err != nil {
		return err
	}
	defer api.close()
	servers := append(ours(o.valetkey, scratch), others...)
	for i := range servers {
		servers[i] = servers[i].at(api.address)
	}
	t, err := measureAll(ctx, api, servers, o, progress)
	if err != nil {
		return err
	}
	if err := t.write(out); err != nil {
		return err
	}
	return t.overBudget()
}
