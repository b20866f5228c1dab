//go:build unix

package main

import (
	"cmp"
	"os"
	"strings"
	"testing"
)

// hostRow is how a host treats a server on stdio. Where that isn't known the row
// has the least that any host does: no capabilities, a short environment.
type hostRow struct {
	name string
	// known is how this much of it is known.
	known string
	// protocol is the revision it opens with: with server/discover from
	// modernProtocol on, with initialize before. capabilities is what it declares.
	protocol, capabilities string
	environment            environmentList
	// sees is the form in which it shows a sign-in, and answers what it makes of
	// a question; "": it asks its person.
	sees, answers string
	// hearsProgress: it sends a token with each call.
	hearsProgress bool
	// limit is how long it waits for an answer, as documented.
	limit string
	// shutdown is what it ends its servers with.
	shutdown []string
	// probes is how often it starts a server, asks for its tools and kills it
	// before it starts the one it works with.
	probes int
}

// environmentList picks from a person's environment what a host passes on.
type environmentList struct {
	name   string
	passes func(name string) bool
}

// The forms in which hosts show a sign-in.
const (
	inWords = "words"
	asForm  = "form"
	asPage  = "url"

	interrupts = "SIGINT"
	terminates = "SIGTERM"
	hangsUp    = "SIGHUP"
	closes     = "EOF"
	// deafens closes the host's end of stdout: nobody reads an answer any more.
	deafens = "no reader"
)

func passesAll() environmentList {
	return environmentList{"whole", func(string) bool { return true }}
}

func passesOnly(name, names string) environmentList {
	return environmentList{name, func(n string) bool { return strings.Contains(" "+names+" ", " "+n+" ") }}
}

// likeSDK is DEFAULT_INHERITED_ENV_VARS of the TypeScript SDK. On Windows it is
// APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PROCESSOR_ARCHITECTURE PROGRAMFILES
// SYSTEMDRIVE SYSTEMROOT TEMP USERNAME USERPROFILE.
// https://github.com/modelcontextprotocol/typescript-sdk/blob/main/packages/client/src/client/stdio.ts
func likeSDK() environmentList { return passesOnly("SDK list", "HOME LOGNAME PATH SHELL TERM USER") }

// likeCodex is its list, but for the variables that name certificates.
// https://github.com/openai/codex/blob/main/codex-rs/rmcp-client/src/utils.rs
func likeCodex() environmentList {
	return passesOnly("Codex list", "HOME LOGNAME PATH SHELL USER LANG LC_ALL TERM TMPDIR TZ SSL_CERT_FILE NODE_EXTRA_CA_CERTS")
}

