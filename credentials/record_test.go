package credentials

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

func fullRecord() *Record {
	at := func(hour int) time.Time { return time.Date(2026, 11, 2, hour, 1, 2, 3, time.UTC) }
	return &Record{
		Generation: 7, Service: "github", Host: "github.com", ClientID: "Iv1.example", Scopes: []string{"gist", "repo"}, Account: "octocat",
		Token: oauth.Token{
			Access: oauth.NewSecret("example-access"), Refresh: oauth.NewSecret("example-refresh"), Type: "Bearer",
			Scopes: []string{"repo"}, Expiry: at(16), RefreshExpiry: at(20),
		},
		SignedIn: at(8), Refreshed: at(9), SignInNeeded: true,
	}
}

// issuedRecord is a token of an issuer, and a sign-in that waits beside it.
func issuedRecord() *Record {
	r := fullRecord()
	r.Issuer, r.Audience = "https://issuer.example/a", "https://api.example/"
	r.Pending = &Pending{
		Host: "issuer.example", Issuer: "https://issuer.example/b", ClientID: "b", Audience: "https://other.example/", shared: true, Started: r.SignedIn,
		Authorization: &deviceflow.Authorization{
			DeviceCode: oauth.NewSecret("example-code"), UserCode: "WDJB-MJHT", VerificationURI: "https://issuer.example/device",
			Interval: 5 * time.Second, Expiry: r.SignedIn.Add(time.Hour),
		},
	}
	return r
}

// registeredRecord is a client that was registered, and nothing else yet.
func registeredRecord() *Record {
	at := time.Date(2026, 11, 2, 8, 1, 2, 3, time.UTC)
	return &Record{Service: "acme", Issuer: "https://issuer.example/a", Registration: &Registration{
		Issuer: "https://issuer.example/a", At: at,
		Registration: oauth.Registration{
			ClientID: "example-client", Secret: oauth.NewSecret("example-secret"), AuthStyle: oauth2.AuthStyleInHeader, SecretExpiry: at.Add(time.Hour),
			AccessToken: oauth.NewSecret("example-token"), URL: "https://issuer.example/clients/1",
		},
	}}
}

// ownRecord is a program's token.
func ownRecord() *Record {
	r := fullRecord()
	r.Grant, r.SignInNeeded = "client_credentials", false
	r.Registration = registeredRecord().Registration
	r.Registration.AuthStyle = oauth2.AuthStyleInParams
	return r
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	smallest := &Record{Service: "github", Token: oauth.Token{Access: oauth.NewSecret("example")}}
	for name, r := range map[string]*Record{"full": fullRecord(), "smallest": smallest, "an issuer's": issuedRecord(), "registered": registeredRecord(), "a program's": ownRecord()} {
		text, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeRecord(text)
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s: %+v, %v, want %+v", name, back, err, r)
		}
	}
}

// Times are kept to the nanosecond and without the clock of this process.
func TestRecordTimes(t *testing.T) {
	t.Parallel()
	r := fullRecord()
	r.SignedIn = time.Now()
	text, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeRecord(text)
	if err != nil || !back.SignedIn.Equal(r.SignedIn) {
		t.Errorf("%v, %v, want %v", back, err, r.SignedIn)
	}
}

// The names are a format: other versions of this program read them.
func TestRecordFormat(t *testing.T) {
	t.Parallel()
	text, err := fullRecord().encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"version":2,"generation":7,"service":"github","host":"github.com","client_id":"Iv1.example","scopes":["gist","repo"],` +
		`"account":"octocat","access_token":"example-access","refresh_token":"example-refresh","token_type":"Bearer","granted":["repo"],` +
		`"expiry":"2026-11-02T16:01:02.000000003Z","refresh_expiry":"2026-11-02T20:01:02.000000003Z",` +
		`"signed_in":"2026-11-02T08:01:02.000000003Z","refreshed":"2026-11-02T09:01:02.000000003Z","sign_in_needed":true}`
	if got := text.Reveal(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// Only what a program of format 2 would mishandle is of format 3.
	key := Record{Service: "acme", Host: "api.example", Grant: keyGrant, Token: oauth.Token{Access: oauth.NewSecret("example")}}
	text, err = key.encode()
	if want := `{"version":3,"generation":0,"service":"acme","host":"api.example","client_id":"","grant":"key","access_token":"example"}`; err != nil || text.Reveal() != want {
		t.Errorf("%s, %v\nwant\n%s", text.Reveal(), err, want)
	}
	text, err = issuedRecord().encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"host":"github.com","issuer":"https://issuer.example/a","client_id":"Iv1.example","audience":"https://api.example/",`,
		`"pending":{"host":"issuer.example","issuer":"https://issuer.example/b","client_id":"b","audience":"https://other.example/",`,
	} {
		if !strings.Contains(text.Reveal(), part) {
			t.Errorf("%s lacks %s", text.Reveal(), part)
		}
	}
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, text := range append(strangeRecords(), `{"version":1,"access_token":"example-`) {
		r, err := decodeRecord(oauth.NewSecret(text))
		if !errors.Is(err, errRecord) || r != nil {
			t.Errorf("%q gives %v, %v", text, r, err)
			continue
		}
		if strings.Contains(err.Error(), "example") {
			t.Errorf("the error quotes the record: %v", err)
		}
	}
	_, err := decodeRecord(oauth.NewSecret(`{"version":99,"access_token":{"new":"example"}}`))
	if !errors.Is(err, errRecord) || !errors.Is(err, errLater) || !strings.Contains(err.Error(), "later valetkey") {
		t.Errorf("a later version: %v", err)
	}
}

