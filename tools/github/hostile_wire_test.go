package github_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// signedIn calls a tool with a real credential's client, as the program does.
func signedIn(t *testing.T, server *httptest.Server, name string) func(ctx context.Context, arguments string) (string, error) {
	t.Helper()
	host := strings.TrimPrefix(server.URL, "http://")
	c := credentials.New(credentials.Options{
		Service:  credentials.Service{Name: "github", Host: host, Hosts: []string{host}, APIURL: server.URL + "/"},
		Settings: credentials.Settings{Token: oauth.NewSecret("example-key"), KeyVariable: "GITHUB_TOKEN"},
		Store:    &credentials.Memory{Reason: "a test"},
	})
	t.Cleanup(c.Close)
	all := toolsAt(c.Client(), server.URL)
	tool := all[slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == name })]
	return func(ctx context.Context, arguments string) (string, error) {
		return tools.Run(ctx, slog.New(slog.DiscardHandler), tool, []byte(arguments))
	}
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// TestWireEnds: whatever a server sends, the call ends and says why.
func TestWireEnds(t *testing.T) {
	t.Parallel()
	for want, handler := range map[string]http.HandlerFunc{
		"the service redirects in circles": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"larger than 16 MiB": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			packed.Write([]byte(`{"login":"`))
			for range 40 {
				packed.Write([]byte(strings.Repeat("x", 1<<20)))
			}
			packed.Close()
		},
		"headers exceeded": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("x", 2<<20))
			io.WriteString(w, `{"login":"mona"}`)
		},
		"too many": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, strings.Repeat("[", 1<<20))
		},
	} {
		if text, err := signedIn(t, serve(t, handler), "github_whoami")(t.Context(), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v; want %s", text, err, want)
		}
	}
}

// TestSlowBody: what trickles in is waited for as long as somebody waits for it.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"login":"m`)
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	if _, err := signedIn(t, server, "github_whoami")(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestChangeIsSentOnce: GitHub may have done it before the connection went.
func TestChangeIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"connection gone": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"bad gateway":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"limited": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusForbidden)
		},
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"number":`)
		},
	} {
		var sent atomic.Int64
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			sent.Add(1)
			answer(w, r)
		})
		call := signedIn(t, server, "github_issue_write")
		if _, err := call(t.Context(), `{"repo":"o/r","action":"create","title":"t"}`); err == nil || sent.Load() != 1 {
			t.Errorf("%s: %v, sent %d times", name, err, sent.Load())
		}
	}
}

// TestLinksAreNotFollowed: they give the number of a page, and no address.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	stranger := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for link, want := range map[string]string{
		`<` + stranger.URL + `/x?page=2>; rel="next"`:                                                "page 1; next: page=2",
		`<` + stranger.URL + `/x?page=1>; rel="next"`:                                                "page 1",
		`<` + stranger.URL + `/x?page=-3>; rel="next", <` + stranger.URL + `/x?page=-9>; rel="last"`: "page 1",
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", link)
			io.WriteString(w, `[{"number":1,"title":"t"}]`)
		})
		text, err := signedIn(t, server, "github_issues")(t.Context(), `{"repo":"o/r"}`)
		heading, _, _ := strings.Cut(text, "\n")
		if err != nil || !strings.HasSuffix(heading, want) || asked.Load() != 0 {
			t.Errorf("%s: %q, %v; the other host was asked %d times", link, heading, err, asked.Load())
		}
	}
}
