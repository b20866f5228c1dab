package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// typed reads what a person types, for all questions of a run: what is read ahead
// for one belongs to the next.
func (a *app) typed() *bufio.Reader {
	if a.reader == nil {
		a.reader = bufio.NewReader(a.in)
	}
	return a.reader
}

// ask puts a question to the person and answers what they type.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.out, question)
	text, err := readLine(ctx, a.typed())
	if err != nil {
		a.say("")
	}
	return text, err
}

// agree asks for a yes or no, and takes Enter for yes.
func (a *app) agree(ctx context.Context, question string) (bool, error) {
	for {
		text, err := a.ask(ctx, question+" [Y/n] ")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		a.say("Type y or n.")
	}
}
