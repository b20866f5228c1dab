package cli

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/atotto/clipboard"
	"rsc.io/qr"

	"github.com/valetkey/valetkey/credentials"
)

// showSignIn says the address and the code before anything else happens, so
// that they can be used on any device.
func (a *app) showSignIn(required *credentials.SignInRequired, options loginOptions) {
	host, _, _ := strings.Cut(required.Host, credentials.BoundTo)
	a.say("Sign in to %s (%s):", required.Title, host)
	a.say("")
	a.say("  open        %s", required.VerificationURI)
	if required.UserCode != "" {
		a.say("  enter code  %s", required.UserCode)
	} else {
		a.say("              in a browser on this machine")
	}
	a.say("")
	if required.Reason != "" {
		a.say("It goes this way because %s.", required.Reason)
	}
	if len(required.Scopes) > 0 {
		a.say("It asks for: %s", strings.Join(required.Scopes, ", "))
	}
	if required.UserCode == "" {
		if options.qr || options.copy {
			a.say("There is no code for --qr or --copy: this sign-in comes back to this machine.")
		}
		a.sayTunnel(required)
		return
	}
	if options.qr {
		a.showQR(required)
	}
	if options.copy {
		a.copyCode(required.UserCode)
	}
}

// sayTunnel says how a browser on another machine comes back to this one.
func (a *app) sayTunnel(required *credentials.SignInRequired) {
	address, err := url.Parse(required.VerificationURI)
	if err != nil || hasDisplay(runtime.GOOS, os.Getenv) {
		return
	}
	port := address.Port()
	a.say("There is no browser here. Where you have one, run this first, with the name of this machine: ssh -L %s:127.0.0.1:%s HOST", port, port)
}

// showQR draws two rows of the code in one line of text.
func (a *app) showQR(required *credentials.SignInRequired) {
	address := required.VerificationURI
	if required.VerificationURIComplete != "" {
		address = required.VerificationURIComplete
	}
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		a.complain("valetkey: no QR code for %s: %v", address, err)
		return
	}
	// The standard's margin, and its colours whatever the terminal's are.
	const quiet = 4
	colour, plain := "", ""
	if isTerminal(a.out) {
		colour, plain = "\x1b[97;40m", "\x1b[0m"
	}
	blocks := map[[2]bool]string{{false, false}: "█", {false, true}: "▀", {true, false}: "▄", {true, true}: " "}
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var line strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			line.WriteString(blocks[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
		}
		a.say("%s%s%s", colour, line.String(), plain)
	}
}

// copyCode puts the code on the clipboard. Where there is none, such as over
// SSH, the terminal may have one: OSC 52 asks it.
func (a *app) copyCode(code string) {
	err := clipboard.WriteAll(code)
	switch {
	case err == nil:
		a.say("The code is on the clipboard.")
	case isTerminal(a.out):
		fmt.Fprintf(a.out, "\x1b]52;c;%s\a", base64.StdEncoding.EncodeToString([]byte(code)))
		a.say("The terminal was asked to put the code on its clipboard; not every terminal does.")
	default:
		a.complain("valetkey: the code is not on the clipboard: %v", err)
	}
}
