package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
	"github.com/valetkey/valetkey/tools/services"
)

// githubClientID is the client id of a GitHub OAuth App to build in:
//
//	go build -ldflags "-X github.com/valetkey/valetkey/cli.githubClientID=Iv1…"
//
// It works at github.com only. GITHUB_CLIENT_ID comes before it.
var githubClientID string

// builtIn is the table of what valetkey knows: one line each.
func builtIn() []tools.Service {
	return []tools.Service{
		github.Service(githubClientID),
		services.GitLab(),
		services.Google(),
		services.HuggingFace(),
		services.Microsoft(),
		services.Sentry(),
	}
}

// chosen are the services that VALET_SERVICES names, in its order: one at least.
// One that can't have its name says so when it is asked where it is.
func chosen() []tools.Service {
	var all []tools.Service
	for _, name := range credentials.Words(strings.ToLower(credentials.Given(os.Getenv(servicesVariable)))) {
		if slices.ContainsFunc(all, func(s tools.Service) bool { return s.Name == name }) {
			continue
		}
		entry, err := entryOf(name)
		if err != nil {
			entry = misnamed(name, fmt.Errorf("%s: %w; built in: %s%s", servicesVariable, err, joinNames(builtIn()), meant(name, builtIn())))
		}
		all = append(all, entry)
	}
	if len(all) == 0 {
		all = builtIn()[:1]
	}
	return all
}

// entryOf is the table entry of a name, or one for a service that isn't built in.
func entryOf(name string) (tools.Service, error) {
	for _, entry := range builtIn() {
		if entry.Name == name {
			return entry, nil
		}
	}
	entry, err := services.Custom(name)
	if err != nil {
		return entry, err
	}
	at := entry.At
	entry.At = func(given credentials.Settings) (credentials.Service, error) {
		s, err := at(given)
		if err != nil && given.API.URL == "" {
			err = fmt.Errorf("%w; built in: %s%s", err, joinNames(builtIn()), meant(name, builtIn()))
		}
		return s, err
	}
	return entry, nil
}

// meant words the guess at which service was meant; "" when none is near.
func meant(name string, among []tools.Service) string {
	if near := tools.Nearest(name, namesIn(among)); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// misnamed is a table entry that has nothing but what is wrong with its name.
func misnamed(name string, reason error) tools.Service {
	return tools.Service{
		Name:  name,
		Title: fmt.Sprintf("%.60q", name),
		At:    func(credentials.Settings) (credentials.Service, error) { return credentials.Service{}, reason },
		Offer: func(tools.Setup) tools.Offer { return tools.Offer{} },
	}
}

const servicesVariable = "VALET_SERVICES"

// service is a table entry at work: at its host, with its credential.
type service struct {
	tools.Service
	at         credentials.Service
	options    credentials.Options
	credential *credentials.Credential
	// offered is what a person has selected and policy allows, and paths are those
	// that a model may choose.
	offered tools.Offer
	policy  policy.Policy
	paths   policy.Paths
	// wrong is why it can't be used, while others can. Then there is neither
	// credential nor place, and what is offered explains it.
	wrong error
	// left says that it was used once and isn't chosen any more.
	left bool
}

// fault is what is wrong, in a line that names the service already.
func (s service) fault() string {
	return strings.TrimPrefix(strings.ReplaceAll(s.wrong.Error(), "\n", "; "), s.Name+": ")
}

// forAccount is the same service for another account.
func (s service) forAccount(name string) service {
	s.options.Settings.Account = name
	s.credential = credentials.New(s.options)
	return s
}

func closeAll(opened []service) {
	for _, s := range opened {
		if s.credential != nil {
			s.credential.Close()
		}
	}
}

func allOffered(opened []service) tools.Offer {
	var offers []tools.Offer
	for _, s := range opened {
		offers = append(offers, s.offered)
	}
	return all(offers)
}

func all(offers []tools.Offer) tools.Offer {
	var all tools.Offer
	for _, offer := range offers {
		all = all.And(offer)
	}
	return all
}

// misconfigured answers the usual offer of the chosen services, or of the first
// one there is if they have none, which explains what is wrong. A server that
// doesn't start can tell nobody.
func misconfigured(reason error) tools.Offer {
	for _, entries := range [][]tools.Service{chosen(), builtIn()[:1]} {
		var all tools.Offer
		for _, entry := range entries {
			if usual, err := (tools.Selection{}).Of(explaining(entry, reason), entry.Toolsets); err == nil {
				all = all.And(usual.Explaining(reason))
			}
		}
		if len(all.Tools) > 0 {
			return all
		}
	}
	return tools.Offer{}
}

// explaining answers all that a service offers, with a client that explains, at
// each call, what is wrong with the configuration.
func explaining(entry tools.Service, reason error) tools.Offer {
	// Where it is doesn't matter to what it offers, nor what is missing.
	at, _ := entry.At(credentials.Settings{})
	return entry.Offer(tools.Setup{
		API:   &http.Client{Transport: refusal{reason}},
		At:    at,
		About: func(context.Context) (string, error) { return "", reason },
	})
}

type refusal struct{ reason error }

func (r refusal) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		request.Body.Close()
	}
	return nil, r.reason
}

// named picks the service a person has named.
func named(opened []service, name string) (service, error) {
	for _, s := range opened {
		if strings.EqualFold(s.Name, name) {
			return s, nil
		}
	}
	return service{}, usage("there is no service %.100q; known: %s; for others set %s%s", name, namesOfServices(opened), servicesVariable, meant(name, append(entriesOf(opened), builtIn()...)))
}

// instructions tell a model how the tools behave. What is over 2 KB is left out,
// since some hosts would cut there, in the middle of a sentence.
func instructions(offered tools.Offer) string {
	const most = 2000
	text := "The tools work before sign-in: one that needs it answers with a link and, mostly, a code. " +
		"Show them to the person word for word; when they say it is approved, call the same tool again. " +
		"Never ask for a token or password. A sign-in is kept for later."
	if slices.ContainsFunc(offered.Tools, func(t tools.Tool) bool { return t.Access != tools.Read }) {
		text += " Change something only if you are sure that the person wants it; with dry_run a call shows what it would send, and sends nothing."
	}
	for _, instruction := range offered.Instructions {
		if len(text)+len("\n")+len(instruction.Text) <= most {
			text += "\n" + instruction.Text
		}
	}
	return text
}
