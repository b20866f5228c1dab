package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Source says where a token comes from.
type Source string

// The sources, in the order they are tried. One of the last three is the store.
const (
	SourceNone    Source = ""
	SourceEnv     Source = "environment"
	SourceFile    Source = "file"
	SourceCommand Source = "command"
	SourceKeyring Source = "keyring"
	SourceSealed  Source = "sealed file"
	SourceMemory  Source = "memory"
)

const (
	keyCommandTimeout = 10 * time.Second
	maxKeySize        = 64 << 10
)

// keySource answers which of the three ways an API key is configured by, and
// the name of its variable.
func (s Settings) keySource(name string) (Source, string) {
	prefix := strings.ToUpper(name)
	switch {
	case !s.Token.IsZero():
		return SourceEnv, s.KeyVariable
	case s.TokenFile != "":
		return SourceFile, prefix + "_TOKEN_FILE"
	case s.TokenCommand != "":
		return SourceCommand, prefix + "_TOKEN_COMMAND"
	}
	return SourceNone, ""
}

// readKey reads the API key afresh. It is only called when one is configured.
func (c *Credential) readKey(ctx context.Context) (oauth.Secret, error) {
	s := c.Settings
	source, variable := s.keySource(c.Service.Name)
	var key string
	var err error
	began := time.Now()
	switch source {
	case SourceEnv:
		c.step(ctx, "a variable holds the key", slog.String("variable", variable))
		return s.Token, nil
	case SourceFile:
		key, err = readKeyFile(s.TokenFile)
	case SourceCommand:
		var argv []string
		if argv, err = c.Service.keyCommand(s.TokenCommand); err == nil {
			key, err = runKeyCommand(ctx, argv, keyCommandTimeout)
		}
	}
	if err == nil {
		key, err = wholeKey(key)
	}
	if err != nil {
		err = keyError(c.Service.Name, variable, err)
		c.step(ctx, "the key can't be read", slog.String("variable", variable), slog.String("from", string(source)), took(began), cause(err))
		return oauth.Secret{}, err
	}
	c.step(ctx, "the key is read", slog.String("variable", variable), slog.String("from", string(source)), took(began))
	return oauth.NewSecret(key), nil
}

func keyError(name, variable string, err error) error {
	wrong := faulty(fmt.Sprintf("mend that, or unset %s to sign in", variable), "%s gives the key, and it can't be read: %w", variable, withoutOperand(err))
	return fmt.Errorf("%s: %w", name, wrong)
}

// findKey makes sure that there is something to read an API key from, without
// running a command.
func (c *Credential) findKey() error {
	source, variable := c.Settings.keySource(c.Service.Name)
	switch source {
	case SourceFile:
		_, err := c.readKey(context.Background())
		return err
	case SourceCommand:
		argv, err := c.Service.keyCommand(c.Settings.TokenCommand)
		if err == nil {
			_, err = exec.LookPath(argv[0])
		}
		if err != nil {
			return keyError(c.Service.Name, variable, err)
		}
	}
	return nil
}

// withoutOperand drops the path or the command that an error names: it may be
// a key that was put into the wrong variable.
func withoutOperand(err error) error {
	var path *fs.PathError
	var command *exec.Error
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("the program it names is not on the PATH, which hosts may shorten, so write its whole path")
	case errors.As(err, &command):
		return command.Err
	}
	return err
}

// wholeKey answers the key in what a file or a command gave: all of it, but
// for the space around and the mark that some editors put at the start.
func wholeKey(text string) (string, error) {
	key := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case key == "":
		return "", errors.New("it gave nothing")
	case len(text) > maxKeySize:
		return "", fmt.Errorf("it gave more than %d bytes, so not a token", maxKeySize)
	case !usableAsHeader(key):
		return "", errors.New("what it gave holds a space or another character that no token has")
	}
	return key, nil
}

func readKeyFile(path string) (string, error) {
	// A pipe could be read once only, and might wait for its writer for ever.
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxKeySize+1))
	return string(content), err
}

// runKeyCommand runs a command without a shell and answers what it prints. One
// that takes too long is killed: with all that it has started on Unix, unless
// that has left its process group, and alone on Windows. The error never holds
// the command's output, which may be part of a secret.
func runKeyCommand(ctx context.Context, argv []string, limit time.Duration) (string, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	command := exec.CommandContext(limited, argv[0], argv[1:]...)
	killAsGroup(command)
	command.WaitDelay = time.Second
	var out bytes.Buffer
	command.Stdout = &limitedWriter{to: &out, left: maxKeySize + 1}
	err := command.Run()
	if limited.Err() != nil && ctx.Err() == nil {
		return "", fmt.Errorf("the command took longer than %s", limit)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		// The command has ended well; a child of its own still holds stdout.
		err = nil
	}
	return out.String(), err
}

// keyCommand answers the arguments of a command line or, where that is no more than
// a program the service knows, of what has that print a key.
func (s Service) keyCommand(line string) ([]string, error) {
	argv, err := splitCommand(line)
	if len(argv) == 1 {
		program := strings.ToLower(argv[0][strings.LastIndexAny(argv[0], `/\`)+1:])
		for _, suffix := range []string{".exe", ".cmd", ".bat"} {
			program = strings.TrimSuffix(program, suffix)
		}
		argv = append(argv, s.KeyCommands[program]...)
	}
	return argv, err
}

// splitCommand splits a command line into arguments at spaces. Single and
// double quotes group; a backslash is an ordinary character, since it is part
// of every Windows path.
func splitCommand(line string) ([]string, error) {
	var argv []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if inWord {
				argv = append(argv, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c is not closed", quote)
	}
	if inWord {
		argv = append(argv, word.String())
	}
	if len(argv) == 0 || argv[0] == "" {
		return nil, errors.New("no command is given")
	}
	return argv, nil
}

// limitedWriter drops what exceeds its limit, so that a chatty command can't
// fill the memory and still ends by itself.
type limitedWriter struct {
	to   io.Writer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	kept := p[:min(len(p), w.left)]
	w.left -= len(kept)
	if _, err := w.to.Write(kept); err != nil {
		return 0, err
	}
	return len(p), nil
}
