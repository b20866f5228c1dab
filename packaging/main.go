// Command packaging makes what is published of a release out of its programs: npm
// packages, MCP bundles for Claude Desktop and others, the entry in the MCP
// registry, and links that install with one click.
//
//	go run ./packaging npm DIST OUT VERSION
//	go run ./packaging mcpb DIST OUT VERSION
//	go run ./packaging server BUNDLES OUT VERSION
//	go run ./packaging links
//
// It is run in the root of the repository. DIST is a folder of goreleaser's, of
// which it reads artifacts.json; BUNDLES is what mcpb has written. It knows nothing
// of how programs are built, and publishes nothing. docs/packages.md says how the
// parts follow each other.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	makers := map[string]func(from, to, version string) error{"npm": ofPrograms(makeNPM), "mcpb": ofPrograms(makeBundles), "server": makeServer}
	switch {
	case len(args) == 4 && makers[args[0]] != nil:
		version, err := released(args[3])
		if err != nil {
			return err
		}
		return makers[args[0]](args[1], args[2], version)
	case len(args) == 1 && args[0] == "links":
		return printLinks(out)
	}
	return errors.New("say what to make: npm DIST OUT VERSION, mcpb DIST OUT VERSION, server BUNDLES OUT VERSION, or links")
}

// ofPrograms answers what makes packages out of a folder of goreleaser's and the
// license that lies in each of them.
func ofPrograms(make func(programs []program, license []byte, out, version string) error) func(dist, out, version string) error {
	return func(dist, out, version string) error {
		programs, err := built(dist)
		if err != nil {
			return err
		}
		license, err := os.ReadFile("LICENSE")
		if err != nil {
			return err
		}
		return make(programs, license, out, version)
	}
}

// released answers a version as packages name it, without the tag's v.
// https://semver.org
func released(tag string) (string, error) {
	if !regexp.MustCompile(`^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(tag) {
		return "", fmt.Errorf("%q is no version such as v1.2.3", tag)
	}
	return strings.TrimPrefix(tag, "v"), nil
}

// filled answers a JSON document with other values in some of its fields.
func filled(document []byte, fields map[string]any) ([]byte, error) {
	var whole map[string]any
	if err := json.Unmarshal(document, &whole); err != nil {
		return nil, err
	}
	maps.Copy(whole, fields)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(whole)
	return text.Bytes(), err
}

// content is what lies in a file.
type content struct {
	name    string
	bytes   []byte
	program bool
}

// lay writes files into a folder that isn't there yet.
func lay(folder string, files []content) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("%w; remove it first", err)
	}
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if f.program {
			mode = 0o755
		}
		if err := os.WriteFile(path, f.bytes, mode); err != nil {
			return err
		}
	}
	return nil
}
