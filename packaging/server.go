package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed server.json
var server []byte

// releases is where the bundles of a release are downloaded from, below its tag.
// The registry takes addresses of this form alone.
// https://github.com/modelcontextprotocol/registry/blob/main/docs/modelcontextprotocol-io/package-types.mdx
const releases = "https://github.com/valetkey/valetkey/releases/download/"

// makeServer writes the entry in the MCP registry: the committed one with the
// version, and a package for each bundle, with its SHA-256.
func makeServer(bundles, out, version string) error {
	var entry struct{ Packages []map[string]any }
	if err := json.Unmarshal(server, &entry); err != nil {
		return err
	}
	var packages []map[string]any
	for _, p := range entry.Packages {
		p["version"] = version
		packages = append(packages, p)
	}
	paths, err := filepath.Glob(filepath.Join(bundles, "valetkey_"+version+"_*.mcpb"))
	if err != nil {
		return err
	}
	if len(paths) != len(targets()) {
		return fmt.Errorf("%s has %d bundles of %s, want %d; run: go run ./packaging mcpb", bundles, len(paths), version, len(targets()))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		packages = append(packages, map[string]any{
			"registryType": "mcpb", "identifier": releases + "v" + version + "/" + filepath.Base(path), "version": version,
			"fileSha256": fmt.Sprintf("%x", sha256.Sum256(text)), "transport": map[string]string{"type": "stdio"},
			"environmentVariables": packages[0]["environmentVariables"],
		})
	}
	text, err := filled(server, map[string]any{"version": version, "packages": packages})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "server.json"), text, 0o644)
}
