package credentials

import "context"

type quietKey struct{}

// Quietly answers a context for requests that no person should be troubled
// with. Through [Credential.Client] they use the token there is, refreshed if
// need be. Where there is none they fail with [ErrNotSignedIn], and a refusal of
// the service is their answer: no sign-in begins.
func Quietly(ctx context.Context) context.Context {
	return context.WithValue(ctx, quietKey{}, true)
}

func isQuiet(ctx context.Context) bool { return ctx.Value(quietKey{}) != nil }
