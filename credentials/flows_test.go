package credentials_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// browsing is a server that people sign in to with a browser on this machine as
// well.
func browsing(t *testing.T, o sandbox.Options) *world {
	t.Helper()
	w := newWorld(t, o)
	w.service.Endpoint.AuthURL = w.box.URL() + "/login/oauth/authorize"
	return w
}

// inBrowser opens a sign-in in a browser and presses the button, as soon as some
// process listens.
func (w *world) inBrowser(r *credentials.SignInRequired, press func(context.Context, string) (string, error)) (page string) {
	w.t.Helper()
	late, err := time.After(patience), errors.New("not yet")
	for err != nil {
		select {
		case w.clock.ticks <- struct{}{}:
		case <-late:
			w.t.Fatalf("%v: %s", err, page)
		default:
		}
		if page, err = press(w.t.Context(), r.VerificationURI); err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			w.t.Fatalf("%v: %s", err, page)
		}
	}
	w.tickUntil(r)
	return page
}

// The device flow comes first wherever the provider has it for these scopes.
func TestFlowPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*credentials.Service, *credentials.Settings)
		want   credentials.FlowPlan
		err    string
	}{
		"both": {func(*credentials.Service, *credentials.Settings) {}, credentials.FlowPlan{Flow: "device", Instead: "loopback"}, ""},
		"auto": {func(_ *credentials.Service, s *credentials.Settings) { s.Flow = "auto" }, credentials.FlowPlan{Flow: "device", Instead: "loopback"}, ""},
		"device only here": {
			func(s *credentials.Service, _ *credentials.Settings) { s.NoLoopback = "GitHub wants a secret" },
			credentials.FlowPlan{Flow: "device"}, "",
		},
		"no device flow there": {
			func(s *credentials.Service, _ *credentials.Settings) { s.Endpoint.DeviceAuthURL = "" },
			credentials.FlowPlan{Flow: "loopback", Reason: "no device_authorization_endpoint is known (GITHUB_DEVICE_URL)"}, "",
		},
		"not for these scopes": {
			func(s *credentials.Service, _ *credentials.Settings) { s.DeviceScopes = []string{"gist"} },
			credentials.FlowPlan{Flow: "loopback", Reason: "the device flow of GitHub doesn't give repo", Instead: "device"}, "",
		},
		"for these scopes": {
			func(s *credentials.Service, _ *credentials.Settings) { s.DeviceScopes = []string{"gist", "repo"} },
			credentials.FlowPlan{Flow: "device", Instead: "loopback"}, "",
		},
		"loopback wanted": {
			func(_ *credentials.Service, s *credentials.Settings) { s.Flow = "loopback" },
			credentials.FlowPlan{Flow: "loopback"}, "",
		},
		"loopback wanted, and not to be had": {
			func(s *credentials.Service, set *credentials.Settings) {
				set.Flow, s.NoLoopback = "loopback", "GitHub wants a secret"
			},
			credentials.FlowPlan{}, "github: GitHub wants a secret, and GITHUB_FLOW=loopback allows nothing else",
		},
		"device wanted, and not to be had": {
			func(s *credentials.Service, set *credentials.Settings) {
				set.Flow, s.Endpoint.DeviceAuthURL = "device", ""
			},
			credentials.FlowPlan{}, "GITHUB_FLOW=device allows nothing else",
		},
		"device wanted, and doubtful": {
			func(s *credentials.Service, set *credentials.Settings) {
				set.Flow, s.DeviceScopes = "device", []string{"gist"}
			},
			credentials.FlowPlan{Flow: "device"}, "",
		},
		"nothing": {
			func(s *credentials.Service, _ *credentials.Settings) {
				s.Endpoint.DeviceAuthURL, s.Endpoint.AuthURL = "", ""
			},
			credentials.FlowPlan{}, "no device_authorization_endpoint is known (GITHUB_DEVICE_URL); no authorization_endpoint is known (GITHUB_AUTHORIZATION_URL)",
		},
	} {
		w := browsing(t, sandbox.Options{})
		c.change(&w.service, &w.settings)
		got, err := w.credential().FlowPlan(t.Context())
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A sign-in through a browser gives a token, and the page says so only when it
// is kept.
func TestSignInThroughBrowser(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{TokenLifetime: 8 * time.Hour})
	w.settings.Flow = "loopback"
	w.faulty()
	c := w.credential()
	r := required(t, w.call(c))
	equal(t, "code", r.UserCode, "")
	contains(t, "text", r.Error(), "open "+r.VerificationURI+" in a browser on this machine", "valetkey login github")
	if asked, err := url.Parse(r.VerificationURIComplete); err != nil || asked.Query().Get("client_id") != sandbox.ClientID || asked.Query().Get("scope") != "repo" {
		t.Errorf("the provider's page is %s", r.VerificationURIComplete)
	}
	page := w.inBrowser(r, sandbox.ApproveInBrowser)
	must(t, r.Err())
	contains(t, "page", page, "GitHub", "close")
	must(t, w.call(c))
	kept := w.record(c)
	equal(t, "account", kept.Account, "mona-example")
	equal(t, "refresh token", kept.Token.Refresh.IsZero(), false)
	equal(t, "pending", kept.Pending, nil)
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
}

