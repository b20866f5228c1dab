package credentials

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/oauth"
)

// person answers questions with these texts, one after the other.
type person struct {
	answers, questions []string
}

func (p *person) passphrase() Passphrase {
	return Passphrase{Ask: func(_ context.Context, question string) (oauth.Secret, error) {
		p.questions = append(p.questions, question)
		if len(p.answers) == 0 {
			return oauth.Secret{}, io.EOF
		}
		answer := p.answers[0]
		p.answers = p.answers[1:]
		return oauth.NewSecret(answer), nil
	}}
}

// A process unlocks once, and not to say that there is nothing.
func TestPassphraseIsAskedOnce(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	maker := &person{answers: []string{examplePassphrase, examplePassphrase}}
	s := quick(path, maker.passphrase())
	if _, err := s.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := s.Delete(t.Context(), "github"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || len(maker.questions) != 0 {
		t.Errorf("looking has left a folder (%v) or asked %q", err, maker.questions)
	}
	for range 3 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, s, "github", fullRecord())
		expectRecord(t, "what was written", s, "github", fullRecord())
	}
	if len(maker.questions) != 2 || !strings.Contains(maker.questions[0], filepath.Join(path, "identity.age")) {
		t.Errorf("the questions: %q", maker.questions)
	}
	user := &person{answers: []string{examplePassphrase}}
	s = quick(path, user.passphrase())
	if _, err := s.Read(t.Context(), "github/work"); !errors.Is(err, ErrNotFound) || len(user.questions) != 0 {
		t.Errorf("an entry that isn't there: %v, %q", err, user.questions)
	}
	for range 3 {
		expectRecord(t, "later", s, "github", fullRecord())
	}
	if len(user.questions) != 1 {
		t.Errorf("the questions: %q", user.questions)
	}
}

// What a person types, and how it ends.
func TestTypedPassphrases(t *testing.T) {
	t.Parallel()
	const right = examplePassphrase
	for name, c := range map[string]struct {
		exists  bool
		answers []string
		want    Outcome
		asked   int
	}{
		"new":                 {false, []string{right, right}, Ready, 2},
		"new, mistyped":       {false, []string{right, "wrong", right, right}, Ready, 4},
		"new, never the same": {false, []string{"a", "b", "c", "d", "e", "f"}, Declined, 6},
		"new, empty":          {false, []string{""}, Declined, 1},
		"new, blank":          {false, []string{"  "}, Declined, 1},
		"new, ended":          {false, []string{right}, Declined, 2},
		"right":               {true, []string{right}, Ready, 1},
		"the third is right":  {true, []string{"a", "b", right}, Ready, 3},
		"wrong":               {true, []string{"a", "b", "c", right}, Declined, 3},
		"empty":               {true, []string{""}, Declined, 1},
		"ended":               {true, nil, Declined, 1},
	} {
		path := folderPath(t)
		if c.exists {
			mustWrite(t, quick(path, inFile(t, right)), "github", fullRecord())
		}
		p := &person{answers: slices.Clone(c.answers)}
		s := quick(path, p.passphrase())
		ask := s.Ready
		if c.exists {
			ask = func(ctx context.Context) error { _, err := s.Read(ctx, "github"); return err }
		}
		err := ask(t.Context())
		if OutcomeOf(err) != c.want || len(p.questions) != c.asked {
			t.Errorf("%s: %v, asked %q", name, err, p.questions)
		}
		if _, made := os.Stat(filepath.Join(path, identityFile)); (made == nil) != (c.exists || c.want == Ready) {
			t.Errorf("%s: identity.age: %v", name, made)
		}
	}
}

