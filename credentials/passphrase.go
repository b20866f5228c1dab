package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

const (
	passphraseFileVariable    = "VALET_PASSPHRASE_FILE"
	passphraseCommandVariable = "VALET_PASSPHRASE_COMMAND"

	// passphraseAttempts is how often a person may mistype one.
	passphraseAttempts = 3
)

// Passphrase says where the passphrase of [SealedFiles] comes from: the first
// of these that is set.
type Passphrase struct {
	// File is the path of a file that holds it, which no other user may open,
	// and Command a command that prints it, run without a shell. A line break at the end is no part of it.
	File, Command string
	// Ask puts a question to a person and answers what they type, unseen. nil:
	// nobody is there.
	Ask func(ctx context.Context, question string) (oauth.Secret, error)
}

// variable is the variable the passphrase is given by, "" for none.
func (p Passphrase) variable() string {
	switch {
	case Given(p.File) != "":
		return passphraseFileVariable
	case Given(p.Command) != "":
		return passphraseCommandVariable
	}
	return ""
}

// read answers the passphrase a variable leads to. It is only called when there
// is one.
func (p Passphrase) read(ctx context.Context) (oauth.Secret, error) {
	variable := p.variable()
	var text string
	var err error
	if variable == passphraseFileVariable {
		if err := checkPassphraseFile(Given(p.File)); err != nil {
			return oauth.Secret{}, err
		}
		text, err = readKeyFile(Given(p.File))
	} else {
		var argv []string
		if argv, err = splitCommand(Given(p.Command)); err == nil {
			text, err = runKeyCommand(ctx, argv, keyCommandTimeout)
		}
	}
	if ctx.Err() != nil {
		return oauth.Secret{}, ctx.Err()
	}
	var passphrase oauth.Secret
	if err == nil {
		passphrase, err = wholePassphrase(text)
	}
	if err != nil {
		return oauth.Secret{}, lockedFiles(fmt.Sprintf("the passphrase from %s can't be read: %v", variable, withoutOperand(err)), "correct "+variable)
	}
	return passphrase, nil
}

// checkPassphraseFile refuses a file that other users may open. One that isn't
// there is left to whoever reads it.
func checkPassphraseFile(path string) error {
	info, err := os.Stat(path)
	if err != nil || !isLoose(info) {
		return nil
	}
	return lockedFiles(fmt.Sprintf("other users may open %s (mode %04o), the file of %s", path, info.Mode().Perm(), passphraseFileVariable),
		"run: chmod go= "+path)
}

// wholePassphrase answers the passphrase in what a file or a command gave: its
// only line, spaces included, as age would take it from a person.
func wholePassphrase(text string) (oauth.Secret, error) {
	line := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(text, "\ufeff"), "\n"), "\r")
	switch {
	case len(text) > maxKeySize:
		return oauth.Secret{}, fmt.Errorf("it gave more than %d bytes, so not a passphrase", maxKeySize)
	case strings.TrimSpace(line) == "":
		return oauth.Secret{}, errors.New("it gave nothing")
	case strings.ContainsAny(line, "\r\n\x00"):
		return oauth.Secret{}, errors.New("it gave more than one line")
	}
	return oauth.NewSecret(line), nil
}

// askNew asks a person for a passphrase that nothing is sealed with yet, twice.
func (p Passphrase) askNew(ctx context.Context, path string) (oauth.Secret, error) {
	if p.Ask == nil {
		return oauth.Secret{}, noPassphrase()
	}
	question := fmt.Sprintf("A new passphrase, for %s: ", path)
	for range passphraseAttempts {
		first, err := p.ask(ctx, question)
		if err != nil {
			return oauth.Secret{}, err
		}
		second, err := p.ask(ctx, "The same again: ")
		if err != nil {
			return oauth.Secret{}, err
		}
		if first.Equal(second) {
			return first, nil
		}
		question = "They differ. The new passphrase once more: "
	}
	return oauth.Secret{}, declinedFiles("the two passphrases differed each time")
}

// ask puts a question whose answer can't be empty.
func (p Passphrase) ask(ctx context.Context, question string) (oauth.Secret, error) {
	if p.Ask == nil {
		return oauth.Secret{}, noPassphrase()
	}
	typed, err := p.Ask(ctx, question)
	switch {
	case ctx.Err() != nil:
		return oauth.Secret{}, ctx.Err()
	case errors.Is(err, io.EOF), err == nil && strings.TrimSpace(typed.Reveal()) == "":
		return oauth.Secret{}, declinedFiles("no passphrase was typed")
	case err != nil:
		return oauth.Secret{}, declinedFiles("the terminal gave no passphrase: " + err.Error())
	}
	return typed, nil
}

func noPassphrase() error {
	return lockedFiles("there is no passphrase, and nobody to ask for it",
		fmt.Sprintf("set %s or %s where valetkey is started", passphraseFileVariable, passphraseCommandVariable))
}

func lockedFiles(reason, mend string) error {
	return &StoreError{Outcome: Locked, Reason: reason, store: fileStoreName, mend: mend}
}

func declinedFiles(reason string) error {
	return &StoreError{Outcome: Declined, Reason: reason, store: fileStoreName,
		mend: fmt.Sprintf("try again, or set %s or %s", passphraseFileVariable, passphraseCommandVariable)}
}

// brokenFiles is for what a person has to look at.
func brokenFiles(reason, mend string) error {
	return &StoreError{Outcome: Broken, Reason: reason, store: fileStoreName, mend: mend}
}