// What the page says is what has become of it: a token of somebody else isn't
// kept, and a person who says no isn't told that they are signed in.
func TestBrowserIsTold(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	w.faulty()
	c := w.credential()
	r := required(t, w.call(c))
	page := w.inBrowser(r, sandbox.DenyInBrowser)
	contains(t, "page", page, "declined")
	if r.Err() == nil {
		t.Error("signed in without approval")
	}
	r = required(t, w.call(c))
	w.inBrowser(r, sandbox.ApproveInBrowser)
	must(t, w.call(c))
	w.box.SetAccount("hubot-example")
	r, err := c.SignIn(t.Context())
	must(t, err)
	page = w.inBrowser(r, sandbox.ApproveInBrowser)
	contains(t, "page", page, "hubot-example")
	if r.Err() == nil {
		t.Error("another account has taken over")
	}
	equal(t, "account", w.record(c).Account, "mona-example")
}

// A token that is in memory only isn't called kept.
func TestBrowserIsToldOfAStoreThatFails(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	store := w.faulty()
	c := w.credential()
	r := required(t, w.call(c))
	store.refuse(nil, refusal(credentials.Broken))
	page := w.inBrowser(r, sandbox.ApproveInBrowser)
	contains(t, "page", page, "didn’t work", "be stored")
	must(t, r.Err())
	must(t, w.call(c))
}

// against answers a token request as a provider whose policy is against it.
type against struct {
	http.RoundTripper
	path, body string
}

func (f against) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != f.path {
		return f.RoundTripper.RoundTrip(r)
	}
	r.Body.Close()
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(f.body)), Request: r}, nil
}

