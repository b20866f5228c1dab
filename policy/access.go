package policy

// Access says what something may do to a service. Hosts ask the person for
// consent by it, and a [Policy] admits or refuses by it.
type Access string

// The access classes, from harmless to far-reaching.
const (
	Read        Access = "read"        // changes nothing
	Write       Access = "write"       // adds or changes things in a way that can be taken back, drafts nobody else has seen apart
	Destructive Access = "destructive" // may lose something for good
	Admin       Access = "admin"       // may change who may do what
)

// Classes are all of them, from harmless to far-reaching.
func Classes() []Access { return []Access{Read, Write, Destructive, Admin} }
