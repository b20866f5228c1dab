package cli

import (
	"log/slog"
	"os"
	"runtime"
	"sync"

	"github.com/cli/browser"

	"github.com/valetkey/valetkey/oauth"
)

// browserFor answers a function that opens a sign-in page, or nil where
// VALET_BROWSER or the machine says no.
func browserFor(own settings, log *slog.Logger) func(address string) {
	if own.Browser != "auto" || !hasDisplay(runtime.GOOS, os.Getenv) {
		return nil
	}
	return func(address string) { openBrowser(address, log) }
}

// hasDisplay reports whether a browser opened here would be in front of the
// person: not over SSH, and on Linux and the BSDs only with a display.
func hasDisplay(goos string, getenv func(string) string) bool {
	if getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "" {
		return false
	}
	if goos == "darwin" || goos == "windows" {
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" || getenv("WSL_DISTRO_NAME") != ""
}

// quietBrowser keeps what a browser prints off this program's streams. The
// library's streams are variables of the package, so they are set once.
var quietBrowser = sync.OnceFunc(func() { browser.Stdout, browser.Stderr = nil, nil })

// openBrowser starts a browser without a shell and doesn't wait for it: on some
// desktops the command lasts as long as the browser, and on others it fails
// late. The address has been shown in words either way.
func openBrowser(address string, log *slog.Logger) {
	if err := oauth.CheckAddress(address); err != nil {
		log.Warn("the sign-in page is not opened", "error", err)
		return
	}
	quietBrowser()
	go func() {
		if err := browser.OpenURL(address); err != nil {
			log.Info("no browser could be opened", "error", err)
		}
	}()
}
