package cli

import (
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
)

// borrow sets the variables that a host gives valetkey and that aren't set here, so
// that what a person does at a terminal is about the same sign-in. All are from one
// host, the first that gives any. What holds a secret stays where it is; and a secret
// that is set here is for where it was used here, so its service takes nothing.
func (a *app) borrow() {
	all, err := a.hostsHere()
	if err != nil {
		return
	}
	for _, host := range all {
		if host.has && a.borrowFrom(host) {
			return
		}
	}
}

// borrowOnly is borrow for these variables alone.
func (a *app) borrowOnly(names ...string) {
	all, err := a.hostsHere()
	if err != nil {
		return
	}
	for _, host := range all {
		if host.has && len(a.borrowed) == 0 {
			a.take(host, names)
		}
	}
}

// borrowFrom answers whether there was anything to borrow.
func (a *app) borrowFrom(host hostHere) bool {
	// Which services there are says which variables matter.
	a.take(host, []string{servicesVariable})
	a.take(host, withoutSecrets(variablesOf("VALET", reflect.ValueOf(settings{}))))
	for _, entry := range chosen() {
		given := variablesOf(strings.ToUpper(entry.Name), reflect.ValueOf(credentials.Settings{}))
		secrets := slices.Clone(entry.KeyVariables)
		for _, v := range given {
			if v.isSecret {
				secrets = append(secrets, v.name)
			}
		}
		if !slices.ContainsFunc(secrets, isSet) {
			a.take(host, withoutSecrets(given))
		}
	}
	return len(a.borrowed) > 0
}

// take sets what a host gives of some variables and isn't set.
func (a *app) take(host hostHere, names []string) {
	for _, name := range names {
		value := credentials.Given(host.entry.Env[name])
		if value != "" && !isSet(name) && os.Setenv(name, value) == nil {
			a.borrowed = append(a.borrowed, loan{name, host.Title})
		}
	}
}

func isSet(variable string) bool { return credentials.Given(os.Getenv(variable)) != "" }

// loan is a variable, and the host it is taken from.
type loan struct{ name, host string }

// withoutSecrets are the names of those that hold no secret.
func withoutSecrets(all []variable) []string {
	var names []string
	for _, v := range all {
		if !v.isSecret || leadsToSecret(v.name) {
			names = append(names, v.name)
		}
	}
	return names
}

// listBorrowed says which variables come from where.
func (a *app) listBorrowed() string {
	var texts []string
	for _, l := range a.borrowed {
		texts = append(texts, l.name+" ("+l.host+")")
	}
	return strings.Join(texts, ", ")
}

// isBorrowed reports whether a variable, or one with its value behind it, is from a
// host's file.
func (a *app) isBorrowed(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.ContainsFunc(a.borrowed, func(l loan) bool { return l.name == name })
}
