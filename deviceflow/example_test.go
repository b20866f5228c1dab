package deviceflow_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// Ask for a code, show it, and wait for the person.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(approvedAtOnce))
	defer server.Close()

	flow := &deviceflow.Flow{
		Client: &oauth.Client{
			ID: "example-client",
			Endpoint: oauth2.Endpoint{
				DeviceAuthURL: server.URL + "/login/device/code",
				TokenURL:      server.URL + "/login/oauth/access_token",
			},
		},
		Scopes: []string{"repo"},
		// An example has no time to wait; leave this out.
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	ctx := context.Background()

	authorization, err := flow.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("open %s and enter the code %s\n", authorization.VerificationURI, authorization.UserCode)

	token, err := flow.Wait(ctx, authorization)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("signed in for", token.Scopes, "with the token", token.Access)
	// Output:
	// open https://example.com/login/device and enter the code WDJB-MJHT
	// signed in for [repo] with the token [redacted]
}

// approvedAtOnce is an authorization server whose user is quick.
func approvedAtOnce(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/login/device/code" {
		io.WriteString(w, `{"device_code":"example","user_code":"WDJB-MJHT","verification_uri":"https://example.com/login/device","expires_in":900,"interval":5}`)
		return
	}
	io.WriteString(w, `{"access_token":"example","token_type":"bearer","scope":"repo"}`)
}
