package credentials_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// site is a host that answers as it is told and remembers what it was asked.
type site struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
}

// newSite starts a host. It notes each request as "METHOD path token body".
func newSite(t *testing.T, secure bool, handler http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	noting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen = append(s.seen, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body)}, "|"))
		s.mu.Unlock()
		handler(w, r)
	})
	s.Server = httptest.NewUnstartedServer(noting)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *site) host() string {
	return strings.TrimPrefix(strings.TrimPrefix(s.URL, "http://"), "https://")
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

func fine(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "fine") }

func redirect(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// keyed is a client with a key in the environment, for these hosts.
func keyed(t *testing.T, transport http.RoundTripper, hosts ...string) *http.Client {
	t.Helper()
	c := credentials.New(credentials.Options{
		Service:   credentials.Service{Name: "github", Host: "github.com", Hosts: hosts},
		Settings:  credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GITHUB_TOKEN"},
		Store:     forbidden{t},
		Transport: transport,
	})
	t.Cleanup(c.Close)
	return c.Client()
}

// recording answers every request itself and notes the token each one carried.
type recording struct {
	mu   sync.Mutex
	sent map[string]string
}

func (r *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		request.Body.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sent == nil {
		r.sent = map[string]string{}
	}
	r.sent[request.URL.String()] = request.Header.Get("Authorization")
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
}

func TestTokenGoesToTheServiceOnly(t *testing.T) {
	t.Parallel()
	const bearer = "Bearer " + exampleKey
	for address, want := range map[string]string{
		"https://api.github.com/user":                  bearer,
		"https://api.github.com/user?q=https://x.test": bearer,
		"https://uploads.github.com/x":                 bearer,
		"http://127.0.0.1:8080/api/v3/user":            bearer,
		"http://localhost:8080/user":                   bearer,
		"http://[::1]:8080/user":                       bearer,
		"http://api.github.com/user":                   "",
		"https://api.github.com:8443/user":             "",
		"https://github.com/user":                      "",
		"https://x.api.github.com/user":                "",
		"https://api.github.com.example.com/user":      "",
		"https://example.com/api.github.com":           "",
		"https://api.github.com@example.com/user":      "",
		"http://127.0.0.1:8081/user":                   "",
		"http://127.0.0.1/user":                        "",
		"http://192.0.2.1:8080/user":                   "",
		"ftp://api.github.com/user":                    "",
	} {
		api := &recording{}
		client := keyed(t, api, "api.github.com", "uploads.github.com", "127.0.0.1:8080", "localhost:8080", "[::1]:8080", "192.0.2.1:8080")
		response, err := client.Get(address)
		must(t, err)
		response.Body.Close()
		equal(t, address, api.sent[address], want)
	}
}

// What the caller puts there goes nowhere either.
func TestForeignTokenIsNotSent(t *testing.T) {
	t.Parallel()
	api := &recording{}
	client := keyed(t, api, "api.github.com")
	for address, want := range map[string]string{
		"https://api.github.com/user": "Bearer " + exampleKey,
		"https://example.com/":        "",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		r.Header.Set("Authorization", "Bearer example-foreign")
		response, err := client.Do(r)
		must(t, err)
		response.Body.Close()
		equal(t, address, api.sent[address], want)
		equal(t, "the caller's own request", r.Header.Get("Authorization"), "Bearer example-foreign")
	}
}

func TestTokenDoesNotFollowRedirects(t *testing.T) {
	t.Parallel()
	stranger := newSite(t, false, fine)
	home := newSite(t, false, redirect(http.StatusFound, stranger.URL+"/elsewhere"))
	response, err := keyed(t, http.DefaultTransport, home.host()).Get(home.URL + "/user")
	must(t, err)
	response.Body.Close()
	equal(t, "at home", strings.Join(home.requests(), " "), "GET|/user|Bearer "+exampleKey+"|")
	equal(t, "on another port", strings.Join(stranger.requests(), " "), "GET|/elsewhere||")

	withUser := newSite(t, false, redirect(http.StatusFound, strings.Replace(stranger.URL, "http://", "http://example-user:example-password@", 1)+"/user-info"))
	response, err = keyed(t, http.DefaultTransport, withUser.host()).Get(withUser.URL + "/user")
	must(t, err)
	response.Body.Close()
	equal(t, "with a user in the address", stranger.requests()[1], "GET|/user-info||")
}

// A service could have a person's own machine and network read out that way.
func TestRedirectDoesNotLeadInside(t *testing.T) {
	t.Parallel()
	inside := newSite(t, false, fine)
	_, port, err := net.SplitHostPort(inside.host())
	must(t, err)
	for _, address := range []string{inside.URL + "/admin", "http://localhost:" + port + "/", "https://192.168.0.1/", "https://[fd00::1]/", "https://169.254.169.254/"} {
		home := newSite(t, false, redirect(http.StatusFound, address))
		_, err := keyed(t, nil, home.host()).Get(home.URL + "/user")
		if !errors.Is(err, oauth.ErrInside) {
			t.Errorf("%s: %v", address, err)
		}
	}
	equal(t, "requests inside", len(inside.requests()), 0)
}

func TestTokenFollowsRedirectsAtHome(t *testing.T) {
	t.Parallel()
	var home *site
	home = newSite(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, home.URL+"/new", http.StatusTemporaryRedirect)
		}
	})
	response, err := keyed(t, nil, home.host()).Post(home.URL+"/old", "text/plain", strings.NewReader("body"))
	must(t, err)
	response.Body.Close()
	equal(t, "requests", strings.Join(home.requests(), " "), "POST|/old|Bearer "+exampleKey+"|body POST|/new|Bearer "+exampleKey+"|body")
}

