package policy

import (
	"fmt"
	"strings"
)

// role is a name for scopes.
type role struct{ name, scopes string }

// roles is the table of them, from narrow to wide. What may change who may do what
// is class admin: a developer's requests by path are, since nobody can tell.
func roles() []role {
	const user = "*:*:read *:*:write *:*:destructive"
	return []role{
		{"read-only", "*:*:read"},
		{"user", user},
		{"developer", user + " *:api:*"},
		{"admin", "*:*:*"},
	}
}

// Usual is the role of those who chose none.
const Usual = "user"

// Roles are the names of all roles, from narrow to wide.
func Roles() []string {
	var names []string
	for _, r := range roles() {
		names = append(names, r.name)
	}
	return names
}

// Role answers what a role grants, or an error that names those there are.
func Role(name string) (Scopes, error) {
	for _, r := range roles() {
		if r.name == name {
			return Parse(r.scopes)
		}
	}
	return nil, fmt.Errorf("%.60q is not a role; write one of %s", name, strings.Join(Roles(), ", "))
}
