package hosts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/valetkey/valetkey/hosts/document"
)

// Config is a host's file, read to be changed.
type Config struct {
	Place
	// before is the file's content when it was read, and existed that there was one.
	before  []byte
	existed bool
	mode    fs.FileMode
	content *document.Document
	former  []Listed
}

// ErrChanged says that somebody else has changed a file meanwhile.
var ErrChanged = errors.New("the file has changed meanwhile")

// maxFile is more than any host writes there; Claude Code keeps its history in it.
const maxFile = 64 << 20

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
		return nil, fmt.Errorf("%s is larger than %d MB", p.File, maxFile>>20)
	default:
		c.existed, c.mode = true, info.Mode().Perm()
		if c.before, err = os.ReadFile(p.File); err != nil {
			return nil, err
		}
	}
	if c.content, err = document.Parse(p.format, c.before); err != nil {
		return nil, fmt.Errorf("%s: %w; it is left alone", p.File, err)
	}
	c.former = c.Servers()
	return c, nil
}

// Before and After are the file's texts, with and without the changes.
func (c *Config) Before() []byte { return c.before }
func (c *Config) After() []byte  { return c.content.Bytes() }

// IsChanged reports whether there is anything to write.
func (c *Config) IsChanged() bool { return !bytes.Equal(c.Before(), c.After()) }

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

// Server is the entry of a name; ok is false if there is none.
func (c *Config) Server(name string) (entry Listed, ok bool) {
	for _, entry := range c.Servers() {
		if entry.Name == name {
			return entry, true
		}
	}
	return Listed{}, false
}

// Former are the entries as they were when the file was read.
func (c *Config) Former() []Listed { return c.former }

// Set makes valetkey's entry, or gives the one that is there what the server needs:
// what a person has added to it stays.
func (c *Config) Set(server Server) error {
	entry := c.shape.table(server)
	if there, ok := c.content.Get(c.path(Entry)...); ok {
		entry = c.shape.onto(there, entry)
	}
	return c.inFile(c.content.Set(entry, c.path(Entry)...))
}

// Remove takes an entry out of the list.
func (c *Config) Remove(name string) error {
	return c.inFile(c.content.Delete(c.path(name)...))
}

func (c *Config) path(name string) []string {
	return append(append([]string{}, c.servers...), name)
}

func (c *Config) inFile(err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w; it is left alone", c.File, err)
	}
	return nil
}
