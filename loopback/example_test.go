package loopback_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// Take a port, have the page opened, wait for the person, and keep the token
// before the browser is told.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(agreedAtOnce))
	defer server.Close()

	flow := &loopback.Flow{
		Client: &oauth.Client{
			ID:       "example-client",
			Endpoint: oauth2.Endpoint{AuthURL: server.URL + "/authorize", TokenURL: server.URL + "/token"},
		},
		Scopes: []string{"calendar.events"},
		Title:  "Example Calendar",
	}
	ctx := context.Background()

	authorization, err := flow.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A person opens this address, or a program does it for them.
	person := open(authorization.StartURI)

	approval, err := flow.Wait(ctx, authorization)
	if err != nil {
		fmt.Println(err)
		return
	}
	keep := func(oauth.Token) error { return nil }
	approval.Tell(keep(approval.Token))

	page := <-person
	fmt.Println("signed in with the token", approval.Token.Access)
	fmt.Println("the browser shows a page with status", page.status)
	// Output:
	// signed in with the token [redacted]
	// the browser shows a page with status 200
}

// agreedAtOnce is an authorization server whose user is quick.
func agreedAtOnce(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/authorize" {
		asked := r.URL.Query()
		http.Redirect(w, r, asked.Get("redirect_uri")+"?code=example&state="+asked.Get("state"), http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"access_token":"example","token_type":"bearer"}`)
}
