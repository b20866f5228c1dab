package tools

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

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
	// TokenPrefixes are what the service's tokens begin with, by its documentation,
	// so that one can be told where it lies about.
	TokenPrefixes []string
	// RemoteHosts are those of the provider's own MCP servers, which take the same
	// tokens.
	RemoteHosts []string
	// At answers where the service is by a person's settings, such as
	// <NAME>_HOST; without any it is the usual one.
	At func(given credentials.Settings) (credentials.Service, error)
	// Toolsets are the groups of tools that are offered if nobody asks for
	// others.
	Toolsets []string
	// Reads, Place and Public are what package gate has to know of the service: see
	// [gate.Gate].
	Reads  func(*http.Request) bool
	Place  func(*http.Request) string
	Public func(ctx context.Context, api *http.Client, apiURL, place string) (bool, error)
	// Admin are the requests that change who may do what, as [policy.ParsePaths]
	// reads them, and Mutations is as in [gate.Gate].
	Admin     string
	Mutations func(*http.Request) (names []string, known bool)
	// Offer makes all there is to offer.
	Offer func(Setup) Offer
}

// Offer is what a service, or a server of several, has for a model and its
// person.
type Offer struct {
	Tools     []Tool
	Resources []Resource
	Prompts   []Prompt
	// Instructions tell a model what the tools' descriptions can't.
	Instructions []Instruction
	// Unselected are the tools there are besides, by name, and Denied why nothing is
	// allowed of a tool that was selected.
	Unselected map[string]Unselected
	Denied     map[string]error
}

// Unselected is a tool that a person's selection leaves out.
type Unselected struct {
	Tool Tool
	// Add is the variable that would select it, as in GITHUB_TOOLSETS=default,gists,
	// and All the one that would select all such; both "": VALET_TOOLS leaves it out.
	Add, All string
	// Denied is why a policy would allow nothing of it; nil: it would.
	Denied error
}

// Instruction is a sentence or a few that hold where all of some tools are
// offered, by their names; none: anywhere.
type Instruction struct {
	Text  string
	Tools []string
}

// And is both offers, the other one behind.
func (o Offer) And(other Offer) Offer {
	unselected := map[string]Unselected{}
	maps.Copy(unselected, o.Unselected)
	maps.Copy(unselected, other.Unselected)
	denied := map[string]error{}
	maps.Copy(denied, o.Denied)
	maps.Copy(denied, other.Denied)
	return Offer{
		Tools:        slices.Concat(o.Tools, other.Tools),
		Resources:    slices.Concat(o.Resources, other.Resources),
		Prompts:      slices.Concat(o.Prompts, other.Prompts),
		Instructions: slices.Concat(o.Instructions, other.Instructions),
		Unselected:   unselected,
		Denied:       denied,
	}
}

// Explaining is the same offer where a call of what isn't selected says why nothing
// works.
func (o Offer) Explaining(reason error) Offer {
	denied := map[string]error{}
	for name := range o.Unselected {
		denied[name] = reason
	}
	maps.Copy(denied, o.Denied)
	o.Denied = denied
	return o
}

// Limited is the same offer with answers of at most so many bytes, 0 for the
// usual number, put through mask, which takes out what must not be seen.
func (o Offer) Limited(maxAnswer int, mask func(string) string) Offer {
	o.Tools = slices.Clone(o.Tools)
	for i, tool := range o.Tools {
		o.Tools[i] = tool.Masked(mask)
		o.Tools[i].MaxAnswer = maxAnswer
	}
	o.Resources = slices.Clone(o.Resources)
	for i, resource := range o.Resources {
		o.Resources[i] = resource.Masked(mask)
		o.Resources[i].MaxAnswer = maxAnswer
	}
	return o
}

// Setup is what a service's tools work with.
type Setup struct {
	// API makes requests that are authorised.
	API *http.Client
	// At is where the service is.
	At credentials.Service
	// About says in a line where the credential comes from; nil: nothing.
	About func(context.Context) (string, error)
	// Repositories are the only ones the tools may touch, as owner/name with *
	// for any part of either; none: all.
	Repositories []string
	// MaxAnswer is how many bytes an answer may have; 0: 32,000.
	MaxAnswer int
	// Version is the program's, for services to know who asks; "": not known.
	Version string
	// Now is the clock, and After the one that tools wait by; nil: the system's.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}
