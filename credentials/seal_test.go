package credentials

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/valetkey/valetkey/oauth"
)

func newIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// largeRecord holds a token of 20 kB, as an Entra JWT with many groups may be.
func largeRecord(generation int) *Record {
	r := fullRecord()
	r.Generation = generation
	r.Token.Access = oauth.NewSecret(strings.Repeat("example-", 20<<10/8))
	return r
}

func TestSealAndUnseal(t *testing.T) {
	t.Parallel()
	identity := newIdentity(t)
	for name, r := range map[string]*Record{"small": fullRecord(), "large": largeRecord(8)} {
		sealed, err := seal("github/work", r, identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(sealed), "example") || strings.Contains(string(sealed), "github") {
			t.Errorf("%s: something is in the clear", name)
		}
		back, err := unseal(sealed, "github/work", identity)
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s: %v, %v", name, back, err)
		}
	}
}

// Whatever is not the very record is an error that says so and quotes nothing.
func TestUnsealRefuses(t *testing.T) {
	t.Parallel()
	identity := newIdentity(t)
	sealed, err := seal("github", fullRecord(), identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte{}, sealed...)
	changed[len(changed)-1] ^= 1
	plainly := func(text string) []byte {
		sealed, err := encrypt([]byte(text), identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	for name, c := range map[string]struct {
		content  []byte
		entry    string
		identity age.Identity
		want     error
	}{
		"another entry":    {sealed, "github/work", identity, errSwapped},
		"another identity": {sealed, "github", newIdentity(t), errSealed},
		"one bit":          {changed, "github", identity, errSealed},
		"cut":              {sealed[:len(sealed)-20], "github", identity, errSealed},
		"header only":      {sealed[:60], "github", identity, errSealed},
		"empty":            {nil, "github", identity, errSealed},
		"in the clear":     {[]byte(`{"version":1,"entry":"github","record":{"version":1,"access_token":"example"}}`), "github", identity, errSealed},
		"nothing inside":   {plainly(""), "github", identity, errSealed},
		"no JSON":          {plainly("example-secret"), "github", identity, errSealed},
		"no version":       {plainly(`{"entry":"github","record":{"version":1,"access_token":"example"}}`), "github", identity, errSealed},
		"later version":    {plainly(`{"version":2,"entry":"github","record":{"version":1,"access_token":"example"}}`), "github", identity, errLater},
		"later record":     {plainly(`{"version":1,"entry":"github","record":{"version":99,"access_token":"example"}}`), "github", identity, errRecord},
		"no record":        {plainly(`{"version":1,"entry":"github"}`), "github", identity, errRecord},
		"bare record":      {plainly(`{"version":1,"access_token":"example"}`), "github", identity, errSwapped},
	} {
		r, err := unseal(c.content, c.entry, c.identity)
		if r != nil || !errors.Is(err, c.want) || !errors.Is(err, errRecord) {
			t.Errorf("%s: %v, %v, want %v", name, r, err, c.want)
			continue
		}
		if strings.Contains(err.Error(), "example") {
			t.Errorf("%s: the error quotes the content: %v", name, err)
		}
	}
}

// What would be too large to be read is not written.
func TestSealRefusesWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	r := fullRecord()
	r.Token.Access = oauth.NewSecret(strings.Repeat("x", maxFile))
	if _, err := seal("github", r, newIdentity(t).Recipient()); !errors.Is(err, errTooLarge) {
		t.Error(err)
	}
}

func FuzzUnseal(f *testing.F) {
	identity := newIdentity(f)
	sealed, err := seal("github", fullRecord(), identity.Recipient())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:100])
	f.Add([]byte("age-encryption.org/v1\n-> X25519 example\n--- example\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := unseal(content, "github", identity)
		if (r == nil) == (err == nil) || err != nil && !errors.Is(err, errRecord) {
			t.Fatalf("%v, %v", r, err)
		}
	})
}

func FuzzDecodeSealed(f *testing.F) {
	record, err := fullRecord().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"version":1,"entry":"github","record":` + record.Reveal() + `}`))
	f.Add([]byte(`{"version":1,"entry":"github/work","record":` + record.Reveal() + `}`))
	f.Add([]byte(`{"version":2,"entry":"github","record":null}`))
	for _, text := range strangeRecords() {
		f.Add([]byte(text))
		f.Add([]byte(`{"version":1,"entry":"github","record":` + text + `}`))
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		r, err := decodeSealed(plain, "github")
		if err != nil {
			if r != nil || !errors.Is(err, errRecord) {
				t.Fatalf("%v, %v", r, err)
			}
			return
		}
		// What can be read is of this entry and survives being sealed again.
		var j struct{ Entry string }
		if json.Unmarshal(plain, &j) != nil || j.Entry != "github" {
			t.Fatalf("%q was read", plain)
		}
		if _, err := r.encode(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSealedEntry(f *testing.F) {
	s, err := newSealedEntry("github", fullRecord())
	if err != nil {
		f.Fatal(err)
	}
	text, err := s.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text.Reveal())
	f.Add(strings.Replace(text.Reveal(), `"github"`, `"github/work"`, 1))
	f.Add(strings.Replace(text.Reveal(), `"version":1`, `"version":2`, 1))
	f.Add(strings.Replace(text.Reveal(), "github.", "../github.", 1))
	for _, text := range strangeRecords() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, is, err := decodeSealedEntry(oauth.NewSecret(text), "github")
		switch {
		case err != nil && (!is || !errors.Is(err, errRecord) || s.identity != nil):
			t.Fatalf("%v, %v, %v", s, is, err)
		case err == nil && is && (s.identity == nil || s.entry != "github" || strings.ContainsAny(s.file, `/\`) || !isSealedFile(s.file, "github")):
			t.Fatalf("%q was read", text)
		}
	})
}
