//go:build !(linux && (amd64 || arm64))

package credentials

import "testing"

func killingCalls() map[string]uint32 { return nil }

func dieAtCall(*testing.T, string) {}
