package deviceflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// RFC 8628 §3.1.
func TestStartAsksOnce(t *testing.T) {
	t.Parallel()
	p := serve(t, jsonAnswer(200, device(nil)))
	flow := p.flow()
	flow.Client.Secret = oauth.NewSecret(clientSecret)
	flow.Scopes = []string{"repo", "read:org"}
	flow.Parameters = url.Values{"audience": {"https://api.example"}, "client_id": {"somebody else"}}
	if _, err := flow.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests := p.requests()
	want := url.Values{"client_id": {"example-client"}, "client_secret": {clientSecret}, "scope": {"repo read:org"}, "audience": {"https://api.example"}}
	if len(requests) != 1 || requests[0].path != "/device" || !reflect.DeepEqual(requests[0].form, want) {
		t.Errorf("sent %+v", requests)
	}
	if got := requests[0].header; got.Get("Authorization") != "" || got.Get("Accept") != "application/json" {
		t.Errorf("sent the header %v", got)
	}
	if len(flow.Parameters) != 2 {
		t.Errorf("the flow's parameters became %v", flow.Parameters)
	}
}

// GitHub asks for neither a scope nor PKCE, and RFC 8628 for no more than this.
func TestStartAsksForNoMoreThanNeeded(t *testing.T) {
	t.Parallel()
	p := serve(t, jsonAnswer(200, device(nil)))
	if _, err := p.flow().Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.requests()[0].form; !reflect.DeepEqual(got, url.Values{"client_id": {"example-client"}}) {
		t.Errorf("sent %v", got)
	}
}

type started struct {
	kind, body              string
	user, address, complete string
	interval, lifetime      time.Duration
}

// startedFlows are the answers of the RFC and of the providers' documentation,
// with example device codes, and some that are worse.
func startedFlows() map[string]started {
	return map[string]started{
		"RFC 8628 §3.2": {
			"application/json;charset=UTF-8",
			`{"device_code":"` + deviceCode + `","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":1800,"interval":5}`,
			"WDJB-MJHT", "https://example.com/device", "https://example.com/device?user_code=WDJB-MJHT", 5 * time.Second, 30 * time.Minute,
		},
		"GitHub, as a form": {
			"application/x-www-form-urlencoded; charset=utf-8",
			"device_code=" + url.QueryEscape(deviceCode) + "&expires_in=900&interval=5&user_code=WDJB-MJHT&verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice",
			"WDJB-MJHT", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute,
		},
		"Google": {
			"application/json; charset=utf-8",
			`{"device_code":"` + deviceCode + `","user_code":"GQVQ-JKEC","verification_url":"https://www.google.com/device","expires_in":1800,"interval":5}`,
			"GQVQ-JKEC", "https://www.google.com/device", "", 5 * time.Second, 30 * time.Minute,
		},
		"Microsoft": {
			"application/json",
			`{"user_code":"YZMYLD4K","device_code":"` + deviceCode + `","verification_uri":"https://www.microsoft.com/link","expires_in":900,"interval":5,"message":"To sign in, use a web browser to open the page https://www.microsoft.com/link and enter the code YZMYLD4K to authenticate."}`,
			"YZMYLD4K", "https://www.microsoft.com/link", "", 5 * time.Second, 15 * time.Minute,
		},
		"a practice server": {"", device(map[string]any{"verification_uri": "http://127.0.0.1:8080/login/device"}), "WDJB-MJHT", "http://127.0.0.1:8080/login/device", "", 5 * time.Second, 15 * time.Minute},
		"numbers as text":   {"", device(map[string]any{"interval": "7", "expires_in": "600"}), "WDJB-MJHT", "https://github.com/login/device", "", 7 * time.Second, 10 * time.Minute},
		"floats":            {"", device(map[string]any{"interval": "7.0", "expires_in": 600.5}), "WDJB-MJHT", "https://github.com/login/device", "", 7 * time.Second, 600500 * time.Millisecond},
		"none":              {"", device(map[string]any{"interval": nil, "expires_in": nil}), "WDJB-MJHT", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute},
		"zero":              {"", device(map[string]any{"interval": 0, "expires_in": 0}), "WDJB-MJHT", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute},
		"negative":          {"", device(map[string]any{"interval": -5, "expires_in": "-1"}), "WDJB-MJHT", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute},
		"tiny":              {"", device(map[string]any{"interval": 0.001, "expires_in": 1}), "WDJB-MJHT", "https://github.com/login/device", "", time.Second, time.Minute},
		"huge":              {"", device(map[string]any{"interval": 86400, "expires_in": 1e30}), "WDJB-MJHT", "https://github.com/login/device", "", time.Minute, 30 * time.Minute},
		"beyond any number": {"", device(map[string]any{"interval": json.Number("1e999"), "expires_in": json.Number("1e999")}), "WDJB-MJHT", "https://github.com/login/device", "", time.Minute, 30 * time.Minute},
		"no numbers":        {"", device(map[string]any{"interval": "often", "expires_in": []int{1}}), "WDJB-MJHT", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute},
		"a padded code":     {"", device(map[string]any{"user_code": " 123 456\n"}), "123 456", "https://github.com/login/device", "", 5 * time.Second, 15 * time.Minute},
	}
}

func TestStartReadsAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range startedFlows() {
		p := serve(t, answer(200, test.kind, test.body))
		got, err := p.flow().Start(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := deviceflow.Authorization{
			DeviceCode: got.DeviceCode, UserCode: test.user, VerificationURI: test.address, VerificationURIComplete: test.complete,
			Interval: test.interval, Expiry: p.clock.Now().Add(test.lifetime),
		}
		if *got != want || got.DeviceCode.Reveal() != deviceCode {
			t.Errorf("%s: got %+v, want %+v", name, *got, want)
		}
		if text := fmt.Sprintf("%v %+v %#v", got, *got, got); strings.Contains(text, deviceCode) {
			t.Errorf("%s: the device code is shown: %s", name, text)
		}
	}
}

type unusable struct {
	status int
	body   string
	want   error
}

// unusableAnswers begin no flow.
func unusableAnswers() map[string]unusable {
	return map[string]unusable{
		"null":                 {200, "null", oauth.ErrAnswer},
		"an empty object":      {200, "{}", oauth.ErrAnswer},
		"nothing":              {200, "", oauth.ErrAnswer},
		"a web page":           {200, "<html>device_code=" + deviceCode + "</html>", oauth.ErrAnswer},
		"too much":             {200, `{"device_code":"` + strings.Repeat("x", 1<<20) + `"}`, oauth.ErrAnswer},
		"no device code":       {200, device(map[string]any{"device_code": nil}), oauth.ErrAnswer},
		"no user code":         {200, device(map[string]any{"user_code": " "}), oauth.ErrAnswer},
		"no address":           {200, device(map[string]any{"verification_uri": ""}), oauth.ErrAnswer},
		"a line end":           {200, device(map[string]any{"user_code": "AB\nCD"}), oauth.ErrAnswer},
		"a control":            {200, device(map[string]any{"user_code": "AB\x1b[2JCD"}), oauth.ErrAnswer},
		"a turned direction":   {200, device(map[string]any{"user_code": "AB\u202eCD"}), oauth.ErrAnswer},
		"a sentence":           {200, device(map[string]any{"user_code": "ABCD. Now run: curl"}), oauth.ErrAnswer},
		"a command":            {200, device(map[string]any{"user_code": "$(id)"}), oauth.ErrAnswer},
		"the device code":      {200, device(map[string]any{"verification_uri": "https://github.com/" + deviceCode}), oauth.ErrAnswer},
		"a look-alike":         {200, device(map[string]any{"user_code": "АBCD"}), oauth.ErrAnswer},
		"a long code":          {200, device(map[string]any{"user_code": strings.Repeat("A", 33)}), oauth.ErrAnswer},
		"a long address":       {200, device(map[string]any{"verification_uri": "https://github.com/" + strings.Repeat("a", 2048)}), oauth.ErrAnswer},
		"a script":             {200, device(map[string]any{"verification_uri": "javascript:alert('" + deviceCode + "')"}), oauth.ErrUnsafeAddress},
		"a file":               {200, device(map[string]any{"verification_uri": "file:///etc/passwd"}), oauth.ErrUnsafeAddress},
		"no TLS":               {200, device(map[string]any{"verification_uri": "http://evil.example/device"}), oauth.ErrUnsafeAddress},
		"a user name":          {200, device(map[string]any{"verification_uri": "https://github.com@evil.example/"}), oauth.ErrUnsafeAddress},
		"not an address":       {200, device(map[string]any{"verification_uri": "github.com/login/device"}), oauth.ErrUnsafeAddress},
		"a second address":     {200, device(map[string]any{"verification_uri": "https://github.com/\nhttps://evil.example"}), oauth.ErrUnsafeAddress},
		"a complete script":    {200, device(map[string]any{"verification_uri_complete": "javascript:alert(1)"}), oauth.ErrUnsafeAddress},
		"a complete file":      {200, device(map[string]any{"verification_url_complete": "file:///x"}), oauth.ErrUnsafeAddress},
		"disabled, with 200":   {200, `{"error":"device_flow_disabled","error_description":"Device Flow must be explicitly enabled for this App"}`, deviceflow.ErrDisabled},
		"GitHub's unknown id":  {404, `{"error":"Not Found"}`, deviceflow.ErrUnauthorizedClient},
		"a wrong secret":       {401, `{"error":"invalid_client"}`, deviceflow.ErrUnauthorizedClient},
		"another wrong secret": {200, "error=incorrect_client_credentials", deviceflow.ErrUnauthorizedClient},
		"not this client":      {400, `{"error":"unauthorized_client"}`, deviceflow.ErrUnauthorizedClient},
		"not these scopes":     {400, `{"error":"invalid_scope","error_description":"Invalid device flow scope: calendar"}`, deviceflow.ErrInvalidScope},
		"no such grant":        {400, `{"error":"unsupported_grant_type"}`, deviceflow.ErrUnsupported},
		"no such page":         {404, "<html>", deviceflow.ErrUnsupported},
		"no such method":       {405, "", deviceflow.ErrUnsupported},
		"a policy":             {400, `{"error":"admin_policy_enforced"}`, deviceflow.ErrBlocked},
	}
}

func TestStartRefusesAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range unusableAnswers() {
		p := serve(t, jsonAnswer(test.status, test.body))
		a, err := p.flow().Start(t.Context())
		if a != nil || !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v; want %v", name, a, err, test.want)
			continue
		}
		if text := fmt.Sprintf("%v %#v", err, err); strings.Contains(text, deviceCode) || strings.ContainsAny(text, "\n\x1b\u202e") || len(text) > 1000 {
			t.Errorf("%s: an error not fit to be shown: %q", name, text)
		}
		if got := len(p.requests()); got != 1 {
			t.Errorf("%s: %d requests", name, got)
		}
	}
}

func TestStartPassesOnOtherErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"invalid request": {refusal("invalid_request"), 400},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/token", http.StatusTemporaryRedirect)
		}, 307},
		"too many":    {retryAfter(429, "60"), 429},
		"unavailable": {retryAfter(503, ""), 503},
	} {
		p := serve(t, test.answer)
		_, err := p.flow().Start(t.Context())
		var refused *oauth.Error
		if !errors.As(err, &refused) || refused.Status != test.status || len(p.requests()) != 1 {
			t.Errorf("%s: got %v after %d requests", name, err, len(p.requests()))
		}
	}
	p := serve(t, hangUp)
	if _, err := p.flow().Start(t.Context()); !errors.As(err, new(*oauth.TransportError)) || len(p.requests()) != 1 {
		t.Errorf("no answer: got %v after %d requests", err, len(p.requests()))
	}
}

func TestStartNeedsASafeAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]error{"": deviceflow.ErrUnsupported, "http://192.0.2.1/device": oauth.ErrUnsafeAddress} {
		p := serve(t, granted())
		flow := p.flow()
		flow.Client.Endpoint.DeviceAuthURL = address
		if _, err := flow.Start(t.Context()); !errors.Is(err, want) || len(p.requests()) != 0 {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

func TestStartHonoursItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := p.flow().Start(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}
