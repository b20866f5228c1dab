package main

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed mcpb/manifest.json
var manifest []byte

//go:embed icon.png
var icon []byte

// makeBundles writes an MCP bundle for each target. A bundle can name systems but
// no machine (https://github.com/modelcontextprotocol/mcpb/issues/10), so that the
// file's name has to. mcpb of the npm package @anthropic-ai/mcpb, on PATH,
// validates and packs them.
// https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md
func makeBundles(programs []program, license []byte, out, version string) error {
	scratch, err := os.MkdirTemp("", "valetkey-bundles-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	for _, p := range programs {
		text := bytes.ReplaceAll(manifest, []byte("server/valetkey"), []byte("server/"+p.file()))
		document, err := filled(text, map[string]any{"version": version, "compatibility": map[string]any{"platforms": []string{p.platform}}})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("valetkey_%s_%s_%s", version, p.system, p.machine)
		folder := filepath.Join(scratch, name)
		if err := lay(folder, []content{
			{"manifest.json", document, false}, {"icon.png", icon, false}, {"LICENSE", license, false},
			{"server/" + p.file(), p.bytes, true},
		}); err != nil {
			return err
		}
		if err := pack(folder, filepath.Join(out, name+".mcpb")); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// pack makes a bundle of a folder.
func pack(folder, bundle string) error {
	packed := folder + ".mcpb"
	if said, err := exec.Command("mcpb", "pack", folder, packed).CombinedOutput(); err != nil {
		return fmt.Errorf("mcpb pack: %w\n%s", err, said)
	}
	timeless, err := withoutTimes(packed)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(bundle), 0o755); err != nil {
		return err
	}
	return os.WriteFile(bundle, timeless, 0o644)
}

// withoutTimes answers a bundle that depends on nothing but what is in it. mcpb
// writes into it when it was packed, and the modes of its files.
func withoutTimes(path string) ([]byte, error) {
	packed, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	var text bytes.Buffer
	again := zip.NewWriter(&text)
	for _, f := range packed.File {
		header := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		header.SetMode(0o644)
		if strings.HasPrefix(f.Name, "server/") {
			header.SetMode(0o755)
		}
		to, err := again.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		from, err := f.Open()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(to, from)
		from.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := again.Close(); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}
