package tools

import (
	"context"
	"net/http"

	"github.com/valetkey/valetkey/credentials"
)

// Service is something tools talk to. It is data: a new service is one value
// in one file, and one line in the table of services.
type Service struct {
	// Name is the prefix of the service's variables and tools, and Title the
	// name people know.
	Name, Title string
	// KeyVariables are the variables that may hold an API key, first wins.
	KeyVariables []string
	// Instructions tell a model what the tools' descriptions can't.
	Instructions string
	// At answers where the service is at a host, as <NAME>_HOST gives it; ""
	// is the usual one.
	At func(host string) (credentials.Service, error)
	// Tools makes the tools. The client is authorised, and about says in a
	// line where the credential comes from.
	Tools func(api *http.Client, at credentials.Service, about func(context.Context) (string, error)) []Tool
}
