package hosts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/valetkey/valetkey/hosts/document"
)

// Config is a host's file, read to be changed.
type Config struct {
	Place
	// before is the file's content when it was read, and existed that there was one.
	before  string
	existed bool
	mode    fs.FileMode
	content *document.Document
	edits   []edit
	// shown is what the changes are to people.
	shown []string
}

// maxFile is more than hosts write there, though Claude Code keeps its history in
// it, and little enough to be read whole in a second or two.
const maxFile = 16 << 20

// MayHave reports whether the host may have valetkey: without its name in the file
// there is no need to read it.
func (p Place) MayHave() bool {
	info, err := os.Stat(p.File)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return false
	}
	text, err := os.ReadFile(p.File)
	return err == nil && bytes.Contains(text, []byte(Entry))
}

// Read reads a host's file; one that isn't there is empty. The error names the line
// if its text makes no sense.
func (p Place) Read() (*Config, error) {
	c := &Config{Place: p, mode: 0o600}
	info, err := os.Stat(p.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", p.File)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s is larger than %d MB; paste the entry by hand", p.File, maxFile>>20)
	default:
		c.existed, c.mode = true, info.Mode().Perm()
		text, err := os.ReadFile(p.File)
		if err != nil {
			return nil, err
		}
		c.before = string(text)
	}
	if c.content, err = document.Parse(p.format, []byte(c.before)); err != nil {
		return nil, c.inFile(err)
	}
	return c, nil
}

// Before and After are the file's texts, without and with the changes.
func (c *Config) Before() string { return c.before }
func (c *Config) After() string  { return string(c.content.Bytes()) }

// IsChanged reports whether there is anything to write.
func (c *Config) IsChanged() bool { return c.Before() != c.After() }

// Servers are the entries of the list, in the order of the file.
func (c *Config) Servers() []Listed {
	value, _ := c.content.Get(c.servers...)
	table, _ := value.(document.Table)
	var all []Listed
	for _, field := range table {
		all = append(all, c.shape.listed(field.Name, field.Value))
	}
	return all
}

// Elsewhere are the strings that stand in the file beside the list.
func (c *Config) Elsewhere() []Text {
	value, _ := c.content.Get()
	return slices.DeleteFunc(texts(nil, value), func(text Text) bool {
		return len(text.Path) > len(c.servers) && slices.Equal(text.Path[:len(c.servers)], c.servers)
	})
}

// Server is the entry of a name; ok is false if there is none.
func (c *Config) Server(name string) (entry Listed, ok bool) {
	for _, entry := range c.Servers() {
		if entry.Name == name {
			return entry, true
		}
	}
	return Listed{}, false
}

// Set makes valetkey's entry, or gives the one that is there what the server needs:
// what a person has added to it stays.
func (c *Config) Set(server Server) error {
	entry := c.shape.table(server)
	there, isThere := c.content.Get(c.path(Entry)...)
	if isThere {
		entry = c.shape.onto(there, entry)
	}
	before := c.rendered(there)
	if err := c.change(func() error { return c.content.Set(entry, c.path(Entry)...) }); err != nil {
		return err
	}
	c.shown = append(c.shown, difference(before, c.rendered(entry))...)
	return nil
}

// Remove takes an entry out of the list.
func (c *Config) Remove(name string) error {
	there, _ := c.content.Get(c.path(name)...)
	if err := c.change(func() error { return c.content.Delete(c.path(name)...) }); err != nil {
		return err
	}
	if name == Entry {
		c.shown = append(c.shown, difference(c.rendered(there), nil)...)
	} else {
		c.shown = append(c.shown, fmt.Sprintf("- %s.%s, with all that stands in it", strings.Join(c.servers, "."), name))
	}
	return nil
}

// change makes a change and notes what it takes to undo it.
func (c *Config) change(make func() error) error {
	before := c.After()
	if err := make(); err != nil {
		return c.inFile(err)
	}
	if after := c.After(); after != before {
		c.edits = append(c.edits, editBetween(before, after))
	}
	return nil
}

// editBetween is the one edit that makes a text of another.
func editBetween(before, after string) edit {
	start, end := shared([]byte(before), []byte(after))
	// What is kept is text, so no character is cut in two.
	for start > 0 && start < len(before) && !utf8.RuneStart(before[start]) {
		start--
	}
	for end > 0 && !utf8.RuneStart(before[len(before)-end]) {
		end--
	}
	return edit{At: start, Added: len(after) - end - start, Removed: before[start : len(before)-end]}
}

// shared answers how many elements both begin with, and how many of the rest both end
// with.
func shared[E comparable](one, other []E) (start, end int) {
	shorter := min(len(one), len(other))
	for start < shorter && one[start] == other[start] {
		start++
	}
	for end < shorter-start && one[len(one)-1-end] == other[len(other)-1-end] {
		end++
	}
	return start, end
}

func (c *Config) path(name string) []string {
	return append(append([]string{}, c.servers...), name)
}

func (c *Config) inFile(err error) error {
	if err != nil {
		return fmt.Errorf("%s is left alone: %w; correct that line, or paste the entry by hand", c.File, err)
	}
	return nil
}
