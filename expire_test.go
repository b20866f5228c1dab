package main

import (
	"encoding/json"
	"time"

	keyring "github.com/zalando/go-keyring"
)

// expireVariable makes this test program put the token's end into the past,
// in the keyring of its environment.
const expireVariable = "VALET_TEST_EXPIRE"

// expireEntry puts the end of the token in the keyring into the past.
func expireEntry() error {
	text, err := keyring.Get("valetkey", "github")
	if err != nil {
		return err
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		return err
	}
	record["expiry"] = time.Now().Add(-time.Hour).UTC()
	changed, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return keyring.Set("valetkey", "github", string(changed))
}
