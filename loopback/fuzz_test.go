package loopback_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

const fuzzState = "example-state-Gm-RhmhcxhwAzkoEqiMEg"

// Nothing is accepted without this sign-in's state, and what is can be shown.
func FuzzCallback(f *testing.F) {
	for _, query := range []string{
		"state=" + fuzzState + "&code=example",
		"state=" + fuzzState + "&code=example&iss=" + url.QueryEscape(issuer),
		"state=" + fuzzState + "&error=access_denied&error_description=No.%0d%0a%1b[2J",
		"state=" + fuzzState + "&error=" + fuzzState,
		"state=" + fuzzState + "&state=" + fuzzState + "&code=example",
		"code=example&state=", "state=" + fuzzState[1:] + "&code=a", "state%5b%5d=" + fuzzState, "a;b", "%", "", "&&=&", "state=" + fuzzState + "&code=%00",
	} {
		f.Add(query, false)
		f.Add(query, true)
	}
	f.Fuzz(func(t *testing.T, query string, needsIssuer bool) {
		flow := &loopback.Flow{Client: &oauth.Client{Secret: oauth.NewSecret(clientSecret)}, Issuer: issuer, NeedsIssuer: needsIssuer}
		a := &loopback.Authorization{State: oauth.NewSecret(fuzzState), Verifier: oauth.NewSecret("example-verifier-Gm-RhmhcxhwAzkoEqiMEgExampleA")}
		code, refused, ok := flow.Read(a, query)
		if _, _, accepted := flow.Read(&loopback.Authorization{}, query); accepted {
			t.Errorf("%q was accepted without a state", query)
		}
		if !ok {
			return
		}
		values, err := url.ParseQuery(query)
		if err != nil || len(values["state"]) != 1 || values["state"][0] != fuzzState || values.Has("iss") && values.Get("iss") != issuer || needsIssuer && !values.Has("iss") {
			t.Fatalf("%q was accepted", query)
		}
		if refused == nil && (code.IsZero() || len(values["code"]) != 1) {
			t.Errorf("%q says neither yes nor no", query)
		}
		if refused == nil {
			return
		}
		text := refused.Error()
		if len(text) > 500 || strings.Contains(fmt.Sprintf("%v %+v %#v", refused, refused, *refused), fuzzState) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("a refusal that can't be shown: %q", text)
		}
	})
}