// What the provider refuses one way is tried the other, with its reason in words.
func TestFlowFallback(t *testing.T) {
	t.Parallel()
	const device, token = "/login/device/code", "/login/oauth/access_token"
	for name, refusal := range map[string]struct{ path, body, reason string }{
		"these scopes":      {device, `{"error":"invalid_scope"}`, "it doesn't give these scopes that way (invalid_scope)"},
		"this client":       {device, `{"error":"unauthorized_client"}`, "the application may not use it (unauthorized_client)"},
		"in the wrong word": {device, `{"error":"invalid_request","error_description":"device_code is not allowed for this client"}`, "not allowed for this client"},
		"policy":            {device, `{"error":"access_denied","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies."}`, "a policy of the organization blocks it"},
		"not public":        {device, `{"error":"invalid_client","error_description":"AADSTS7000218: The request body must contain client_secret."}`, "the application may not use it (invalid_client)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := browsing(t, sandbox.Options{})
			o := w.options()
			o.HTTP = &http.Client{Transport: against{http.DefaultTransport, refusal.path, refusal.body}}
			c := w.with(o)
			r := required(t, w.call(c))
			equal(t, "code", r.UserCode, "")
			contains(t, "reason", r.Reason, "GitHub refused the device flow", refusal.reason)
			w.inBrowser(r, sandbox.ApproveInBrowser)
			must(t, w.call(c))
			plan, err := c.FlowPlan(t.Context())
			must(t, err)
			equal(t, "flow from then on", plan.Flow, credentials.LoopbackFlow)
		})
	}
	t.Run("after the code was approved", func(t *testing.T) {
		w := browsing(t, sandbox.Options{})
		o := w.options()
		o.HTTP = &http.Client{Transport: against{http.DefaultTransport, token, `{"error":"access_denied","error_description":"AADSTS53003: blocked"}`}}
		c := w.with(o)
		r := required(t, w.call(c))
		must(t, w.box.Approve(r.UserCode))
		w.clock.tick(t)
		wait(t, "the end of the sign-in", r.Done())
		if !errors.Is(r.Err(), credentials.ErrOtherFlow) {
			t.Errorf("%v", r.Err())
		}
		equal(t, "code of the next", required(t, w.call(c)).UserCode, "")
	})
	t.Run("the browser refused", func(t *testing.T) {
		w := browsing(t, sandbox.Options{CodeFlowDisabled: true})
		w.service.DeviceScopes = []string{"gist"}
		c := w.credential()
		r := required(t, w.call(c))
		equal(t, "code", r.UserCode, "")
		w.inBrowser(r, func(ctx context.Context, address string) (string, error) { return get(t, address), nil })
		if !errors.Is(r.Err(), credentials.ErrOtherFlow) {
			t.Errorf("%v", r.Err())
		}
		r = required(t, w.call(c))
		contains(t, "reason", r.Reason, "GitHub refused the loopback flow")
		w.approve(r)
		must(t, w.call(c))
	})
	t.Run("all refused, then mended", func(t *testing.T) {
		w := browsing(t, sandbox.Options{CodeFlowDisabled: true})
		o := w.options()
		refused := true
		o.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if refused {
				return against{http.DefaultTransport, device, `{"error":"unauthorized_client"}`}.RoundTrip(r)
			}
			return http.DefaultTransport.RoundTrip(r)
		})}
		c := w.with(o)
		r := required(t, w.call(c))
		w.inBrowser(r, func(_ context.Context, address string) (string, error) { return get(t, address), nil })
		if r.Err() == nil || errors.Is(r.Err(), credentials.ErrOtherFlow) {
			t.Errorf("there is no other flow, but: %v", r.Err())
		}
		refused = false
		w.approve(required(t, w.call(c)))
		must(t, w.call(c))
	})
	t.Run("nobody knows the client", func(t *testing.T) {
		w := browsing(t, sandbox.Options{})
		w.service.ClientID = "unknown-example"
		if err := w.call(w.credential()); err == nil || strings.Contains(err.Error(), "browser") {
			t.Errorf("%v", err)
		}
	})
	t.Run("only one way is wanted", func(t *testing.T) {
		w := browsing(t, sandbox.Options{DeviceFlowDisabled: true})
		w.settings.Flow = "device"
		if err := w.call(w.credential()); err == nil || errors.As(err, new(*credentials.SignInRequired)) {
			t.Errorf("%v", err)
		}
	})
}

// get answers a page.
func get(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	must(t, err)
	defer response.Body.Close()
	return response.Status
}

// A client that the provider takes with its secret only is told which variable
// holds that, before anybody is sent anywhere.
func TestSecretNeeded(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.service.NeedsSecret = true
	if err := w.call(w.credential()); !errors.Is(err, credentials.ErrNoClient) || !strings.Contains(err.Error(), "GITHUB_CLIENT_SECRET") {
		t.Errorf("%v", err)
	}
	equal(t, "requests", len(w.box.Requests()), 0)
	w.settings.ClientSecret = oauth.NewSecret(sandbox.ClientSecret)
	w.signIn(w.credential())
}

// What a provider wants besides is sent to the authorization endpoint, and the
// scopes for a refresh token whatever the settings name.
func TestAuthorizationParameters(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.settings.Flow, w.settings.Audience, w.settings.Scopes = "loopback", "https://api.example", "gist"
	w.service.AuthorizationParameters = url.Values{"access_type": {"offline"}}
	w.service.RefreshScopes = []string{"offline_access"}
	w.service.Redirect = "http://localhost"
	r := required(t, w.call(w.credential()))
	asked, err := url.Parse(r.VerificationURIComplete)
	must(t, err)
	for name, want := range map[string]string{"access_type": "offline", "audience": "https://api.example", "scope": "gist offline_access"} {
		equal(t, name, asked.Query().Get(name), want)
	}
	if redirect := asked.Query().Get("redirect_uri"); !strings.HasPrefix(redirect, "http://localhost:") || strings.Count(redirect, "/") != 2 {
		t.Errorf("it comes back to %s", redirect)
	}
}
