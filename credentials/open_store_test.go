package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestStoresKeepRecords(t *testing.T) {
	t.Parallel()
	auto, err := OpenStore("auto", working(), nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := OpenStore("file", working(), quick(folderPath(t), inFile(t, examplePassphrase)))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Store{"keyring": working(), "file": files, "memory": &Memory{}, "auto": auto} {
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		ctx := t.Context()
		if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: an empty store: %v", name, err)
		}
		if err := s.Delete(ctx, "github"); err != nil {
			t.Errorf("%s: deleting nothing: %v", name, err)
		}
		if err := s.Write(ctx, "github", fullRecord()); err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(ctx, "github")
		if err != nil || !r.Token.Access.Equal(fullRecord().Token.Access) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if _, err := s.Read(ctx, "github/work"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: another entry: %v", name, err)
		}
		if err := s.Delete(ctx, "github"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: after Delete: %v", name, err)
		}
	}
}

// A record that was read is the reader's own.
func TestMemoryGivesCopies(t *testing.T) {
	t.Parallel()
	var m Memory
	r := fullRecord()
	if err := m.Write(t.Context(), "github", r); err != nil {
		t.Fatal(err)
	}
	r.Account = "changed after Write"
	first, err := m.Read(t.Context(), "github")
	if err != nil {
		t.Fatal(err)
	}
	first.Account = "changed after Read"
	second, err := m.Read(t.Context(), "github")
	if err != nil || second.Account != "octocat" {
		t.Errorf("%+v, %v", second, err)
	}
}

// Each message says what a person can do.
func TestStoreErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[Outcome]string{
		Absent: "VALET_STORE=file", Locked: "unlock it", Declined: "allow it", Broken: "VALET_STORE=memory",
	} {
		text := (&StoreError{Outcome: outcome, Reason: "a reason"}).Error()
		if !strings.Contains(text, want) || !strings.Contains(text, string(outcome)) || !strings.Contains(text, "a reason") {
			t.Errorf("%s: %s", outcome, text)
		}
		if got := OutcomeOf(fmt.Errorf("github: %w", &StoreError{Outcome: outcome})); got != outcome {
			t.Errorf("outcome of %s: %s", outcome, got)
		}
	}
	for _, err := range []error{nil, ErrNotFound} {
		if got := OutcomeOf(err); got != Ready {
			t.Errorf("outcome of %v: %s", err, got)
		}
	}
	if got := OutcomeOf(errors.New("x")); got != Broken {
		t.Errorf("outcome of another error: %s", got)
	}
}

// Memory takes the keyring's place only if there is none, and from then on.
func TestAutoStore(t *testing.T) {
	t.Parallel()
	absent := &StoreError{Outcome: Absent, Reason: "there is none"}
	k := working()
	probe := func(err error) { k.system.probe = func(context.Context, bool) error { return err } }
	s, err := OpenStore("auto", k, nil)
	if err != nil {
		t.Fatal(err)
	}
	probe(absent)
	ctx := t.Context()
	if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) || s.Source() != SourceMemory {
		t.Errorf("without a keyring: %v, %s", err, s.Source())
	}
	if err := s.Ready(ctx); err != nil || s.Source() != SourceMemory {
		t.Errorf("ready without a keyring: %v, %s", err, s.Source())
	}
	if note := s.Note(); !strings.Contains(note, "there is none") || !strings.Contains(note, "memory only") || !strings.Contains(note, "VALET_STORE=file") {
		t.Errorf("the note: %s", note)
	}
	if err := s.Write(ctx, "github", fullRecord()); err != nil {
		t.Fatal(err)
	}
	probe(nil)
	if r, err := s.Read(ctx, "github"); err != nil || r.Account != "octocat" || s.Source() != SourceMemory {
		t.Errorf("a keyring that comes later: %v, %v, %s", r, err, s.Source())
	}
	if _, err := k.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the keyring itself: %v", err)
	}
}

func TestAutoStoreStaysWithAKeyring(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]error{
		"that has answered": nil, "that is locked": &StoreError{Outcome: Locked}, "that has declined": &StoreError{Outcome: Declined}, "that is broken": &StoreError{Outcome: Broken},
	} {
		k := working()
		answer := first
		k.system.probe = func(context.Context, bool) error { return answer }
		s, err := OpenStore("auto", k, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Read(t.Context(), "github")
		if OutcomeOf(err) != OutcomeOf(first) {
			t.Errorf("%s: %v", name, err)
		}
		answer = &StoreError{Outcome: Absent, Reason: "gone"}
		for operation, run := range operations(s) {
			expectOutcome(t, "a keyring "+name+", then ends: "+operation, run(t.Context()), Absent)
		}
		if s.Source() != SourceKeyring || s.Note() != "" {
			t.Errorf("a keyring %s: %s, %q", name, s.Source(), s.Note())
		}
	}
}

// A caller who gives up says nothing about the keyring.
func TestAutoStoreAfterACancel(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Absent, Reason: "there is none"} }
	s, err := OpenStore("auto", k, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Read(ctx, "github"); !errors.Is(err, context.Canceled) && !errors.Is(err, ErrNotFound) {
		t.Errorf("a cancelled call: %v", err)
	}
	if _, err := s.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) || s.Source() != SourceMemory {
		t.Errorf("the next: %v, %s", err, s.Source())
	}
}

// The mode keyring is meant: no memory in its place.
func TestKeyringModeStaysWithoutAKeyring(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Absent, Reason: "there is none"} }
	s, err := OpenStore("keyring", k, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Absent)
	c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: s})
	defer c.Close()
	_, err = c.token(t.Context())
	expectOutcome(t, "a token", err, Absent)
}

// A keyring that starts after its first reader is used, as long as nothing was
// put elsewhere.
func TestAutoStoreFindsAKeyringThatStarts(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Absent, Reason: "not yet"} }
	s, err := OpenStore("auto", k, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) || s.Source() != SourceMemory {
		t.Fatalf("before: %v, %s", err, s.Source())
	}
	k.system.probe = func(context.Context, bool) error { return nil }
	if err := s.Write(t.Context(), "github", fullRecord()); err != nil || s.Source() != SourceKeyring || s.Note() != "" {
		t.Errorf("after: %v, %s, %q", err, s.Source(), s.Note())
	}
	if r, err := k.Read(t.Context(), "github"); err != nil || r.Account != "octocat" {
		t.Errorf("the keyring itself: %v, %v", r, err)
	}
}