// A redirect from https down to http is not followed at all, unless it ends on
// this very machine.
func TestRedirectToPlainHTTP(t *testing.T) {
	t.Parallel()
	home := newSite(t, true, redirect(http.StatusFound, "http://api.github.example/user"))
	_, err := keyed(t, home.Client().Transport, home.host()).Get(home.URL + "/user")
	if !errors.Is(err, oauth.ErrUnsafeAddress) {
		t.Errorf("%v", err)
	}
}

// A subdomain is another host, wherever it leads.
func TestRedirectToSubdomain(t *testing.T) {
	t.Parallel()
	var sent []string
	api := roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.URL.Host+" "+r.Header.Get("Authorization"))
		response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
		if r.URL.Host == "api.github.com" {
			response.StatusCode = http.StatusFound
			response.Header.Set("Location", "https://sub.api.github.com/user")
		}
		return response, nil
	})
	_, err := keyed(t, api, "api.github.com").Get("https://api.github.com/user")
	must(t, err)
	equal(t, "requests", strings.Join(sent, ", "), "api.github.com Bearer "+exampleKey+", sub.api.github.com ")
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestBodyIsNotSentOnToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		stranger := newSite(t, false, fine)
		home := newSite(t, false, redirect(status, stranger.URL+"/steal"))
		_, err := keyed(t, nil, home.host()).Post(home.URL+"/issues", "text/plain", strings.NewReader("body"))
		if err == nil {
			t.Fatalf("%d: no error", status)
		}
		contains(t, "the error", err.Error(), "redirects to another host", stranger.host())
		equal(t, "requests elsewhere", len(stranger.requests()), 0)
	}
}

func TestRedirectsInCircles(t *testing.T) {
	t.Parallel()
	home := newSite(t, false, redirect(http.StatusFound, "/again"))
	_, err := keyed(t, nil, home.host()).Get(home.URL + "/")
	if err == nil || !strings.Contains(err.Error(), "in circles") {
		t.Errorf("%v", err)
	}
	equal(t, "requests", len(home.requests()), 10)
}

// closing is a body that notes that it was closed.
type closing struct {
	io.Reader
	closed chan struct{}
}