// Nobody to ask, or nothing right to be had: locked, said in words, and nothing
// is replaced.
func TestPassphrasesThatDoNotOpen(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
	before := contents(t, path)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	play := `"` + program + `" play `
	for name, c := range map[string]struct {
		passphrase Passphrase
		words      []string
	}{
		"none":          {Passphrase{}, []string{"VALET_PASSPHRASE_FILE", "VALET_PASSPHRASE_COMMAND"}},
		"placeholders":  {Passphrase{File: "${user_config.file}", Command: " "}, []string{"VALET_PASSPHRASE_FILE", "VALET_PASSPHRASE_COMMAND"}},
		"wrong":         {inFile(t, "example-wrong"), []string{"VALET_PASSPHRASE_FILE", filepath.Join(path, "identity.age")}},
		"no file":       {Passphrase{File: "/nowhere/example-secret"}, []string{"VALET_PASSPHRASE_FILE", "no such file"}},
		"empty":         {inFile(t, "\n"), []string{"VALET_PASSPHRASE_FILE", "nothing"}},
		"two lines":     {inFile(t, examplePassphrase+"\nexample-more\n"), []string{"one line"}},
		"a large file":  {inFile(t, strings.Repeat("x", maxKeySize+1)), []string{"bytes"}},
		"no program":    {Passphrase{Command: "/nowhere/example-secret"}, []string{"VALET_PASSPHRASE_COMMAND"}},
		"fails":         {Passphrase{Command: play + "fail example-secret"}, []string{"VALET_PASSPHRASE_COMMAND", "exit status 3"}},
		"wrong command": {Passphrase{Command: play + "print example-wrong"}, []string{"VALET_PASSPHRASE_COMMAND", "identity.age"}},
		"open quote":    {Passphrase{Command: `example-secret "`}, []string{"not closed"}},
		"the first one": {Passphrase{File: "/nowhere/example-secret", Command: play + "print '" + examplePassphrase + "'"}, []string{"VALET_PASSPHRASE_FILE"}},
	} {
		for operation, run := range operations(quick(path, c.passphrase)) {
			if operation == "Delete" {
				continue
			}
			err := run(t.Context())
			expectOutcome(t, name+", "+operation, err, Locked)
			for _, words := range append(c.words, "the file store is locked") {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%s, %s lacks %q: %v", name, operation, words, err)
				}
			}
			if strings.Contains(err.Error(), "example-") {
				t.Errorf("%s, %s: the error quotes what may be secret: %v", name, operation, err)
			}
		}
	}
	if after := contents(t, path); after != before {
		t.Error("a file has changed")
	}
}

// contents are the files of a folder in one text.
func contents(t *testing.T, path string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(path, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(entry.Name() + " " + string(content))
	}
	return all.String()
}

// Which characters of a file are the passphrase.
func TestWholePassphrase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a": "a", "a\n": "a", "a\r\n": "a", " a b \n": " a b ", "\ufeffa\n": "a", "Käse\n": "Käse", "a\t\n": "a\t",
		"": "", "\n": "", "  \n": "", "a\nb": "", "a\n\n": "", "a\rb\n": "", "a\x00": "",
	} {
		got, err := wholePassphrase(text)
		if got.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got.Reveal(), err)
		}
	}
}

// A wrong passphrase isn't tried again at each call, but a mended one is.
func TestWrongPassphraseIsRemembered(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
	given := inFile(t, "example-wrong")
	s := quick(path, given)
	_, err := s.Read(t.Context(), "github")
	expectOutcome(t, "a wrong passphrase", err, Locked)
	_, err = s.Read(t.Context(), "github")
	expectOutcome(t, "again", err, Locked)
	if s.refused.passphrase.Reveal() != "example-wrong" {
		t.Error("it isn't remembered")
	}
	if err := os.WriteFile(given.File, []byte(examplePassphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	// What is remembered isn't tried, right as it may be.
	wrong := s.refused
	s.refused.passphrase = oauth.NewSecret(examplePassphrase)
	_, err = s.Read(t.Context(), "github")
	expectOutcome(t, "remembered", err, Locked)
	s.refused = wrong
	expectRecord(t, "mended", s, "github", fullRecord())
}

// A question that is never answered ends with the caller's patience.
func TestAskingEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := quick(folderPath(t), Passphrase{Ask: func(ctx context.Context, _ string) (oauth.Secret, error) {
		cancel()
		<-ctx.Done()
		return oauth.Secret{}, ctx.Err()
	}})
	if err := s.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
