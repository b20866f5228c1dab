package oauth_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/oauth"
)

func TestRefusalHasAMeaning(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("a flow's own")
	own := map[string]error{"example_code": errOwn, "invalid_client": errOwn}
	for refused, want := range map[oauth.Error]error{
		{Code: "access_denied"}:             oauth.ErrDenied,
		{Code: "unsupported_response_type"}: oauth.ErrUnsupported,
		{Code: "unauthorized_client"}:       oauth.ErrUnauthorizedClient,
		{Code: "application_suspended"}:     oauth.ErrUnauthorizedClient,
		{Code: "invalid_scope"}:             oauth.ErrInvalidScope,
		{Code: "admin_policy_enforced"}:     oauth.ErrBlocked,
		{Code: "example_code"}:              errOwn,
		{Code: "invalid_client"}:            errOwn,
		{Code: "invalid_request"}:           nil,
		{Status: 404}:                       oauth.ErrUnsupported,
		{Status: 404, Code: "other"}:        nil,
		{Status: 500}:                       nil,
		{Code: "access_denied", Description: "AADSTS53003: Access has been blocked by Conditional Access policies."}: oauth.ErrBlocked,
		{Code: "invalid_grant", Description: "AADSTS50079: The user is required to use multifactor authentication."}: nil,
	} {
		if got := refused.Meaning(own); got != want {
			t.Errorf("%+v: got %v, want %v", refused, got, want)
		}
		err := oauth.Explain(&refused, own)
		if !errors.Is(err, &refused) || want != nil && !errors.Is(err, want) {
			t.Errorf("%+v: explained as %v", refused, err)
		}
	}
	if err := oauth.Explain(oauth.ErrAnswer, own); err != oauth.ErrAnswer {
		t.Errorf("got %v", err)
	}
}

func TestRefusalByABrowser(t *testing.T) {
	t.Parallel()
	if refused := oauth.Refusal(url.Values{"code": {"example"}, "error_description": {"No."}}); refused != nil {
		t.Errorf("got %v", refused)
	}
	refused := oauth.Refusal(url.Values{"error": {"access_denied"}, "error_description": {"The user\x1b[31m said\r\nno \u202eto " + canary + strings.Repeat("!", 5000)}}, oauth.NewSecret(canary), oauth.Secret{})
	if refused == nil || refused.Code != "access_denied" || refused.Status != 0 || !strings.HasPrefix(refused.Description, "The user [31m said no to [redacted]!!!") {
		t.Fatalf("got %#v", refused)
	}
	if len(refused.Description) != 200 || len(refused.Error()) > 300 {
		t.Errorf("%d characters in %q", len(refused.Description), refused)
	}
	refused = oauth.Refusal(url.Values{"error": {canary}, "error_description": {url.QueryEscape(canary)}}, oauth.NewSecret(canary))
	if text := fmt.Sprintf("%v %+v %#v", refused, refused, *refused); shows(text) {
		t.Errorf("got %s", text)
	}
}
