package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// The part of CycloneDX 1.6 that a Go program's own record can fill truthfully.
// https://cyclonedx.org/docs/1.6/json/
type bill struct {
	Schema      string      `json:"$schema"`
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	// Timestamp is the commit's, so that the same program has the same bill.
	Timestamp string    `json:"timestamp,omitempty"`
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Reference  string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PackageURL string     `json:"purl"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Licenses   []license  `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type license struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// writeBill writes what a program is made of: the modules that the Go linker
// recorded in it, and the standard library.
func writeBill(program, file string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	text, err := json.MarshalIndent(billOf(info, sha256.Sum256(content)), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// billOf answers the bill of a program of that SHA-256.
func billOf(info *debug.BuildInfo, sum [sha256.Size]byte) bill {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	shipped := module("application", info.Main.Path, info.Main.Version)
	shipped.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum[:])}}
	shipped.Licenses = make([]license, 1)
	shipped.Licenses[0].License.ID = "MIT"
	for _, name := range []string{"GOOS", "GOARCH", "vcs.revision"} {
		shipped.Properties = append(shipped.Properties, property{"go:" + name, settings[name]})
	}
	library := module("library", "std", strings.TrimPrefix(info.GoVersion, "go"))
	components := []component{library}
	for _, dependency := range info.Deps {
		part := module("library", dependency.Path, dependency.Version)
		// What go.sum holds. It is the hash of a list of hashes, not of a file.
		part.Properties = []property{{"go:sum", dependency.Sum}}
		components = append(components, part)
	}
	return bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata:   metadata{Timestamp: settings["vcs.time"], Component: shipped},
		Components: components,
	}
}

// module answers a component with its package URL, of which an upper-case letter
// is no part (https://github.com/package-url/purl-spec, type golang).
func module(kind, name, version string) component {
	address := "pkg:golang/" + strings.ToLower(name) + "@" + strings.ReplaceAll(version, "+", "%2B")
	return component{Type: kind, Reference: address, Name: name, Version: version, PackageURL: address}
}
