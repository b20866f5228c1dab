package main

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// signInRow is a sign-in: what is unusual about the provider or the settings, the
// flow that is taken then, and what comes of it.
type signInRow struct {
	quirk, flow, outcome string
	// issuer has the quirks of an authorization server (testdata/real/
	// authorization_server.mjs), practice those of the practice GitHub instead.
	issuer   string
	practice *sandbox.Options
	// set are variables, and says what the person is told.
	set, says []string
	run       func(*seat) string
}

const (
	usual    = "fast"
	noDevice = "fast,no-device"

	signedInAndOut = "signed in, refresh token rotated, revoked"
	withReason     = "loopback, with the reason"
)

// TestSignInMatrix signs people in with the program itself, by variables alone, at
// an authorization server that nobody here has written, in a real browser. It
// prints what becomes of each peculiarity.
func TestSignInMatrix(t *testing.T) {
	t.Parallel()
	needReal(t, "chromium", "node")
	port, taken := freePort(t), takenPort(t)
	rows := slices.Concat(flowRows(port, taken), clientRows(), tokenRows(), processRows(), practiceRows())
	issuers := startIssuers(t, rows)
	everybody := startPeople(t)
	seen := make([][3]string, len(rows))
	t.Cleanup(func() { t.Log("\n" + aligned(seen)) })
	for i, row := range rows {
		t.Run(strings.ReplaceAll(row.quirk, " ", "_"), func(t *testing.T) {
			t.Parallel()
			s := row.seat(t, everybody, issuers)
			outcome := row.run(s)
			seen[i] = [3]string{row.quirk, s.flow, strings.Join(append([]string{outcome}, s.heard(row.says)...), "; ")}
			if outcome != row.outcome || s.flow != row.flow {
				t.Errorf("%s, %s; want %s, %s", s.flow, outcome, row.flow, row.outcome)
			}
			for _, want := range row.says {
				if !strings.Contains(s.shown, want) {
					t.Errorf("it doesn't say %q: %s", want, s.shown)
				}
			}
		})
	}
}

// heard quotes what the person was told of these.
func (s *seat) heard(words []string) []string {
	var heard []string
	for _, part := range words {
		if strings.Contains(s.shown, part) {
			heard = append(heard, strconv.Quote(part))
		}
	}
	return heard
}

// seat is where a row is tried.
func (row signInRow) seat(t *testing.T, p *people, issuers map[string]string) *seat {
	t.Helper()
	if row.practice == nil {
		return takeSeat(t, p, issuers[row.issuer], "", row.set...)
	}
	options := *row.practice
	options.Interval = time.Second
	box, err := sandbox.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	web := box.URL() + "/login/"
	s := takeSeat(t, p, "", box.URL()+"/api/v3", with([]string{
		"ACME_DEVICE_URL=" + web + "device/code", "ACME_TOKEN_URL=" + web + "oauth/access_token", "ACME_AUTHORIZATION_URL=" + web + "oauth/authorize",
		"ACME_CLIENT_ID=" + sandbox.ClientID,
	}, row.set...)...)
	s.question = `{"path":"user"}`
	return s
}

// startIssuers starts one issuer for all rows of the same quirks.
func startIssuers(t *testing.T, rows []signInRow) map[string]string {
	t.Helper()
	var quirks []string
	for _, row := range rows {
		if row.issuer != "" && !slices.Contains(quirks, row.issuer) {
			quirks = append(quirks, row.issuer)
		}
	}
	issuers, _ := startServers(t, quirks...)
	found := map[string]string{}
	for i, issuer := range issuers {
		found[quirks[i]] = issuer
	}
	return found
}

// startServers answers an issuer for each list of quirks, and what is told of
// clients from then on.
func startServers(t *testing.T, quirks ...string) (issuers []string, told *bufio.Reader) {
	t.Helper()
	part(t, "oidc-provider")
	command := exec.Command(node(t), append([]string{filepath.Join(realParts, "authorization_server.mjs")}, quirks...)...)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	told = background(t, command)
	for range quirks {
		line := firstLine(t, told)
		issuer, ok := strings.CutPrefix(line, "READY ")
		if !ok {
			t.Fatalf("the authorization server says %q", line)
		}
		issuers = append(issuers, issuer)
	}
	return issuers, told
}

// freePort answers a port that nobody is given by chance: systems choose from 32768
// on.
func freePort(t *testing.T) string {
	t.Helper()
	for port := 21000; port < 32000; port++ {
		if l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			l.Close()
			return strconv.Itoa(port)
		}
	}
	t.Fatal("no port is free")
	return ""
}

// takenPort answers one that this test has.
func takenPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// aligned is a table, without the rows that didn't come to an end.
func aligned(rows [][3]string) string {
	rows = slices.DeleteFunc(rows, func(row [3]string) bool { return row[0] == "" })
	rows = append([][3]string{{"quirk", "flow", "outcome"}}, rows...)
	var width [2]int
	for _, row := range rows {
		width[0], width[1] = max(width[0], len(row[0])), max(width[1], len(row[1]))
	}
	var text strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&text, "%-*s  %-*s  %s\n", width[0], row[0], width[1], row[1], row[2])
	}
	return text.String()
}

