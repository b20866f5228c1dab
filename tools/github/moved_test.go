package github_test

import (
	"net/http"
	"testing"
)

// A redirect that turns a change into a reading isn't followed, and isn't told
// as done.
func TestChangeOfWhatHasMoved(t *testing.T) {
	t.Parallel()
	const want = "github: this has moved, and nothing was changed; github_repository shows what it is called now"
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther} {
		f := start(t, map[string]answer{
			"POST /repos/o/r/issues": answer{status: status}.with("Location", "landed"),
			"GET /repos/o/r/landed":  {body: `{"number":7,"title":"landed"}`},
		})
		f.refuses("github_issue_write", `{"repo":"o/r","action":"create","title":"t"}`, want)
		f.refuses("github_api_write", `{"method":"POST","path":"repos/o/r/issues","body":{}}`, want)
		f.wasAsked("POST /repos/o/r/issues", "POST /repos/o/r/issues")
	}
}

// The secret of an alert is not asked for.
func TestSecretOfAnAlert(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /repos/o/r/secret-scanning/alerts": {body: `[]`}})
	if _, err := f.call("github_api", `{"path":"repos/o/r/secret-scanning/alerts"}`); err != nil {
		t.Error(err)
	}
	f.wasAsked("GET /repos/o/r/secret-scanning/alerts?hide_secret=true")
}
