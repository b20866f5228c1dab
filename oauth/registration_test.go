package oauth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// registrar is a server whose metadata names an endpoint for registrations.
func registrar(t *testing.T, answer http.HandlerFunc) (*recorder, *oauth.Metadata) {
	t.Helper()
	server := record(t, answer)
	described := record(t, nil)
	described.Config.Handler = answering(200, "application/json", `{"issuer":"`+described.URL+`","token_endpoint":"`+server.URL+`/token","registration_endpoint":"`+server.URL+`/register"}`)
	m, err := oauth.Discover(t.Context(), http.DefaultClient, described.URL)
	if err != nil {
		t.Fatal(err)
	}
	return server, m
}

// The request of RFC 7591 §3.1 is JSON, holds no secret, and is sent once.
func TestRegister(t *testing.T) {
	t.Parallel()
	var body map[string]any
	server, m := registrar(t, func(w http.ResponseWriter, q *http.Request) {
		if err := json.NewDecoder(q.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		answering(201, "application/json", `{"client_id":"example-id","client_secret":"example-secret","client_secret_expires_at":1772370000,
			"token_endpoint_auth_method":"client_secret_post","registration_access_token":"example-token","registration_client_uri":"http://127.0.0.1:1/c?id=1"}`)(w, q)
	})
	asked := oauth.ClientMetadata{
		Name: "valetkey", Type: "native", RedirectURIs: []string{"http://127.0.0.1/callback"}, GrantTypes: []string{"authorization_code"},
		ResponseTypes: []string{"code"}, AuthMethod: "none",
	}
	got, err := server.client().Register(t.Context(), m, asked)
	want := &oauth.Registration{
		ClientID: "example-id", Secret: oauth.NewSecret("example-secret"), AuthStyle: oauth2.AuthStyleInParams, SecretExpiry: time.Unix(1772370000, 0),
		AccessToken: oauth.NewSecret("example-token"), URL: "http://127.0.0.1:1/c?id=1",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	sent := map[string]any{
		"client_name": "valetkey", "application_type": "native", "redirect_uris": []any{"http://127.0.0.1/callback"},
		"grant_types": []any{"authorization_code"}, "response_types": []any{"code"}, "token_endpoint_auth_method": "none",
	}
	requests := server.requests()
	if len(requests) != 1 || requests[0].method != "POST" || requests[0].path != "/register" || !reflect.DeepEqual(body, sent) {
		t.Errorf("sent %v, %v", requests, body)
	}
	if header := requests[0].header; header.Get("Content-Type") != "application/json" || header.Get("Accept") != "application/json" || header.Get("Authorization") != "" {
		t.Errorf("header %v", header)
	}
}

func TestRegistrationAnswers(t *testing.T) {
	t.Parallel()
	basic, form := oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams
	long := strings.Repeat("a", 5000)
	for name, test := range map[string]struct {
		body string
		want *oauth.Registration // nil for an answer of no use
	}{
		"an id alone":           {`{"client_id":"a"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"a public client":       {`{"client_id":"a","client_secret":"b","token_endpoint_auth_method":"none"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"the usual method":      {`{"client_id":"a","client_secret":"b"}`, &oauth.Registration{ClientID: "a", Secret: oauth.NewSecret("b"), AuthStyle: basic}},
		"in the form":           {`{"client_id":"a","client_secret":"b","token_endpoint_auth_method":"client_secret_post"}`, &oauth.Registration{ClientID: "a", Secret: oauth.NewSecret("b"), AuthStyle: form}},
		"a secret that lasts":   {`{"client_id":"a","client_secret":"b","client_secret_expires_at":0}`, &oauth.Registration{ClientID: "a", Secret: oauth.NewSecret("b"), AuthStyle: basic}},
		"an outlandish time":    {`{"client_id":"a","client_secret":"b","client_secret_expires_at":1e300}`, &oauth.Registration{ClientID: "a", Secret: oauth.NewSecret("b"), AuthStyle: basic}},
		"a text for a time":     {`{"client_id":"a","client_secret":"b","client_secret_expires_at":"1772370000"}`, &oauth.Registration{ClientID: "a", Secret: oauth.NewSecret("b"), AuthStyle: basic, SecretExpiry: time.Unix(1772370000, 0)}},
		"a token alone":         {`{"client_id":"a","registration_access_token":"c"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"an address alone":      {`{"client_id":"a","registration_client_uri":"https://a.example/"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"an unsafe address":     {`{"client_id":"a","registration_access_token":"c","registration_client_uri":"http://a.example/"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"a token for no header": {`{"client_id":"a","registration_access_token":"c\nd","registration_client_uri":"https://a.example/"}`, &oauth.Registration{ClientID: "a", AuthStyle: basic}},
		"no id":                 {`{"client_name":"valetkey"}`, nil},
		"a number":              {`{"client_id":7}`, nil},
		"a line break":          {`{"client_id":"a\nb"}`, nil},
		"an escape":             {`{"client_id":"a\u001b[2J"}`, nil},
		"a long id":             {`{"client_id":"` + long + `"}`, nil},
		"a broken secret":       {`{"client_id":"a","client_secret":"b\r\nc"}`, nil},
		"another method":        {`{"client_id":"a","client_secret":"b","token_endpoint_auth_method":"private_key_jwt"}`, nil},
		"a list":                {`["client_id"]`, nil},
		"a page":                {`<html>`, nil},
		"nothing":               {``, nil},
		"too much":              {`{"client_id":"a","x":"` + strings.Repeat("x", 1<<20) + `"}`, nil},
	} {
		server, m := registrar(t, answering(201, "application/json", test.body))
		got, err := server.client().Register(t.Context(), m, oauth.ClientMetadata{})
		if !reflect.DeepEqual(got, test.want) || (test.want == nil) != errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if len(server.requests()) != 1 {
			t.Errorf("%s: %d requests", name, len(server.requests()))
		}
	}
}

// A server out there can't have a token sent into the person's network.
func TestRegistrationThatLeadsInside(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: roundTrip(func(q *http.Request) (*http.Response, error) {
		if strings.Contains(q.URL.Path, "well-known") {
			return reply(200, "application/json", `{"issuer":"https://issuer.example","token_endpoint":"https://issuer.example/t","registration_endpoint":"https://issuer.example/r"}`), nil
		}
		return reply(201, "application/json", `{"client_id":"a","registration_access_token":"c","registration_client_uri":"https://192.168.0.1/"}`), nil
	})}
	m, err := oauth.Discover(t.Context(), client, "https://issuer.example")
	if err != nil {
		t.Fatal(err)
	}
	c := &oauth.Client{HTTP: client}
	got, err := c.Register(t.Context(), m, oauth.ClientMetadata{})
	if err != nil || got.URL != "" || !got.AccessToken.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	inside := &oauth.Registration{AccessToken: oauth.NewSecret("c"), URL: "https://192.168.0.1/"}
	if err := c.Unregister(t.Context(), m, inside); !errors.Is(err, oauth.ErrInside) {
		t.Errorf("got %v", err)
	}
}

// Whatever goes wrong, the request is sent once.
func TestRegistrationRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		code   string
	}{
		"refused":      {answering(400, "application/json", `{"error":"invalid_redirect_uri","error_description":"x"}`), "invalid_redirect_uri"},
		"unauthorized": {answering(401, "", ""), ""},
		"unavailable":  {answering(503, "", ""), ""},
		"redirected": {func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "/elsewhere", http.StatusTemporaryRedirect)
		}, ""},
	} {
		server, m := registrar(t, test.answer)
		_, err := server.client().Register(t.Context(), m, oauth.ClientMetadata{})
		var refused *oauth.Error
		if !errors.As(err, &refused) || refused.Code != test.code || len(server.requests()) != 1 {
			t.Errorf("%s: %v after %d requests", name, err, len(server.requests()))
		}
	}
	server, m := registrar(t, hangUp)
	_, err := server.client().Register(t.Context(), m, oauth.ClientMetadata{})
	var lost *oauth.TransportError
	if !errors.As(err, &lost) || !lost.Sent || len(server.requests()) != 1 {
		t.Errorf("hung up: %v after %d requests", err, len(server.requests()))
	}
	if _, err := server.client().Register(t.Context(), &oauth.Metadata{}, oauth.ClientMetadata{}); !errors.Is(err, oauth.ErrUnsafeAddress) {
		t.Errorf("no endpoint: %v", err)
	}
}

// RFC 7592 §2.3 and §3.
func TestUnregister(t *testing.T) {
	t.Parallel()
	for status, ok := range map[int]bool{204: true, 200: true, 404: true, 401: true, 403: false, 405: false, 500: false, 302: false} {
		server, m := registrar(t, answering(status, "application/json", `{"error":"x","error_description":"no `+canary+`"}`))
		err := server.client().Unregister(t.Context(), m, &oauth.Registration{AccessToken: oauth.NewSecret(canary), URL: server.URL + "/clients/1"})
		if (err == nil) != ok {
			t.Errorf("%d: %v", status, err)
		}
		if err != nil && shows(err.Error()) {
			t.Errorf("%d: the error shows the token: %v", status, err)
		}
		requests := server.requests()
		if len(requests) != 1 || requests[0].method != "DELETE" || requests[0].path != "/clients/1" || requests[0].header.Get("Authorization") != "Bearer "+canary {
			t.Errorf("%d: sent %v", status, requests)
		}
	}
}