// life signs in, calls, refreshes and signs out.
func life(s *seat) string {
	if outcome := s.signIn(true); outcome != "signed in" {
		return outcome
	}
	s.calls()
	return "signed in, " + s.renews() + ", " + s.leaves()
}

func approve(s *seat) string { return s.signIn(true) }
func deny(s *seat) string    { return s.signIn(false) }

// flowRows are about which flow is taken.
func flowRows(port, taken string) []signInRow {
	const loopbackOnly, both = "ACME_FLOW=loopback", "ACME_CLIENT_ID=both-example"
	return []signInRow{
		{quirk: "device and browser", issuer: usual, set: []string{both}, run: life, flow: "device", outcome: signedInAndOut},
		{quirk: "ACME_FLOW=loopback", issuer: usual, set: []string{both, loopbackOnly}, run: life, flow: "loopback", outcome: signedInAndOut},
		{quirk: "one registered port", issuer: "fast,port=" + port, set: []string{"ACME_CLIENT_ID=port-example", loopbackOnly, "ACME_REDIRECT_PORT=" + port},
			says: []string{"http://127.0.0.1:" + port + "/"}, run: life, flow: "loopback", outcome: signedInAndOut},
		{quirk: "that port is busy", issuer: usual, set: []string{both, loopbackOnly, "ACME_REDIRECT_PORT=" + taken},
			says: []string{"port " + taken + " of 127.0.0.1", "ACME_REDIRECT_PORT"}, run: approve, flow: "-", outcome: "refused at once"},
		{quirk: "no device endpoint", issuer: noDevice, set: []string{both}, says: []string{"names no device_authorization_endpoint"},
			run: life, flow: withReason, outcome: signedInAndOut},
		{quirk: "client without device grant", issuer: usual, set: []string{"ACME_CLIENT_ID=browser-example"}, says: []string{"Acme refused the device flow: ", "invalid_request"},
			run: life, flow: withReason, outcome: signedInAndOut},
		{quirk: "scope not for devices", issuer: "fast,device-scopes", set: []string{both, "ACME_SCOPES=openid offline_access calendar"},
			says: []string{"Acme refused the device flow: ", "invalid_scope"}, run: life, flow: withReason, outcome: signedInAndOut},
		{quirk: "ACME_FLOW=device, no endpoint", issuer: noDevice, set: []string{both, "ACME_FLOW=device"},
			says: []string{"names no device_authorization_endpoint, and ACME_FLOW=device allows nothing else"}, run: approve, flow: "-", outcome: "refused at once"},
		{quirk: "ACME_FLOW=device, client without it", issuer: usual, set: []string{"ACME_CLIENT_ID=browser-example", "ACME_FLOW=device"},
			says: []string{"device_code is not allowed for this client"}, run: approve, flow: "-", outcome: "refused at once"},
		{quirk: "ACME_FLOW=loopback, client without it", issuer: usual, set: []string{"ACME_CLIENT_ID=device-example", loopbackOnly},
			says: []string{"requested response_type is not allowed for this client"}, run: approve, flow: "loopback", outcome: "refused later, page: failed"},
		{quirk: "denied", issuer: usual, set: []string{both}, run: deny, flow: "device", outcome: "declined"},
		{quirk: "denied in this browser", issuer: usual, set: []string{both, loopbackOnly}, run: deny, flow: "loopback", outcome: "declined"},
	}
}

// clientRows are about who asks.
func clientRows() []signInRow {
	basic := []string{"ACME_CLIENT_ID=browser-basic-example", "ACME_CLIENT_SECRET=secret:basic/", "ACME_FLOW=loopback"}
	return []signInRow{
		{quirk: "client registered by itself", issuer: usual, run: life, flow: "device", outcome: signedInAndOut + " with its client"},
		{quirk: "the same, no device endpoint", issuer: noDevice, run: life, flow: withReason, outcome: signedInAndOut + " with its client"},
		{quirk: "registration wants a token", issuer: "fast,initial-access-token", says: []string{"needs an initial access token", "set ACME_CLIENT_ID"},
			run: approve, flow: "-", outcome: "refused at once"},
		{quirk: "no registration", issuer: "fast,no-registration", says: []string{"registers no clients by itself", "set ACME_CLIENT_ID"},
			run: approve, flow: "-", outcome: "refused at once"},
		{quirk: "secret in the header", issuer: "fast,basic-only", set: basic, run: life, flow: "loopback", outcome: signedInAndOut},
		{quirk: "secret in the body", issuer: "fast,post-only", set: []string{"ACME_CLIENT_ID=browser-post-example", "ACME_CLIENT_SECRET=secret:post/", "ACME_FLOW=loopback"},
			run: life, flow: "loopback", outcome: signedInAndOut},
		{quirk: "wrong secret", issuer: usual, set: with(basic, "ACME_CLIENT_SECRET=example-wrong"), says: []string{"was approved, but brought no token", "answered invalid_client"},
			run: approve, flow: "loopback", outcome: "refused later, page: failed"},
		{quirk: "nobody signs in", issuer: usual, set: []string{"ACME_GRANT=client_credentials", "ACME_CLIENT_ID=program-example", "ACME_CLIENT_SECRET=secret:program/"},
			run: ownToken, flow: "-", outcome: "a token of its own, revoked"},
	}
}
