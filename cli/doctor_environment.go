package cli

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
)

const ownPrefix = "VALET_"

// checkEnvironment says which variables are set, and which of valetkey's own
// prefix nobody reads. A service's prefix may be that of others too: GitHub's
// workflows set dozens of GITHUB_ variables.
func checkEnvironment(_ context.Context, e *examination) finding {
	known := ownVariables()
	said, mend := []string{"set here: " + listOrNone(e.environment)}, []string(nil)
	unknown, idle := unread(e.environment, known, e.own.Store, runtime.GOOS)
	if len(unknown) > 0 {
		said = append(said, "nothing reads "+strings.Join(unknown, ", "))
		mend = append(mend, "correct the name (there are "+strings.Join(known, ", ")+")")
	}
	if len(idle) > 0 {
		said = append(said, fmt.Sprintf("VALET_STORE is %.60q, and only \"file\" reads %s", e.own.Store, strings.Join(idle, ", ")))
		mend = append(mend, "set VALET_STORE=file, or unset what nothing else reads")
	}
	return finding{OK: mend == nil, Said: strings.Join(said, "; "), Mend: strings.Join(mend, "; ")}
}

// ownVariables are the names of valetkey's own settings, sorted.
func ownVariables() []string {
	var names []string
	for _, v := range variablesOf("VALET", reflect.ValueOf(settings{})) {
		names = append(names, v.name)
	}
	slices.Sort(names)
	return names
}

// unread picks the names that look like valetkey's own and aren't, and those
// that this store, "" for not known, has no use for. Windows takes capital and
// small letters for the same.
func unread(names, known []string, store, goos string) (unknown, idle []string) {
	for _, name := range names {
		upper := strings.ToUpper(name)
		isKnown := slices.Contains(known, name) || goos == "windows" && slices.Contains(known, upper)
		switch {
		case !strings.HasPrefix(upper, ownPrefix):
		case !isKnown:
			unknown = append(unknown, name)
		case strings.HasPrefix(upper, ownPrefix+"PASSPHRASE_") && store != "" && store != "file":
			idle = append(idle, name)
		}
	}
	return unknown, idle
}

// environmentNames are the variables that are set and matter here: names only.
func environmentNames(environment []string) []string {
	others := []string{
		"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DISPLAY", "WAYLAND_DISPLAY",
		"SSH_CONNECTION", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
	}
	prefixes := []string{ownPrefix}
	for _, s := range chosen() {
		prefixes, others = append(prefixes, strings.ToUpper(s.Name)+"_"), append(others, s.KeyVariables...)
	}
	var names []string
	for _, pair := range environment {
		name, value, _ := strings.Cut(pair, "=")
		upper := strings.ToUpper(name)
		ours := slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(upper, prefix) })
		if credentials.Given(value) != "" && (ours || slices.Contains(others, upper)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "nothing that matters"
	}
	return strings.Join(names, ", ")
}
