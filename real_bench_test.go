//go:build linux

package main

import (
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

// BenchmarkColdKeyringRead is the first look of a process into a real keyring:
// finding the bus, seeing that it isn't locked, reading the entry.
func BenchmarkColdKeyringRead(b *testing.B) {
	k := startKeyring(b)
	b.Setenv("DBUS_SESSION_BUS_ADDRESS", k.address)
	if err := (&credentials.Keyring{}).Write(b.Context(), "github", credentials.ProbeRecord()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := (&credentials.Keyring{}).Read(b.Context(), "github"); err != nil {
			b.Fatal(err)
		}
	}
}
