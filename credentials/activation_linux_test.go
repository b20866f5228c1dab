package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
)

// slowStart is a bus that can start a Secret Service, and what begins when it
// does so: a program that only the test ends, and which is no service.
func slowStart(t *testing.T) (address string, started <-chan struct{}) {
	t.Helper()
	dir := shortDir(t)
	pipe := filepath.Join(dir, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	text := "[D-BUS Service]\nName=" + secretsName + "\nExec=" + program(t, "cat") + " " + pipe + "\n"
	must(t, os.WriteFile(filepath.Join(dir, secretsName+".service"), []byte(text), 0o600))
	address = startBus(t, "<servicedir>"+dir+"</servicedir>")
	opened, ended := make(chan struct{}), make(chan struct{})
	release := make(chan struct{})
	go func() {
		defer close(ended)
		// A pipe opens for who writes when somebody reads.
		file, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		close(opened)
		<-release
		file.Close()
	}()
	t.Cleanup(func() {
		reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		close(release)
		<-ended
		must(t, errors.Join(err, reader.Close()))
	})
	return address, opened
}

// appear starts the service that the bus waits for.
func appear(t *testing.T, address string) {
	t.Helper()
	service, err := secretservice.Start(address)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := service.Keep(KeyringName, "github", encoded(t, priorRecord())); err != nil {
		t.Error(err)
	}
}

// A host doesn't wait for a keyring that takes long to start. It is neither
// absent nor broken, and used once it's there.
func TestKeyringThatIsSlowToStartWithoutAPerson(t *testing.T) {
	for verb := range operations(&Memory{}) {
		t.Run(verb, func(t *testing.T) {
			address, started := slowStart(t)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			k := &Keyring{}
			auto, err := OpenStore("auto", k, nil)
			must(t, err)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			ended := make(chan error, 1)
			go func() { ended <- operations(auto)[verb](ctx) }()
			<-started
			cancel(errNoAnswer)
			expectOutcome(t, verb, <-ended, Locked)
			_, err = auto.Read(t.Context(), "github")
			expectOutcome(t, "the next call", err, Locked)
			appear(t, address)
			k.endPause()
			if r, err := auto.Read(t.Context(), "github"); err != nil || r.Account != "prior" || auto.Source() != SourceKeyring {
				t.Errorf("once it has started: %v, from %s", err, auto.Source())
			}
			closeShared(t)
		})
	}
}

// A person does wait.
func TestKeyringThatIsSlowToStartWithAPerson(t *testing.T) {
	address, started := slowStart(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	ended := make(chan error, 1)
	go func() {
		r, err := (&Keyring{Interactive: true}).Read(t.Context(), "github")
		if err == nil && r.Account != "prior" {
			err = errors.New("another record")
		}
		ended <- err
	}()
	<-started
	appear(t, address)
	// The service may be asked before it has the record.
	if err := <-ended; err != nil && !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	closeShared(t)
}
