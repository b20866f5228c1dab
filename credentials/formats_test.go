package credentials

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// writeKey writes what is new in format 3.
func writeKey(t *testing.T, store Store, folder *Folder) {
	t.Helper()
	c := formatCredential(t, &formatServer{}, store, folder, "github", Settings{Account: "example-key"}, formatTime)
	if _, err := c.Bring(t.Context(), oauth.NewSecret("example-key")); err != nil {
		t.Fatal(err)
	}
}

// TestFormats: what the program of each released format has stored is read, used,
// renewed and gone on with. So is what this one stores.
func TestFormats(t *testing.T) {
	t.Parallel()
	if *formatDirectory != "" {
		writeFormat(t, *formatDirectory)
		return
	}
	kept, err := filepath.Glob("testdata/formats/*")
	if err != nil || len(kept) < 3 {
		t.Fatalf("%q, %v", kept, err)
	}
	own := t.TempDir()
	writeFormat(t, own)
	for _, directory := range append(kept, own) {
		t.Run(filepath.Base(directory), func(t *testing.T) {
			t.Parallel()
			entries := map[string]string{}
			text, err := os.ReadFile(filepath.Join(directory, "keyring.json"))
			if err := errors.Join(err, json.Unmarshal(text, &entries)); err != nil {
				t.Fatal(err)
			}
			folder := copied(t, filepath.Join(directory, "keyring"))
			readRecords(t, formatKeyring(entries, folder), folder)
			folder = copied(t, filepath.Join(directory, "files"))
			readRecords(t, formatFiles(folder), folder)
		})
	}
}

// copied is a folder of one's own, as a checkout's files aren't.
func copied(t *testing.T, from string) *Folder {
	t.Helper()
	folder := &Folder{Path: filepath.Join(t.TempDir(), "valetkey")}
	files, err := os.ReadDir(from)
	if err := errors.Join(err, os.Mkdir(folder.Path, 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(from, file.Name()))
		if err := errors.Join(err, os.WriteFile(filepath.Join(folder.Path, file.Name()), content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func readRecords(t *testing.T, store Store, folder *Folder) {
	t.Helper()
	for _, step := range []struct {
		name, account string
		after         time.Duration
		did           string
	}{
		{"github", "", time.Hour, "/user Bearer example-access-first"},
		{"github", "", 9 * time.Hour, "/token example-refresh-first example-id; /user Bearer example-access-new"},
		{"github", "example-large", time.Hour, "/user Bearer example-access-" + strings.Repeat("large", 400)},
		{"acme", "", time.Hour, "/user Bearer example-access-acme"},
		{"acme", "", 9 * time.Hour, "/.well-known/oauth-authorization-server; /token example-refresh-acme example-client; /user Bearer example-access-new"},
		{"github", "example-key", time.Hour, "/user Bearer example-key"},
	} {
		s := &formatServer{token: "new"}
		c := formatCredential(t, s, store, folder, step.name, Settings{Account: step.account}, formatTime.Add(step.after))
		if _, err := store.Read(t.Context(), c.Name()); step.account == "example-key" && errors.Is(err, ErrNotFound) {
			// Format 1 and 2 have none.
			continue
		}
		response, err := c.Client().Get("https://api.example/user")
		if err != nil {
			t.Errorf("%s, %s: %v", c, store.Source(), err)
			continue
		}
		response.Body.Close()
		if did := s.did(); did != step.did {
			t.Errorf("%s, %s, after %s: %q, want %q", c, store.Source(), step.after, did, step.did)
		}
		c.Close()
	}
	readPending(t, store, folder)
}

// readPending goes on with a code that another program showed, and finds what a
// browser would come back to, whose port may be somebody else's by now.
func readPending(t *testing.T, store Store, folder *Folder) {
	t.Helper()
	s := &formatServer{}
	c := formatCredential(t, s, store, folder, "github", Settings{Account: "example-device"}, formatTime.Add(time.Minute))
	required, err := c.SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if required.UserCode != "WDJB-MJHT" || strings.Contains(s.did(), "/device") {
		t.Errorf("%s, %s: another sign-in: %v", c, store.Source(), required)
	}
	s.give("approved")
	<-required.Done()
	r, err := store.Read(t.Context(), c.Name())
	if err := errors.Join(required.Err(), err); err != nil || r.Token.Access.Reveal() != "example-access-approved" || r.Pending != nil {
		t.Errorf("%s, %s: %v", c, store.Source(), err)
	}
	r, err = store.Read(t.Context(), "github/example-browser")
	if err != nil || r.Pending == nil || r.Pending.Browser == nil || r.Pending.Browser.Verifier.IsZero() || !strings.HasPrefix(r.Pending.Browser.StartURI, "http://127.0.0.1:") {
		t.Errorf("%s: a sign-in in a browser: %+v, %v", store.Source(), r, err)
	}
}
