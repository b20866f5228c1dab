package cli

import (
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
)

// borrowing marks the commands that a person runs for the same sign-in as hosts.
const borrowing = "borrowing"

// borrows marks a command.
func borrows() map[string]string { return map[string]string{borrowing: "yes"} }

// borrow sets the variables that hosts give valetkey and that aren't set here, so that
// what a person does at a terminal is about the same sign-in. Of hosts that disagree
// the first counts. What holds a secret stays where it is.
func (a *app) borrow() {
	all, err := hostsHere()
	if err != nil {
		return
	}
	// Which services there are says which variables matter.
	for _, names := range [][]string{{servicesVariable}, borrowable()} {
		for _, host := range all {
			for _, name := range names {
				value := credentials.Given(host.entry.Env[name])
				if value == "" || credentials.Given(os.Getenv(name)) != "" {
					continue
				}
				if os.Setenv(name, value) == nil {
					a.borrowed = append(a.borrowed, loan{name, host.Title})
				}
			}
		}
	}
}

// loan is a variable, and the host it is taken from.
type loan struct{ name, host string }

// borrowable are the variables of valetkey and its services that hold no secret.
func borrowable() []string {
	all := variablesOf("VALET", reflect.ValueOf(settings{}))
	for _, entry := range chosen() {
		all = append(all, variablesOf(strings.ToUpper(entry.Name), reflect.ValueOf(credentials.Settings{}))...)
	}
	all = slices.DeleteFunc(all, func(v variable) bool { return v.isSecret && !leadsToSecret(v.name) })
	var names []string
	for _, v := range all {
		names = append(names, v.name)
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
