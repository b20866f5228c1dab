package services_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/valetkey/valetkey/tools/services"
)

// TestProjectsOfGitLab: where a path leads, and who may read there.
// https://docs.gitlab.com/api/projects/
func TestProjectsOfGitLab(t *testing.T) {
	t.Parallel()
	gitlab := services.GitLab()
	for path, want := range map[string]string{
		"projects/7/issues":                      "7",
		"projects/group%2Fname/merge_requests/3": "group%2Fname",
		"projects":                               "",
		"projects/7%20?x":                        "7%20",
		"groups/7/issues":                        "",
		"user":                                   "",
	} {
		r, err := http.NewRequest(http.MethodGet, "https://gitlab.example/api/v4/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := gitlab.Place(r); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for answer, want := range map[string]struct{ public, fails bool }{
		`{"visibility":"public"}`: {true, false}, `{"visibility":"internal"}`: {false, false}, `{"visibility":"private"}`: {false, false},
		`{}`: {false, true}, `[`: {false, true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.EscapedPath() != "/api/v4/projects/group%2Fname" {
				w.WriteHeader(http.StatusNotFound)
			}
			w.Write([]byte(answer))
		}))
		t.Cleanup(server.Close)
		public, err := gitlab.Public(t.Context(), server.Client(), server.URL+"/api/v4/", "group%2Fname")
		if public != want.public || (err != nil) != want.fails {
			t.Errorf("%s: %t, %v", answer, public, err)
		}
	}
}
