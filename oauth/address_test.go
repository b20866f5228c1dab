package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/oauth"
)

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for _, safe := range []string{
		"https://github.com/login/device",
		"https://octo.ghe.com:8443/x?a=b#c",
		"HTTPS://EXAMPLE.COM",
		"https://[2001:db8::1]/",
		"http://127.0.0.1:8080/",
		"http://127.8.9.10/",
		"http://[::1]:80/",
		"http://localhost/login",
		"http://LOCALHOST:1/",
	} {
		if err := oauth.CheckAddress(safe); err != nil {
			t.Errorf("%s: %v", safe, err)
		}
	}
	for _, unsafe := range unsafeAddresses() {
		if err := oauth.CheckAddress(unsafe); !errors.Is(err, oauth.ErrUnsafeAddress) {
			t.Errorf("%q: got %v, want ErrUnsafeAddress", unsafe, err)
		}
	}
}

func unsafeAddresses() []string {
	return []string{
		"",
		"github.com",
		"//github.com/login",
		"/login/device",
		"http://github.com/login/device",
		"http://10.0.0.1/",
		"http://0.0.0.0/",
		"http://127.0.0.1.evil.example/",
		"http://localhost.evil.example/",
		"http://evil.example#127.0.0.1",
		"http://",
		"https://",
		"https://:443/",
		"https:github.com",
		`https:\\github.com`,
		`https://github.com\@evil.example`,
		"https://user@github.com/",
		"https://user:" + canary + "@github.com/",
		"http://user:pw@127.0.0.1/",
		"https://github.com@evil.example/",
		"javascript:alert(1)",
		"JavaScript://github.com/%0aalert(1)",
		"file:///etc/passwd",
		"file://localhost/etc/passwd",
		"data:text/html,x",
		"ftp://127.0.0.1/",
		"vscode://github.com",
		"https://github.com/\nhttps://evil.example",
		"https://github.com/ x",
		"https://github.com/\x00",
		"https://github.com/\x7f",
		"https://gіthub.com/", // Cyrillic і
		"https://github.com/\u202e",
		"https://%zz/",
		"https://[::1",
	}
}

func TestUnsafeAddressIsNotShown(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://evil.example/" + canary + "?code=" + canary + "#" + canary,
		"https://" + url.QueryEscape(canary) + ":" + url.QueryEscape(canary) + "@evil.example/",
		"javascript:" + canary,
		"https://evil.example/%zz" + canary,
		canary,
	} {
		if err := oauth.CheckAddress(address); err == nil || shows(err.Error()) {
			t.Errorf("got %v, want an error with at most scheme and host", err)
		}
	}
	if err := oauth.CheckAddress("http://evil.example/path"); !strings.Contains(err.Error(), "http://evil.example") {
		t.Errorf("%v doesn't name the host", err)
	}
	if err := oauth.CheckAddress("ftp://" + strings.Repeat("a", 5000)); len(err.Error()) > 300 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}
