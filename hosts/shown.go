package hosts

import (
	"regexp"
	"strings"

	"github.com/valetkey/valetkey/hosts/document"
)

// Shown are the changes as people read them, in lines that begin with a plus, a
// minus or a space: valetkey's entry in the form of the host's file, and the names of
// entries that go. Nothing else of the file is there, and no value that is secret.
func (c *Config) Shown() []string { return c.shown }

// secretNames are those of variables whose values aren't shown.
var secretNames = regexp.MustCompile("(TOKEN|SECRET|PROXY)$")

// rendered is valetkey's entry in a file of its own, in lines; none for no entry.
func (c *Config) rendered(entry any) []string {
	table, isTable := entry.(document.Table)
	if !isTable {
		return nil
	}
	alone, err := document.Parse(c.format, nil)
	if err == nil {
		err = alone.Set(withoutSecrets(table), c.path(Entry)...)
	}
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(alone.Bytes())), "\n")
}

// withoutSecrets is a table in which no value is secret.
func withoutSecrets(table document.Table) document.Table {
	var all document.Table
	for _, field := range table {
		switch value := field.Value.(type) {
		case document.Table:
			field.Value = withoutSecrets(value)
		case string:
			// A reference to a variable has its name in it.
			if secretNames.MatchString(field.Name) && !strings.Contains(value, field.Name) {
				field.Value = "…"
			}
		}
		all = append(all, field)
	}
	return all
}

// difference are the lines of two texts: those that both begin and end with, and
// between them those that go, and those that come.
func difference(before, after []string) []string {
	start, end := shared(before, after)
	if start == len(before) && start == len(after) {
		return nil
	}
	var lines []string
	add := func(sign string, some []string) {
		for _, line := range some {
			lines = append(lines, sign+" "+line)
		}
	}
	add(" ", after[:start])
	add("-", before[start:len(before)-end])
	add("+", after[start:len(after)-end])
	add(" ", after[len(after)-end:])
	return lines
}
