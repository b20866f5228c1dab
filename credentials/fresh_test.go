package credentials

import (
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

func withFreshToken(t testing.TB) *Credential {
	t.Helper()
	c := New(Options{Service: Service{Name: "github", ClientID: "example"}, Store: &Memory{}})
	t.Cleanup(c.Close)
	token := oauth.Token{Access: oauth.NewSecret("example"), Expiry: time.Now().Add(time.Hour)}
	c.adopt(&Record{Service: "github", ClientID: "example", Token: token})
	return c
}

// A token at hand costs no memory.
func TestFreshTokenAllocatesNothing(t *testing.T) {
	c := withFreshToken(t)
	allocated := testing.AllocsPerRun(100, func() {
		if _, err := c.token(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if allocated != 0 {
		t.Errorf("%v allocations, want none", allocated)
	}
}

func BenchmarkFreshToken(b *testing.B) {
	c := withFreshToken(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.token(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