func (c closing) Close() error {
	close(c.closed)
	return nil
}

// RoundTripper must close the body, also when there is no token.
func TestBodyIsClosedWithoutAToken(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	body := closing{strings.NewReader("x"), make(chan struct{})}
	_, err := c.Client().Post(w.service.APIURL+"user", "text/plain", body)
	required(t, err)
	wait(t, "the body is closed", body.closed)
	equal(t, "calls", w.calls(), 0)
}

// blocking is a store that answers only when it is let.
type blocking struct {
	credentials.Memory
	entered chan struct{}
	release chan struct{}
	once    sync.Once
}

func (b *blocking) Read(ctx context.Context, entry string) (*credentials.Record, error) {
	b.once.Do(func() { close(b.entered) })
	select {
	case <-b.release:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return b.Memory.Read(ctx, entry)
}

// While a search goes on, each caller may give up, and nobody else's giving up
// matters: not even that of the one who began it.
func TestCallersGiveUpOnTheirOwn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := &blocking{entered: make(chan struct{}), release: make(chan struct{})}
	w.store = store
	c := w.credential()
	first, cancelFirst := context.WithCancel(t.Context())
	second, cancelSecond := context.WithCancel(t.Context())
	defer cancelSecond()
	begin := func(ctx context.Context) <-chan error {
		ended := make(chan error, 1)
		go func() {
			_, err := login(ctx, c.Client(), w.service.APIURL)
			ended <- err
		}()
		return ended
	}
	one := begin(first)
	wait(t, "the search begins", store.entered)
	two, three := begin(second), begin(t.Context())
	cancelFirst()
	if err := <-one; !errors.Is(err, context.Canceled) {
		t.Errorf("the first caller: %v", err)
	}
	cancelSecond()
	if err := <-two; !errors.Is(err, context.Canceled) {
		t.Errorf("the second caller: %v", err)
	}
	close(store.release)
	required(t, <-three)
	equal(t, "sign-ins", w.signIns(), 1)
}

func TestErrorsOfTheAPIPass(t *testing.T) {
	t.Parallel()
	home := newSite(t, false, fine)
	home.Close()
	_, err := keyed(t, nil, home.host()).Get(home.URL)
	var sent *url.Error
	if !errors.As(err, &sent) || strings.Contains(err.Error(), exampleKey) {
		t.Errorf("%v", err)
	}
	forbiddenSite := newSite(t, false, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	response, err := keyed(t, nil, forbiddenSite.host()).Get(forbiddenSite.URL)
	must(t, err)
	response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusForbidden)
	equal(t, "requests", len(forbiddenSite.requests()), 1)
}

// A service elsewhere can't have a request sent to what listens on this machine.
func TestRedirectIntoThisMachine(t *testing.T) {
	t.Parallel()
	inside := newSite(t, false, fine)
	for _, target := range []string{inside.URL + "/admin", "https://localhost:1/", "https://[::1]:1/", "http://127.0.0.1:1/"} {
		outside := roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "api.github.com" {
				return http.DefaultTransport.RoundTrip(r)
			}
			return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {target}}, Body: http.NoBody, Request: r}, nil
		})
		_, err := keyed(t, outside, "api.github.com").Get("https://api.github.com/user")
		if err == nil || !strings.Contains(err.Error(), "into this machine") {
			t.Errorf("%s: %v", target, err)
		}
	}
	equal(t, "requests inside", len(inside.requests()), 0)
}

// What a caller gets back doesn't hold the token either.
func TestAnswerWithoutTheToken(t *testing.T) {
	t.Parallel()
	response, err := keyed(t, &recording{}, "api.github.com").Get("https://api.github.com/user")
	must(t, err)
	response.Body.Close()
	if sent := response.Request.Header.Get("Authorization"); sent != "" {
		t.Errorf("the request of the answer holds %d bytes of it", len(sent))
	}
}
