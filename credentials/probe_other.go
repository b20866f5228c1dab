//go:build !(linux || freebsd || netbsd || openbsd || dragonfly)

package credentials

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// probe finds nothing to look at before a call: the keyrings of macOS and
// Windows are always there and need no environment.
func probe(context.Context, bool) error { return nil }

// systemErrorText keeps the system's own error text and drops any other, which
// may quote what a keyring program printed.
func systemErrorText(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return fmt.Sprintf("the call ended with %T", err)
}
