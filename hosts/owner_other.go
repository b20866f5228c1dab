//go:build !unix

package hosts

import "os"

// keepOwner does nothing where a folder's owner is that of what is put into it.
func keepOwner(string, *os.File) error { return nil }
