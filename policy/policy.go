package policy

import "fmt"

// Layer is what one source grants, such as a variable.
type Layer struct {
	// Name is the variable, and Role the role in it; "": it holds scopes.
	Name, Role string
	Scopes     Scopes
}

// RoleLayer is that of a variable which holds a role.
func RoleLayer(name, role string) (Layer, error) {
	scopes, err := Role(role)
	if err != nil {
		return Layer{}, fmt.Errorf("%s: %w", name, err)
	}
	return Layer{Name: name, Role: role, Scopes: scopes}, nil
}

// GrantLayer is that of a variable which holds scopes.
func GrantLayer(name, scopes string) (Layer, error) {
	granted, err := Parse(scopes)
	if err != nil {
		return Layer{}, fmt.Errorf("%s: %w", name, err)
	}
	return Layer{Name: name, Scopes: granted}, nil
}

// String is the layer as its variable says it.
func (l Layer) String() string {
	if l.Role != "" {
		return l.Name + "=" + l.Role
	}
	return l.Name + "=" + l.Scopes.String()
}

// Policy is layers that all have to allow a thing; none: everything is allowed.
type Policy []Layer

// Check answers nil for what all layers allow, or a [*Denied] of the first that
// doesn't.
func (p Policy) Check(t Thing) error {
	for _, layer := range p {
		if !layer.Scopes.Allow(t) {
			return &Denied{layer, t}
		}
	}
	return nil
}

// Denied is the error of a thing that a layer doesn't allow.
type Denied struct {
	Layer Layer
	Thing Thing
}

// Error names the variable that forbids it and what would allow it.
func (d *Denied) Error() string {
	if d.Layer.Role == "" {
		return fmt.Sprintf("%s doesn't allow %s; the person can add that in their host's settings", d.Layer.Name, d.Thing)
	}
	for _, wider := range roles() {
		if scopes, err := Role(wider.name); err == nil && scopes.Allow(d.Thing) {
			return fmt.Sprintf("%s doesn't allow %s; the person can set %s=%s in their host's settings", d.Layer, d.Thing, d.Layer.Name, wider.name)
		}
	}
	return fmt.Sprintf("%s doesn't allow %s, and no other role does", d.Layer, d.Thing)
}