func strangeRecords() []string {
	return []string{
		"", "null", "[]", "{}", `"example"`, "example-not-json", "{\"version\":1", `{"version":1}`, `{"version":0,"access_token":"example"}`,
		`{"version":-1,"access_token":"example"}`, `{"version":"1","access_token":"example"}`, `{"access_token":"example"}`,
		`{"version":1,"access_token":""}`, `{"version":1,"access_token":7}`, `{"version":1,"access_token":"example","expiry":"soon"}`,
		`{"version":1,"access_token":"example","scopes":"repo"}`, "{\"version\":1,\"access_token\":\"example\"}}", `{"version":1,"registration":{"issuer":"https://issuer.example"}}`, `{"version":1,"registration":[]}`, "\x00\xff", strings.Repeat("[", 20000),
	}
}

func TestServes(t *testing.T) {
	t.Parallel()
	made := Record{Service: "github", Host: "github.com", ClientID: "a", Scopes: []string{"gist", "repo"}}
	for _, c := range []struct {
		name string
		want Record
		ok   bool
	}{
		{"the same", made, true},
		{"fewer scopes", Record{Service: "github", Host: "github.com", ClientID: "a", Scopes: []string{"repo"}}, true},
		{"none", Record{Service: "github", Host: "github.com", ClientID: "a"}, true},
		{"one more scope", Record{Service: "github", Host: "github.com", ClientID: "a", Scopes: []string{"gist", "repo", "user"}}, false},
		{"another service", Record{Service: "gitlab", Host: "github.com", ClientID: "a"}, false},
		{"another host", Record{Service: "github", Host: "ghe.example", ClientID: "a"}, false},
		{"another client", Record{Service: "github", Host: "github.com", ClientID: "b"}, false},
		{"another issuer", Record{Service: "github", Host: "github.com", ClientID: "a", Issuer: "https://github.com/realms/b"}, false},
		{"a program", Record{Service: "github", Host: "github.com", ClientID: "a", Grant: "client_credentials"}, false},
		{"any client", Record{Service: "github", Host: "github.com"}, true},
		{"another audience", Record{Service: "github", Host: "github.com", ClientID: "a", Audience: "https://api.example/"}, false},
	} {
		if got := made.serves(c.want); got != c.ok {
			t.Errorf("%s: %v", c.name, got)
		}
		p := Pending{Host: made.Host, ClientID: made.ClientID, Scopes: made.Scopes}
		if got := p.serves(c.want); c.want.Service == made.Service && got != c.ok {
			t.Errorf("%s, a sign-in: %v", c.name, got)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	full, err := fullRecord().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full.Reveal())
	for _, text := range strangeRecords() {
		f.Add(text)
	}
	f.Add(`{"version":2,"access_token":"example"}`)
	f.Add(`{"version":1,"access_token":"example","expiry":"2026-11-02T16:01:02+05:30","scopes":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := decodeRecord(oauth.NewSecret(text))
		if err != nil {
			if r != nil || !errors.Is(err, errRecord) {
				t.Fatalf("%v with %v", r, err)
			}
			return
		}
		// What can be read is JSON with a token, and survives being written.
		if r.Token.Access.IsZero() || !json.Valid([]byte(text)) {
			t.Fatalf("%q was read", text)
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeRecord(again)
		if err != nil {
			t.Fatal(err)
		}
		if once, err := back.encode(); err != nil || !once.Equal(again) {
			t.Fatalf("%s, then %s, %v", again.Reveal(), once.Reveal(), err)
		}
	})
}

// A record of format 1 is read, and a sign-in in it that can't be read costs only
// that.
func TestEarlierRecord(t *testing.T) {
	t.Parallel()
	for _, pending := range []string{"", `,"pending":{"host":"github.com","client_id":"id"}`} {
		r, err := decodeRecord(oauth.NewSecret(`{"version":1,"host":"github.com","client_id":"id","access_token":"example"` + pending + `}`))
		if err != nil || r.Pending != nil || r.Token.Access.Reveal() != "example" || !r.isFrom(Service{Host: "github.com", APIURL: "https://api.github.com/"}) {
			t.Errorf("%q: %+v, %v", pending, r, err)
		}
	}
}
