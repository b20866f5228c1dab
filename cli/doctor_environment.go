package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
)

const ownPrefix = "VALET_"

// checkEnvironment says which variables are set, and which of them nobody reads.
func checkEnvironment(_ context.Context, e *examination) finding {
	said, mend := []string{"set here: " + listOrNone(e.environment)}, []string(nil)
	if e.borrowed != "" {
		said = append(said, "from the entries of hosts: "+e.borrowed)
	}
	if len(e.strays) > 0 {
		said, mend = append(said, listed(e.strays)), append(mend, "correct the name, or unset it; valetkey's own are "+strings.Join(ownVariables(), ", "))
	}
	if idle := idlePassphrases(e.environment, e.own.Store); len(idle) > 0 {
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

// idlePassphrases are those that this store, "" for not known, has no use for.
func idlePassphrases(names []string, store string) []string {
	if store == "" || store == "file" {
		return nil
	}
	passphrases := []string{"VALET_PASSPHRASE_FILE", "VALET_PASSPHRASE_COMMAND"}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(passphrases, strings.ToUpper(name)) })
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
