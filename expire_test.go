package main

import (
	"context"
	"os"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// expireVariable makes this test program put the token's end into the past, in
// the store of its environment.
const expireVariable = "VALET_TEST_EXPIRE"

func expireEntry() error {
	ctx := context.Background()
	store, err := credentials.OpenStore(os.Getenv("VALET_STORE"), &credentials.Keyring{}, &credentials.SealedFiles{
		Folder:     &credentials.Folder{Path: os.Getenv("VALET_DIR")},
		Passphrase: credentials.Passphrase{File: os.Getenv("VALET_PASSPHRASE_FILE")},
	})
	if err != nil {
		return err
	}
	r, err := store.Read(ctx, "github")
	if err != nil {
		return err
	}
	r.Generation++
	r.Token.Expiry = time.Now().Add(-time.Hour)
	return store.Write(ctx, "github", r)
}
