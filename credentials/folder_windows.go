package credentials

import "io/fs"

// checkPrivate trusts what lies in the user's profile, which Windows keeps from
// other users.
func checkPrivate(string, fs.FileInfo) error { return nil }

// syncFolder does nothing: Windows can't flush a directory.
func syncFolder(string) error { return nil }
