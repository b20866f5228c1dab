package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// formatDirectory is where what this program stores is written for good:
//
//	go test ./credentials -run TestFormats -write-format testdata/formats/NAME
//
// Run it with the program of each format that is released.
var formatDirectory = flag.String("write-format", "", "where to write what this program stores")

// formatWork is what makes the identity of fixtures cheap to open.
const formatWork = 10

// formatTime is when fixtures were written, by their clock.
var formatTime = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// formatServer is an authorization server, an issuer and an API at once.
type formatServer struct {
	mu sync.Mutex
	// token names what is given next; "": nobody has approved.
	token string
	asked []string
}

func (s *formatServer) give(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// did answers what was asked for since the last time.
func (s *formatServer) did() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	did := strings.Join(s.asked, "; ")
	s.asked = nil
	return did
}

func (s *formatServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Body != nil {
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(text)))
	}
	_ = r.ParseForm()
	s.asked = append(s.asked, strings.Join(strings.Fields(r.URL.Path+" "+r.Form.Get("refresh_token")+" "+r.Form.Get("client_id")+" "+r.Header.Get("Authorization")), " "))
	status, answer := http.StatusOK, map[string]any{}
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		const at = "https://issuer.example"
		answer = map[string]any{
			"issuer": at, "token_endpoint": at + "/token", "device_authorization_endpoint": at + "/device", "registration_endpoint": at + "/register",
		}
	case "/register":
		status, answer = http.StatusCreated, map[string]any{"client_id": "example-client", "token_endpoint_auth_method": "none"}
	case "/device":
		answer = map[string]any{
			"device_code": "example-device-code", "user_code": "WDJB-MJHT", "verification_uri": "https://issuer.example/page", "expires_in": 900, "interval": 5,
		}
	case "/token":
		answer = map[string]any{
			"access_token": "example-access-" + s.token, "refresh_token": "example-refresh-" + s.token, "token_type": "bearer", "expires_in": 8 * 3600, "scope": "repo",
		}
		if s.token == "" {
			status, answer = http.StatusBadRequest, map[string]any{"error": "authorization_pending"}
		}
	}
	text, err := json.Marshal(answer)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(string(text))), Request: r}, err
}

// formatKeyring is a keyring that holds this.
func formatKeyring(entries map[string]string, folder *Folder) *Keyring {
	return &Keyring{Folder: folder, system: system{
		limit: 2000,
		probe: func(context.Context, bool) error { return nil },
		get: func(_, entry string) (string, error) {
			if text, found := entries[entry]; found {
				return text, nil
			}
			return "", keyring.ErrNotFound
		},
		set:    func(_, entry, text string) error { entries[entry] = text; return nil },
		delete: func(_, entry string) error { delete(entries, entry); return nil },
	}}
}

func formatFiles(folder *Folder) *SealedFiles {
	return &SealedFiles{Folder: folder, workFactor: formatWork, Passphrase: Passphrase{Ask: func(context.Context, string) (oauth.Secret, error) { return oauth.NewSecret("example"), nil }}}
}

// formatCredential is one of two services, at a time.
func formatCredential(t *testing.T, s *formatServer, store Store, folder *Folder, name string, given Settings, at time.Time) *Credential {
	t.Helper()
	service := Service{
		Name: name, Title: name, Host: "issuer.example", Hosts: []string{"api.example"}, APIURL: "https://api.example/", Scopes: []string{"repo"}, ClientID: "example-id",
		Endpoint: oauth2.Endpoint{AuthURL: "https://issuer.example/authorize", DeviceAuthURL: "https://issuer.example/device", TokenURL: "https://issuer.example/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	if name == "acme" {
		service.Issuer, service.ClientID, service.Endpoint = "https://issuer.example", "", oauth2.Endpoint{}
	}
	c := New(Options{
		Service: service, Settings: given, Store: store, Folder: folder, Transport: s, HTTP: &http.Client{Transport: s},
		Now: func() time.Time { return at }, Jitter: func(time.Duration) time.Duration { return 0 },
		Sleep: func(ctx context.Context, d time.Duration) error { return oauth.Sleep(ctx, min(d, 10*time.Millisecond)) },
	})
	t.Cleanup(c.Close)
	return c
}

// writeFormat writes all that this program stores, in files and in a keyring.
func writeFormat(t *testing.T, directory string) {
	t.Helper()
	entries := map[string]string{}
	for kind, store := range map[string]func(*Folder) Store{
		"files":   func(f *Folder) Store { return formatFiles(f) },
		"keyring": func(f *Folder) Store { return formatKeyring(entries, f) },
	} {
		folder := &Folder{Path: filepath.Join(directory, kind)}
		writeRecords(t, store(folder), folder)
		for _, pattern := range []string{"*.lock", "*.poll"} {
			left, err := filepath.Glob(filepath.Join(folder.Path, pattern))
			for _, path := range left {
				err = errors.Join(err, os.Remove(path))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err := json.MarshalIndent(entries, "", "\t")
	if err == nil {
		// Scanners for secrets need not take the examples for some.
		text = bytes.ReplaceAll(text, []byte("AGE-SECRET-KEY"), []byte(`AGE-SECRET\u002dKEY`))
		err = os.WriteFile(filepath.Join(directory, "keyring.json"), append(text, '\n'), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func writeRecords(t *testing.T, store Store, folder *Folder) {
	t.Helper()
	for _, step := range []struct {
		name, account, flow, token string
	}{
		{"github", "", "device", "first"},
		{"github", "example-large", "device", strings.Repeat("large", 400)},
		{"github", "example-device", "device", ""},
		{"github", "example-browser", "loopback", ""},
		{"acme", "", "device", "acme"},
	} {
		s := &formatServer{token: step.token}
		c := formatCredential(t, s, store, folder, step.name, Settings{Account: step.account, Flow: step.flow}, formatTime)
		required, err := c.SignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if step.token != "" {
			<-required.Done()
			if err := required.Err(); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
	}
	writeKey(t, store, folder)
}
