package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/stdio"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/trace"
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve MCP on stdin and stdout, which is what hosts start",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.serve() },
	}
}

// serve speaks MCP until the host closes stdin or sends a signal.
func (a *app) serve() error {
	if isTerminal(a.in) {
		a.complain("valetkey: waiting for an MCP host on stdin; press Ctrl-C to stop, or run: valetkey --help")
	}
	out, err := private(a.out)
	if err != nil {
		return err
	}
	quiet := stdio.NewLog(a.err)
	log := a.logTo(quiet, slog.LevelInfo)
	var offered tools.Offer
	opened, own, err := a.open(setup{log: log, warn: func(found []stray) {
		log.Warn("a variable is set that nothing reads", "variables", listed(found))
	}})
	if err != nil {
		log.Error("the configuration is wrong; every call will say so", "error", err)
		offered = misconfigured(err)
	} else {
		offered = allOffered(opened)
		for _, fault := range faultsOf(opened) {
			log.Error("a service is misconfigured; every call of its tools will say so", "error", fault)
		}
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	tracer := own.tracer(log, quiet)
	in := &input{Reader: a.in, over: make(chan struct{})}
	server := &stdio.Server{
		MCP: traced(tracer, tools.NewServer(tools.Options{
			Version: version(), Instructions: instructions(offered), Offer: offered, Audit: own.auditOf(opened, offered, log), Log: log, OpenBrowser: browserFor(own, log), HostGone: in.over,
		})),
		In: in, Out: out, Log: log, Signals: signals,
	}
	err = server.Serve(context.Background())
	if errors.Is(err, stdio.ErrForced) {
		// Calls aren't waited for any more, but a token on its way is, unless a
		// third signal comes: the service hands it over once.
		signal.Stop(signals)
		err = nil
	}
	closeAll(opened)
	tracer.Close()
	return errors.Join(err, quiet.Close())
}

// traced is the server itself where nobody has asked for traces.
func traced(tracer *trace.Tracer, server *tools.Server) stdio.MCP {
	if tracer == nil {
		return server
	}
	return tools.Traced{Server: server, Tracer: tracer}
}

// private keeps what this process prints by mistake out of the protocol.
func private(out io.Writer) (io.Writer, error) {
	if out != os.Stdout {
		return out, nil
	}
	return stdio.PrivateStdout()
}

// input closes over at its end. It is read by one goroutine.
type input struct {
	io.Reader
	over  chan struct{}
	ended bool
}

func (i *input) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if err != nil && !i.ended {
		i.ended = true
		close(i.over)
	}
	return n, err
}
