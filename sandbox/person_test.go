package sandbox_test

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

func TestApproveInPage(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	a := post(t, s, devicePath, client("scope", "repo"))
	must(t, sandbox.ApproveInPage(t.Context(), a.fields["verification_uri_complete"], strings.ToLower(a.fields["user_code"])))
	expectOutcome(t, poll(t, s, a.fields["device_code"]), "", 200)
	deviceCode, userCode := begin(t, s, "")
	must(t, sandbox.DenyInPage(t.Context(), s.URL()+pagePath, userCode))
	expectOutcome(t, poll(t, s, deviceCode), "access_denied", 400)
	for code, words := range map[string]string{"WDJB-MJHT": "No sign-in has this code", userCode: "already been used"} {
		err := sandbox.ApproveInPage(t.Context(), s.URL()+pagePath, code)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("ApproveInPage(%s): %v", code, err)
		}
	}
}

func TestApproveInPageStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://github.com/login/device", "http://192.0.2.1/login/device", "https://127.0.0.1/login/device",
		"http://127.0.0.1.example.com/", "http://user@127.0.0.1/", "http://example.com@127.0.0.1/", "file:///etc", "", "::",
	} {
		err := sandbox.ApproveInPage(t.Context(), address, "WDJB-MJHT")
		if err == nil || !strings.Contains(err.Error(), "not a page of this machine") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestApproveInPageRefusesOtherPages(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for path, words := range map[string]string{"/": "303", "/nothing": "404"} {
		err := sandbox.ApproveInPage(t.Context(), s.URL()+path, "WDJB-MJHT")
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", path, err)
		}
	}
	must(t, s.Close())
	if err := sandbox.ApproveInPage(t.Context(), s.URL()+pagePath, "WDJB-MJHT"); err == nil {
		t.Error("no error from a closed server")
	}
}
