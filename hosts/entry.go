package hosts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/hosts/document"
)

// Entry is the name of valetkey's entry in every host.
const Entry = "valetkey"

// Server is how a host starts a server, whatever the shape of its entry.
type Server struct {
	Command string
	Args    []string
	// Env are variables and their values, in the clear.
	Env map[string]string
	// Pass are variables that the server needs and whose values must not stand in a
	// file.
	Pass []string
}

// Lacks answers which variables of Pass don't reach a server of this host: it has no
// way to hand them on.
func (h Host) Lacks(s Server) []string {
	if h.shape.whole || h.shape.pass != "" || h.shape.reference != "" {
		return nil
	}
	return s.Pass
}

// table is the entry for a server.
func (s shape) table(server Server) document.Table {
	args := []any{}
	for _, arg := range server.Args {
		args = append(args, arg)
	}
	t := slices.Clone(s.before)
	if s.args == "" {
		t = append(t, document.Field{Name: s.command, Value: append([]any{server.Command}, args...)})
	} else {
		t = append(t, document.Field{Name: s.command, Value: server.Command}, document.Field{Name: s.args, Value: args})
	}
	t = append(t, document.Field{Name: s.env, Value: s.envTable(server)})
	if s.pass != "" {
		names := []any{}
		for _, name := range slices.Concat(s.always, server.Pass) {
			names = append(names, name)
		}
		t = append(t, document.Field{Name: s.pass, Value: names})
	}
	return append(t, s.after...)
}

// envTable holds the values and, where the host knows how, references to the
// variables whose values must not stand there.
func (s shape) envTable(server Server) document.Table {
	values := maps.Clone(server.Env)
	if s.reference != "" && !s.whole {
		for _, name := range server.Pass {
			if values == nil {
				values = map[string]string{}
			}
			values[name] = strings.ReplaceAll(s.reference, "NAME", name)
		}
	}
	t := document.Table{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		t = append(t, document.Field{Name: name, Value: values[name]})
	}
	return t
}

// onto puts a server's fields into the entry that is there.
func (s shape) onto(there any, entry document.Table) document.Table {
	merged, _ := there.(document.Table)
	merged = slices.Clone(merged)
	ours := []string{s.command, s.args}
	for _, field := range entry {
		at := slices.IndexFunc(merged, func(f document.Field) bool { return f.Name == field.Name })
		switch {
		case at < 0:
			merged = append(merged, field)
		case field.Name == s.pass:
			merged[at].Value = union(merged[at].Value, field.Value)
		case field.Name == s.env:
			merged[at].Value = texted(merged[at].Value, field.Value.(document.Table))
		case slices.Contains(ours, field.Name):
			merged[at] = field
		}
	}
	return merged
}

// texted is a table of variables with others as its texts, in its order. What is no
// text, such as a number, stays.
func texted(there any, texts document.Table) document.Table {
	var all document.Table
	before, _ := there.(document.Table)
	for _, field := range before {
		at := slices.IndexFunc(texts, func(f document.Field) bool { return f.Name == field.Name })
		_, isText := field.Value.(string)
		switch {
		case at >= 0:
			all = append(all, texts[at])
		case !isText:
			all = append(all, field)
		}
	}
	for _, field := range texts {
		if !slices.ContainsFunc(all, func(f document.Field) bool { return f.Name == field.Name }) {
			all = append(all, field)
		}
	}
	return all
}

// union adds to a list what it lacks.
func union(list, more any) any {
	all, _ := list.([]any)
	all = slices.Clone(all)
	for _, item := range more.([]any) {
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all
}

// Text is a string somewhere in an entry.
type Text struct {
	// Path is where it stands, such as env, GITHUB_TOKEN.
	Path  []string
	Value string
}

// Listed is an entry of a host's list.
type Listed struct {
	Name string
	// Texts are all strings in it, in the order of the file.
	Texts []Text
	// Command is what starts it, and Args what comes after; "" for a server elsewhere.
	Command string
	Args    []string
	// Env are the variables it gives the server.
	Env map[string]string
}

// listed reads an entry as far as it has the shape.
func (s shape) listed(name string, value any) Listed {
	entry := Listed{Name: name, Env: map[string]string{}}
	if table, ok := value.(document.Table); ok {
		entry.Texts = texts(nil, table)
	}
	var words []string
	for _, text := range entry.Texts {
		switch first := text.Path[0]; {
		case len(text.Path) == 2 && first == s.env:
			entry.Env[text.Path[1]] = text.Value
		case first == s.command || s.args != "" && first == s.args:
			words = append(words, text.Value)
		}
	}
	if len(words) > 0 {
		entry.Command, entry.Args = words[0], words[1:]
	}
	return entry
}

// texts collects the strings of a value.
func texts(path []string, value any) []Text {
	var all []Text
	switch v := value.(type) {
	case string:
		return []Text{{Path: path, Value: v}}
	case document.Table:
		for _, field := range v {
			all = append(all, texts(append(slices.Clone(path), field.Name), field.Value)...)
		}
	case []any:
		for i, item := range v {
			all = append(all, texts(append(slices.Clone(path), fmt.Sprint(i)), item)...)
		}
	}
	return all
}
