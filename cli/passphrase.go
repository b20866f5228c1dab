package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/valetkey/valetkey/oauth"
)

// asker answers what puts a question to the person at the terminal and reads
// the answer unseen; nil if nobody is there.
func (a *app) asker() func(context.Context, string) (oauth.Secret, error) {
	terminal, ok := a.in.(*os.File)
	if !ok || !isTerminal(terminal) {
		return nil
	}
	return func(ctx context.Context, question string) (oauth.Secret, error) {
		return askUnseen(ctx, terminal, a.err, question)
	}
}

// askUnseen gives up when the context ends. The read goes on until the process
// ends, since a terminal can't be interrupted, but the person sees again what
// they type.
func askUnseen(ctx context.Context, terminal *os.File, say io.Writer, question string) (oauth.Secret, error) {
	number := int(terminal.Fd())
	before, err := term.GetState(number)
	if err != nil {
		return oauth.Secret{}, err
	}
	fmt.Fprint(say, question)
	type answer struct {
		typed oauth.Secret
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		typed, err := term.ReadPassword(number)
		answered <- answer{oauth.NewSecret(string(typed)), err}
	}()
	defer fmt.Fprintln(say)
	select {
	case got := <-answered:
		return got.typed, got.err
	case <-ctx.Done():
		_ = term.Restore(number, before)
		return oauth.Secret{}, ctx.Err()
	}
}