// likeGemini drops what sounds like a secret.
// https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/services/environmentSanitization.ts
func likeGemini() environmentList {
	dropped := []string{"TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "AUTH", "CREDENTIAL", "CREDS", "PRIVATE", "CERT"}
	return environmentList{"without secrets", func(name string) bool {
		for _, part := range dropped {
			if strings.Contains(name, part) {
				return false
			}
		}
		return true
	}}
}

// wholeEnvironment is what a person has around a host that was started in a
// desktop's terminal. Its session bus is gone, and nothing is to be found by PATH.
func wholeEnvironment(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	return []string{
		"HOME=" + home, "LOGNAME=mona-example", "USER=mona-example", "PATH=" + t.TempDir(), "SHELL=/bin/sh", "TERM=xterm", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		"TZ=UTC", "TMPDIR=" + os.TempDir(), "DISPLAY=:0", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + home + "/nowhere", "XDG_RUNTIME_DIR=" + home,
		"XDG_CONFIG_HOME=" + home + "/.config", "EDITOR=vi", "NPM_TOKEN=" + strayToken, "AWS_SECRET_ACCESS_KEY=" + strayToken,
	}
}

// strayToken is a secret that is no business of this program's.
const strayToken = "example-of-a-stray-token"

const (
	noCapabilities    = `{}`
	rootsOnly         = `{"roots":{"listChanged":true}}`
	formCapabilities  = `{"elicitation":{"form":{}}}`
	emptyCapabilities = `{"elicitation":{}}`
	pageCapabilities  = `{"roots":{},"elicitation":{"form":{},"url":{}}}`
)

// hostRows are the hosts, as they were seen or as their documents and sources
// have it. The time limits are documented only, but the least of them is why a
// call takes 45 s at most: see TestCallsEndInTime of the package tools.
func hostRows() []hostRow {
	end, term, interrupt := []string{closes}, []string{terminates}, []string{interrupts}
	return []hostRow{
		{"Claude Desktop", "reported", "2025-11-25", noCapabilities, likeSDK(), inWords, "", false, "60 s", end, 1},
		{"Claude Code", "observed", modernProtocol, pageCapabilities, passesAll(), asPage, "", true, "28 h", interrupt, 1},
		{"Claude Code -p", "observed", modernProtocol, pageCapabilities, passesAll(), asPage, "cancel", true, "28 h", interrupt, 1},
		{"Claude Code, older", "reported", "2025-11-25", formCapabilities, passesAll(), asForm, "", true, "28 h", interrupt, 1},
		{"Cursor", "assumed", "2025-06-18", emptyCapabilities, likeSDK(), asForm, "", false, "60 s", term, 1},
		{"VS Code", "its source", "2025-11-25", pageCapabilities, passesAll(), asPage, "", true, "none", []string{closes, terminates}, 1},
		{"Windsurf", "assumed", "2025-03-26", noCapabilities, likeSDK(), inWords, "", false, "60 s", term, 1},
		{"Zed", "assumed", "2024-11-05", noCapabilities, passesAll(), inWords, "", false, "60 s", term, 1},
		{"Codex", "observed", "2025-06-18", pageCapabilities, likeCodex(), asPage, "", false, "300 s", []string{terminates, closes}, 1},
		{"Codex exec", "observed", "2025-06-18", pageCapabilities, likeCodex(), asPage, "decline", false, "300 s", end, 1},
		{"Gemini CLI", "its source", "2025-06-18", rootsOnly, likeGemini(), inWords, "", true, "600 s", term, 1},
		{"Cline, extension", "its source", "2024-11-05", noCapabilities, likeSDK(), inWords, "", false, "60 s", end, 1},
		{"Cline CLI", "its source", "2024-11-05", noCapabilities, likeSDK(), inWords, "", false, "60 s", []string{closes, terminates}, 1},
		{"Goose", "its source", "2025-03-26", emptyCapabilities, passesAll(), asForm, "", true, "300 s", []string{hangsUp}, 1},
		{"opencode", "observed", "2025-11-25", rootsOnly, passesAll(), inWords, "", true, "60 s", end, 2},
		{"Inspector, SDK", "observed", "2025-11-25", noCapabilities, likeSDK(), inWords, "", true, "60 s", []string{closes, terminates, terminates}, 2},
	}
}

// TestHostBehaviour tells the story of a person at each host: it starts the
// program to look at it, kills it, starts it again and calls a tool. The sign-in
// comes at once and as that host shows it; once approved, calls work. Then the
// host ends the program in its own way, in the middle of a call.
//
// The environment is the host's, and an entry's variables. Where it lacks the
// address of the session bus, the keyring is found all the same: see
// TestKeyringInAStrippedEnvironment of the package credentials.
func TestHostBehaviour(t *testing.T) {
	t.Parallel()
	seen := newTable(t, "host", "known", "opens with", "environment", "sign-in", "answered", "limit", "ends with", "outcome")
	for _, row := range hostRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			h := sitAt(t, row)
			for range row.probes {
				h.start()
				h.probe()
				h.kill()
			}
			h.start()
			h.probe()
			h.signIn()
			outcome := h.shutdown()
			seen.add(row.name, row.known, row.protocol, row.environment.name, row.sees, cmp.Or(row.answers, "as approved"), row.limit, strings.Join(row.shutdown, " "), outcome)
		})
	}
}
