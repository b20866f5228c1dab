package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestHosts: valetkey is installed in hosts of other people's making, all of them at
// work at once in one home directory, each started as its person would and with a
// practice model in place of its own. It connects, gets one sign-in approved for all
// of them, then answers, and can be taken out again. No model and no file of a host's
// ever has a token.
func TestHosts(t *testing.T) {
	needHosts(t)
	c := startComputer(t)
	seen := newTable(t, "host", "version", "lists it", "first call", "then", "starts")
	var hosts []*runningHost
	for _, host := range realHosts() {
		hosts = append(hosts, c.settle(t, host, "github_whoami", "{}"))
	}
	c.install(t, hosts)
	if !atOnce(t, "connects", hosts, func(t *testing.T, h *runningHost) { h.lists(t, true) }) {
		return
	}
	for _, h := range hosts {
		h.watch(t)
	}
	// Each host ends its valetkey with the answer.
	if !atOnce(t, "first call", hosts, func(t *testing.T, h *runningHost) { h.expectFirstCall(t, h.asks(t)) }) {
		return
	}
	c.approve(t, hosts)
	atOnce(t, "then", hosts, func(t *testing.T, h *runningHost) {
		if said := h.asks(t); !strings.Contains(said, "@mona-example") || userCode.MatchString(said) {
			t.Errorf("the model is told %q", said)
		}
		h.expectEnvironment(t)
	})
	if codes := c.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes were asked for, want 1", codes)
	}
	c.install(t, hosts, "--uninstall")
	atOnce(t, "taken out", hosts, func(t *testing.T, h *runningHost) { h.lists(t, false) })
	c.expectNothingLeft(t, hosts)
	for _, h := range hosts {
		seen.add(h.name, h.version(t), h.listed, h.firstCall, signedIn, strconv.Itoa(len(h.environments(t))))
	}
}

// atOnce does something in all hosts at the same time, and answers whether it went
// well in all.
func atOnce(t *testing.T, what string, hosts []*runningHost, does func(t *testing.T, h *runningHost)) bool {
	return t.Run(what, func(t *testing.T) {
		for _, h := range hosts {
			t.Run(h.name, func(t *testing.T) {
				t.Parallel()
				does(t, h)
			})
		}
	})
}

// lists has the host list its servers, and valetkey is among them or isn't.
func (h *runningHost) lists(t *testing.T, is bool) {
	t.Helper()
	if said := h.runs(t, h.list...); strings.Contains(said, "valetkey") != is || is && !strings.Contains(said, h.listed) {
		t.Errorf("it lists:\n%s", said)
	}
}

// expectFirstCall: what the model is told leads the person to the page.
func (h *runningHost) expectFirstCall(t *testing.T, said string) {
	t.Helper()
	if !userCode.MatchString(said) || !strings.Contains(said, h.URL()+"/login/device") || strings.Contains(said, "declined") != (h.firstCall == asDeclined) {
		t.Errorf("the model is told %q", said)
	}
}

// approve approves the one code that all have shown.
func (c *computer) approve(t *testing.T, hosts []*runningHost) {
	t.Helper()
	var code string
	for _, h := range hosts {
		shown := userCode.FindString(h.sent(t))
		if code != "" && shown != code {
			t.Errorf("%s shows the code %q, another host %q", h.name, shown, code)
		}
		code = shown
	}
	approveInPage(t, c.URL()+"/login/device", code)
}

// expectEnvironment: of the host's own variables, all but those that the table
// names have reached valetkey, however it was started.
func (h *runningHost) expectEnvironment(t *testing.T) {
	t.Helper()
	for _, given := range h.environments(t) {
		var dropped []string
		for _, variable := range h.environment() {
			name, _, _ := strings.Cut(variable, "=")
			if !slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, name+"=") }) {
				dropped = append(dropped, name)
			}
		}
		if got, want := strings.Join(slices.Sorted(slices.Values(dropped)), " "), strings.Join(h.drops, " "); got != want {
			t.Errorf("valetkey isn't given %s\nwant %s", got, want)
		}
	}
}

// expectNothingLeft: no valetkey runs on after its host, and no token is anywhere
// but in the keyring.
func (c *computer) expectNothingLeft(t *testing.T, hosts []*runningHost) {
	t.Helper()
	eventually(t, "the end of every valetkey", func() bool {
		for _, program := range c.processes() {
			if program == binary(t) {
				return false
			}
		}
		return true
	})
	c.endAll()
	said := c.said.String() + c.written(t)
	for _, h := range hosts {
		said += h.sent(t)
	}
	c.expectNoSecret(t, said)
	if !c.keyring.holds("valetkey", "github") {
		t.Errorf("%d entries in the keyring, want github of valetkey", c.keyring.entries())
	}
}
