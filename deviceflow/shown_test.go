package deviceflow_test

import (
	"errors"
	"testing"

	"github.com/valetkey/valetkey/oauth"
)

// A device code is found in an address however it is written there.
func TestDeviceCodeInAnAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://example.com/?c=" + deviceCode, "https://example.com/?c=%" + "65" + deviceCode[1:]} {
		p := serve(t, jsonAnswer(200, `{"device_code":"`+deviceCode+`","user_code":"WDJB-MJHT","verification_uri":"`+address+`"}`))
		if _, err := p.flow().Start(t.Context()); !errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
