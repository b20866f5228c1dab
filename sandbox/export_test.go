package sandbox

import (
	"net/http"
)

// Scopes is what the API half learns of a request with this Authorization header.
func (s *Sandbox) Scopes(authorization string) ([]string, bool) {
	return s.who(&http.Request{Header: http.Header{"Authorization": {authorization}}})
}
