package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/policy"
)

// serviceChecks are the lines about each service.
func serviceChecks(opened []service) [][]check {
	lines := []struct {
		about string
		run   func(context.Context, *examination, service) finding
	}{
		{"endpoints", checkEndpoints},
		{"flow", checkFlow},
		{"network", checkNetwork},
		{"clock", checkClock},
		{"sign-in", checkSignIn},
		{"allowed", checkAllowed},
	}
	var all [][]check
	for _, s := range opened {
		if s.wrong != nil {
			all = append(all, []check{{s.Name + " configuration", func(context.Context, *examination) finding { return wrong("", "%s", s.fault()) }}})
			continue
		}
		var own []check
		for _, line := range lines {
			own = append(own, check{s.Name + " " + line.about, func(ctx context.Context, e *examination) finding { return line.run(ctx, e, s) }})
		}
		all = append(all, own)
	}
	return all
}

// checkEndpoints says where a sign-in goes, and who says so.
func checkEndpoints(ctx context.Context, _ *examination, s service) finding {
	at, err := s.credential.Endpoint(ctx)
	if err != nil {
		return wrong("", "%v", err)
	}
	var found []string
	for _, endpoint := range []struct{ what, address string }{
		{"approval in a browser at", at.AuthURL}, {"codes from", at.DeviceAuthURL}, {"tokens from", at.TokenURL},
	} {
		if endpoint.address != "" {
			found = append(found, endpoint.what+" "+endpoint.address)
		}
	}
	given := s.options.Settings
	from := "built in"
	switch {
	case s.at.Issuer != "":
		from = "from the metadata of " + s.at.Issuer
	case given.AuthorizationURL != "" || given.DeviceURL != "" || given.TokenURL != "":
		from = "from the environment"
	}
	switch {
	case len(found) == 0:
		return fine("none: this service takes a key")
	case given.Grant != "":
		return fine("tokens from %s, by the client secret, %s", at.TokenURL, from)
	case at.AuthURL == "" && at.DeviceAuthURL == "":
		return wrong("give an API key", "%s, %s, but nowhere to approve a sign-in", strings.Join(found, ", "), from)
	}
	return fine("%s, %s", strings.Join(found, ", "), from)
}

// checkFlow says which way a sign-in would go, and why.
func checkFlow(ctx context.Context, _ *examination, s service) finding {
	status, err := s.credential.Status(ctx)
	switch at, unknown := s.credential.Endpoint(ctx); {
	case err == nil && (status.Variable != "" || status.Key && status.SignedIn) || s.options.Settings.Grant != "" || unknown == nil && at.TokenURL == "":
		return fine("nobody has to sign in")
	case unknown != nil:
		return wrong("", "not known without the endpoints")
	}
	plan, err := s.credential.FlowPlan(ctx)
	if err != nil {
		return wrongBecause(err)
	}
	said := "a code to approve in any browser (device flow)"
	if plan.Flow == credentials.LoopbackFlow {
		said = "a browser on this machine (loopback flow)"
	}
	if plan.Reason != "" {
		said += ", since " + plan.Reason
	}
	return fine("%s", said)
}

// checkNetwork asks the API, and nobody else.
func checkNetwork(ctx context.Context, e *examination, s service) finding {
	mend := "check the network, the proxy and " + s.at.HostVariable
	way, err := s.options.Network.Way(s.at.APIURL)
	if err != nil {
		return wrong(mend, "%v", err)
	}
	if credentials.Given(e.own.CAFile) != "" {
		way += ", trusting VALET_CA_FILE as well"
	}
	if err := s.credential.Reach(ctx); err != nil {
		return wrong(mend, "%s can't be reached %s: %v", s.at.Hosts[0], way, err)
	}
	return fine("%s answers, reached %s", s.at.Hosts[0], way)
}

// checkAllowed says what a model may do, as far as variables say it.
func checkAllowed(_ context.Context, e *examination, s service) finding {
	return fine("%s, so %s%s", cmp.Or(s.layers(), "VALET_ROLE="+policy.Usual), counted(len(s.offered.Tools), "tool"), s.limits(e.own))
}

func checkClock(_ context.Context, _ *examination, s service) finding {
	ahead, known := s.credential.ClockSkew()
	switch {
	case !known:
		return wrong("", "not compared, since %s hasn't said what time it is", s.at.Hosts[0])
	case ahead.Abs() > time.Minute:
		return wrong("set this machine's clock", "it is %s ahead of %s", ahead, s.at.Hosts[0])
	}
	return fine("within a minute of %s", s.at.Hosts[0])
}

// withoutNote drops what has been said about the store already.
func withoutNote(status credentials.Status, note string) credentials.Status {
	if status.StoreNote == note {
		status.StoreNote = ""
	}
	status.Mend = strings.TrimSuffix(status.Mend, "; "+note)
	return status
}

// checkSignIn asks the service too, since a token may have been revoked.
func checkSignIn(ctx context.Context, _ *examination, s service) finding {
	status, err := s.credential.Status(ctx)
	var failed *credentials.StoreError
	switch isRecord := errors.As(err, &failed) && failed.Unwrap() != nil; {
	case isRecord:
		return wrong(status.Mend, "not known: %s", status.Reason)
	case err != nil:
		// The store's own line says what mends it.
		return wrong("", "not known: %s", status.Reason)
	}
	status = withoutNote(status, s.options.Store.Note())
	if !status.SignedIn {
		if _, unknown := s.credential.Endpoint(ctx); unknown != nil && status.Variable == "" {
			// No sign-in can begin.
			return wrong("mend the endpoints first", "not signed in")
		}
		f := wrong(status.Mend, "not signed in")
		if status.Reason != "" {
			f = wrong(status.Mend, "not signed in: %s", status.Reason)
		}
		f.signIn = status.Variable == ""
		return f
	}
	account, err := s.credential.Identify(ctx)
	switch {
	case errors.Is(err, credentials.ErrNotSignedIn):
		f := wrong("run: "+s.credential.LoginCommand(), "%s no longer accepts the token", s.at.Hosts[0])
		f.signIn = true
		return f
	case errors.Is(err, credentials.ErrKeyRefused):
		return wrongBecause(err)
	case err != nil:
		return wrong("", "%s; trying it went wrong: %v", status.Describe(), err)
	}
	if s.at.Identify == nil && status.Grant == "" {
		return fine("%s; not tried: nothing is known at %s that says whose it is", status.Describe(), s.at.Hosts[0])
	}
	return fine("%s", status.DescribeAs(account))
}
