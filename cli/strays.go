package cli

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// stray is a variable that is set and that nobody reads.
type stray struct {
	name string
	// meant is what was probably meant, or "", and service the one it is for; "" for
	// valetkey itself.
	meant, service string
	// told says that it stands in the error of a service.
	told bool
}

func (s stray) String() string {
	if s.meant == "" {
		return "nothing reads " + s.name
	}
	return fmt.Sprintf("nothing reads %s; did you mean %s?", s.name, s.meant)
}

// reader is who reads the variables of a prefix.
type reader struct {
	service, prefix string
	variables       []string
	// usual are the names that people give such variables elsewhere.
	usual map[string]string
	// limits says what to write instead of names that look like those of a limit.
	limits map[string]string
}

// limits are the ends of names which people give variables that are to keep the
// tools from something, in this program's words for another place and in those of
// github-mcp-server, with what does so for the variables of a prefix.
//
// https://github.com/github/github-mcp-server/blob/main/README.md
func limits(prefix string) map[string]string {
	const readOnly = "VALET_ROLE=read-only"
	paths := prefix + "PATHS"
	if prefix == ownPrefix {
		paths = "GITHUB_PATHS"
	}
	all := map[string]string{
		"PATHS": paths, "GRANT": "VALET_GRANT", "GRANTS": "VALET_GRANT", "POLICY": "VALET_GRANT", "LOCKDOWN_MODE": "VALET_CONFIRM=untrusted",
		"DRY_RUN": readOnly, "EXCLUDE_TOOLS": "VALET_TOOLS=-NAME", "DISABLED_TOOLS": "VALET_TOOLS=-NAME", "ENABLED_TOOLS": "VALET_TOOLS",
	}
	for _, end := range []string{"READ_ONLY", "READONLY", "READ_ONLY_MODE"} {
		all[end] = readOnly
	}
	for _, end := range []string{"REPOS", "REPOSITORIES", "ALLOWED_REPOS", "ALLOWED_REPOSITORIES"} {
		all[end] = "VALET_REPOS"
	}
	for _, end := range []string{"CONFIRM", "TOOLS", "WRITES_PER_MINUTE", "WRITES_PER_SESSION", "AUDIT", "AUDIT_ARGS"} {
		all[end] = ownPrefix + end
	}
	return all
}

// readers are valetkey and the services. Where a service is built in, its prefix
// belongs to other programs too, and what is usual elsewhere is probably theirs.
func readers(entries []tools.Service) []reader {
	all := []reader{{prefix: ownPrefix, variables: ownVariables(), limits: limits(ownPrefix)}}
	for _, entry := range entries {
		prefix := strings.ToUpper(entry.Name)
		r := reader{service: entry.Name, prefix: prefix + "_", variables: slices.Clone(entry.KeyVariables), limits: limits(prefix + "_")}
		for _, v := range variablesOf(prefix, reflect.ValueOf(credentials.Settings{})) {
			r.variables = append(r.variables, v.name)
		}
		if !slices.Contains(namesIn(builtIn()), entry.Name) {
			r.usual = map[string]string{"KEY": "TOKEN", "API_KEY": "TOKEN", "APIKEY": "TOKEN", "URL": "API_URL", "BASE_URL": "API_URL"}
		}
		all = append(all, r)
	}
	return all
}

// strays picks the variables of valetkey's own prefix that nobody reads, and those of
// a service's that look like a limit, or like one that it reads, and what is meant
// isn't set: all others may be anybody's. Windows takes capital and small letters for the same.
func strays(set []string, all []reader, goos string) []stray {
	var known []string
	for _, r := range all {
		known = append(known, r.variables...)
	}
	var found []stray
	for _, name := range set {
		upper := strings.ToUpper(name)
		if slices.Contains(known, name) || goos == "windows" && slices.Contains(known, upper) {
			continue
		}
		for _, r := range all {
			if !strings.HasPrefix(upper, r.prefix) {
				continue
			}
			meant := r.nearest(upper)
			instead, _, _ := strings.Cut(meant, "=")
			if r.service == "" || meant != "" && !slices.Contains(set, instead) {
				found = append(found, stray{name: name, meant: meant, service: r.service})
				break
			}
		}
	}
	return found
}

// nearest answers the variable that was meant, "" for none: one that limits what
// this seems to limit, or that is a typing mistake away, one
// letter in five, since a service's prefix has other people's variables too.
func (r reader) nearest(name string) string {
	// GitHub's runners set it.
	// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
	if name == "GITHUB_PATH" {
		return ""
	}
	suffix := strings.TrimPrefix(name, r.prefix)
	if meant, found := r.limits[suffix]; found {
		return meant
	}
	if meant, found := r.usual[suffix]; found {
		return r.prefix + meant
	}
	best, least := "", 1+max(1, len(suffix)/5)
	for _, variable := range r.variables {
		if own, found := strings.CutPrefix(variable, r.prefix); found {
			if d := tools.Distance(suffix, own); d < least {
				best, least = variable, d
			}
		}
	}
	return best
}

// unreadAddress is the address of another API than the service's: that of one which
// has a variable of its own for where it is.
func (s service) unreadAddress() []stray {
	address, err := url.Parse(s.options.Settings.API.URL)
	if err != nil || address.Host == "" || s.wrong != nil || slices.Contains(s.at.Hosts, address.Host) {
		return nil
	}
	return []stray{{name: strings.ToUpper(s.Name) + "_API_URL", meant: s.at.HostVariable, service: s.Name}}
}

// listed says them in a line.
func listed(found []stray) string {
	var texts []string
	for _, s := range found {
		texts = append(texts, s.String())
	}
	return strings.Join(texts, "; ")
}

// straysOf are those for a service.
func straysOf(name string, found []stray) []stray {
	return slices.DeleteFunc(slices.Clone(found), func(s stray) bool { return s.service != name })
}

// warn tells a person what nobody reads, unless an error does.
func (a *app) warn(found []stray) {
	for _, s := range found {
		if !s.told {
			a.complain("valetkey: %s", s)
		}
	}
}
