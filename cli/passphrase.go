package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

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
		awaitHiding(number, before)
		_ = term.Restore(number, before)
		return oauth.Secret{}, ctx.Err()
	}
}

// awaitHiding waits until the terminal hides what is typed, which the goroutine that
// reads may yet be about to have it do. A terminal that hid it before costs the whole
// of the tenth of a second.
func awaitHiding(number int, before *term.State) {
	over := time.After(100 * time.Millisecond)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		if now, err := term.GetState(number); err != nil || !reflect.DeepEqual(now, before) {
			return
		}
		select {
		case <-look.C:
		case <-over:
			return
		}
	}
}
