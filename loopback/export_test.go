package loopback

import "github.com/valetkey/valetkey/oauth"

// Read answers what a callback's query is read as.
func (f *Flow) Read(a *Authorization, rawQuery string) (code oauth.Secret, refused *oauth.Error, ok bool) {
	got, ok := f.read(a, rawQuery)
	return got.code, got.refused, ok
}
