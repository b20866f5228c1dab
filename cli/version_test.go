package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// TestBuild: what the go command records in a program is all that it says of itself.
func TestBuild(t *testing.T) {
	t.Parallel()
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	platform := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	for want, info := range map[string]*debug.BuildInfo{
		"valetkey (devel) " + platform:                                 nil,
		"valetkey v1.2.3 " + platform:                                  {Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{setting("vcs.modified", "false")}},
		"valetkey (devel) " + platform + " commit 0123abcd (modified)": {Settings: []debug.BuildSetting{setting("vcs.revision", "0123abcd"), setting("vcs.modified", "true")}},
	} {
		if got := buildOf(info).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
