package cli

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/hosts"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// plainToken is a token of a service that lies in a host's file.
type plainToken struct {
	service tools.Service
	// at is where its service is, once that is known.
	at    credentials.Service
	host  hosts.Place
	entry hosts.Listed
	// path is where it stands in the entry.
	path  []string
	token oauth.Secret
}

// where says in words where it lies.
func (p plainToken) where() string {
	return printable(fmt.Sprintf("%s, %s: %s", p.host.Title, p.entry.Name, strings.Join(p.path, ".")))
}

// foreign are the variables that its server is given and that aren't the service's.
func (p plainToken) foreign() []string {
	var names []string
	for name := range p.entry.Env {
		if !strings.HasPrefix(name, strings.ToUpper(p.service.Name)+"_") && !slices.Contains(p.service.KeyVariables, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// tokensIn finds the tokens of known services in an entry: what stands in a variable
// that holds one, or begins as one does. In valetkey's own it is only variables.
func tokensIn(place hosts.Place, entry hosts.Listed) []plainToken {
	var found []plainToken
	for _, text := range entry.Texts {
		if _, isVariable := entry.Env[text.Path[len(text.Path)-1]]; entry.Name == hosts.Entry && !isVariable {
			continue
		}
		for _, service := range builtIn() {
			if token := tokenOf(service, text); token != "" {
				found = append(found, plainToken{service: service, host: place, entry: entry, path: text.Path, token: oauth.NewSecret(token)})
				break
			}
		}
	}
	return found
}

var (
	tokenLike   = regexp.MustCompile(`[\w.\-]+`)
	addressLike = regexp.MustCompile(`(?i)[a-z][a-z+.-]*://[^\s"']+`)
	// hostLike are the names of variables and flags that say where a server is.
	hostLike = regexp.MustCompile(`(?i)host|url|uri|endpoint|domain|instance|enterprise|base`)
)

// tokenOf answers the token of a service that a text holds, "" for none.
func tokenOf(service tools.Service, text hosts.Text) string {
	const least = 16
	words := tokenLike.FindAllString(text.Value, -1)
	if slices.Contains(service.KeyVariables, text.Path[len(text.Path)-1]) && len(text.Value) >= least && len(words) == 1 && words[0] == text.Value {
		return credentials.Given(text.Value)
	}
	for _, word := range words {
		for _, prefix := range service.TokenPrefixes {
			if strings.HasPrefix(word, prefix) && len(word) >= len(prefix)+least {
				return word
			}
		}
	}
	return ""
}

// elsewhere answers a host that the entry's server works with and the service at hand
// doesn't; "" for none. A token goes nowhere else than where its person used it: one
// whose server names no host, to the usual one.
func elsewhere(found plainToken, s service) string {
	usual, _ := found.service.At(credentials.Settings{})
	known := slices.Concat(s.at.Hosts, s.at.Pages, []string{s.at.Host})
	if s.at.Host == usual.Host {
		known = append(known, found.service.RemoteHosts...)
	}
	named := found.hosts()
	if len(named) == 0 {
		named = []string{usual.Host}
	}
	for _, host := range named {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, host) }) {
			return host
		}
	}
	return ""
}

// hosts are those that the entry names, in addresses, or as the values of variables and
// flags whose names say so.
func (p plainToken) hosts() []string {
	var all []string
	before := ""
	for _, text := range p.entry.Texts {
		for _, address := range addressLike.FindAllString(text.Value, -1) {
			all = append(all, hostOf(address))
		}
		name, value := text.Path[len(text.Path)-1], text.Value
		if left, right, found := strings.Cut(text.Value, "="); found {
			name, value = left, right
		} else if strings.HasPrefix(before, "-") {
			name = before
		}
		before = text.Value
		if hostLike.MatchString(name) && value != "" && !addressLike.MatchString(value) {
			all = append(all, hostOf("https://"+value))
		}
	}
	return all
}

// hostOf is the host of an address, or the whole of one that isn't plain.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Host == "" {
		return address
	}
	return u.Host
}
