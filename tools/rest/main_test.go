package rest

import (
	"os"
	"testing"

	"github.com/valetkey/valetkey/jq"
)

// TestMain also plays the process that runs a jq filter.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == jq.Command {
		os.Exit(jq.Serve(os.Stdin, os.Stdout))
	}
	// The race detector makes every process wait a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}
