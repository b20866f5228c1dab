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

// watch watches nothing: there are no prompts that outlive who shows them.
func watch() (release func(context.Context) bool) { return nil }

// systemError is an error of the system. It keeps the system's own error text
// and drops any other, which may quote what a keyring program printed.
func systemError(err error) *StoreError {
	var number syscall.Errno
	if errors.As(err, &number) {
		return &StoreError{Outcome: Broken, Reason: number.Error()}
	}
	return &StoreError{Outcome: Broken, Reason: fmt.Sprintf("the call ended with %T", err)}
}

// BesideKeyring answers nil: nothing gives programs here a configuration
// directory of their own.
func BesideKeyring(string) *Folder { return nil }
