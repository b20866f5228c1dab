package credentials

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/valetkey/valetkey/oauth"
)

// sealedVersion is the format of what is sealed, and of a keyring entry that
// names a sealed file. A later one is not read.
const sealedVersion = 1

// sealedJSON is what is sealed. age authenticates nothing beside the content of
// a file, so whose record it is stands inside. The record holds its generation.
type sealedJSON struct {
	Version int             `json:"version"`
	Entry   string          `json:"entry"`
	Record  json.RawMessage `json:"record"`
}

var (
	errSealed  = fmt.Errorf("%w: its sealed file can't be opened", errRecord)
	errSwapped = fmt.Errorf("%w: its sealed file holds another record", errRecord)
	// errTooLarge says that a record doesn't fit into a file that would be read.
	errTooLarge = faulty("give an API key instead", "the token takes more than the %d bytes of a file", maxFile)
)

// seal encrypts a record with age, so that only the recipient's identity opens
// it.
func seal(entry string, r *Record, to age.Recipient) ([]byte, error) {
	record, err := r.encode()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(sealedJSON{Version: sealedVersion, Entry: entry, Record: json.RawMessage(record.Reveal())})
	if err != nil {
		return nil, err
	}
	sealed, err := encrypt(plain, to)
	if err == nil && len(sealed) > maxFile {
		return nil, errTooLarge
	}
	return sealed, err
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// unseal answers the record of an entry. An error is about the record
// (errRecord) and quotes nothing of it.
func unseal(sealed []byte, entry string, identities ...age.Identity) (*Record, error) {
	plain, err := decrypt(sealed, identities...)
	if err != nil {
		return nil, errSealed
	}
	return decodeSealed(plain, entry)
}

func decrypt(sealed []byte, identities ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func decodeSealed(plain []byte, entry string) (*Record, error) {
	var j sealedJSON
	switch err := json.Unmarshal(plain, &j); {
	case err != nil || j.Version < 1:
		return nil, errSealed
	case j.Version > sealedVersion:
		return nil, laterFormat(j.Version)
	case j.Entry != entry:
		return nil, errSwapped
	}
	return decodeRecord(oauth.NewSecret(string(j.Record)))
}
