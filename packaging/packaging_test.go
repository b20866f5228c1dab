package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMistakes: what is asked for wrongly, or made of half a release, is refused
// with what to do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	whole := targets()
	for name, c := range map[string]struct {
		targets []target
		args    []string
		want    string
	}{
		"nothing":            {whole, nil, "say what to make: npm DIST OUT VERSION"},
		"something else":     {whole, []string{"deb", "DIST", "OUT", "v1.0.0"}, "say what to make"},
		"an argument short":  {whole, []string{"npm", "DIST", "OUT"}, "say what to make"},
		"no version":         {whole, []string{"npm", "DIST", "OUT", "latest"}, `"latest" is no version such as v1.2.3`},
		"no folder":          {whole, []string{"npm", "DIST/nowhere", "OUT", "v1.0.0"}, "artifacts.json"},
		"a target too few":   {whole[1:], []string{"npm", "DIST", "OUT", "v1.0.0"}, "artifacts.json has 0 programs for darwin/amd64, want 1"},
		"a target twice":     {append(whole, whole[5]), []string{"mcpb", "DIST", "OUT", "v1.0.0"}, "artifacts.json has 2 programs for windows/arm64, want 1"},
		"bundles of another": {whole, []string{"server", "DIST", "OUT", "v1.0.0"}, "has 0 bundles of 1.0.0, want 6; run: go run ./packaging mcpb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dist := goreleased(t, c.targets)
			args := slices.Clone(c.args)
			for i := range args {
				args[i] = strings.Replace(strings.Replace(args[i], "DIST", dist, 1), "OUT", filepath.Join(dist, "out"), 1)
			}
			if err := run(args, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
			if _, err := os.Stat(filepath.Join(dist, "out")); !os.IsNotExist(err) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

// goreleased is a folder as goreleaser leaves one, with stand-ins for programs.
func goreleased(t *testing.T, all []target) string {
	t.Helper()
	dist := t.TempDir()
	artifacts := []map[string]string{{"type": "Metadata", "path": "metadata.json"}, {"type": "Archive", "goos": "linux", "goarch": "amd64", "path": "valetkey.tar.gz"}}
	for _, a := range all {
		path := filepath.Join(dist, a.system+"_"+a.machine)
		if err := os.WriteFile(path, []byte("program for "+a.system+"/"+a.machine), 0o600); err != nil {
			t.Fatal(err)
		}
		artifacts = append(artifacts, map[string]string{"type": "Binary", "goos": a.system, "goarch": a.machine, "path": path})
	}
	text, err := json.Marshal(artifacts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dist, "artifacts.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dist
}

// TestServer: the registry's entry names the release's packages with what they
// hash to. The rules beside its schema are those of
// https://github.com/modelcontextprotocol/registry/blob/main/docs/modelcontextprotocol-io/package-types.mdx
func TestServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hashes := map[string]string{}
	for _, a := range targets() {
		name := fmt.Sprintf("valetkey_1.2.3_%s_%s.mcpb", a.system, a.machine)
		hashes["https://github.com/valetkey/valetkey/releases/download/v1.2.3/"+name] = fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run([]string{"server", dir, dir, "v1.2.3"}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	var entry struct {
		Name, Version string
		Packages      []struct {
			RegistryType, Identifier, Version, FileSHA256 string
			EnvironmentVariables                          []struct {
				Name     string
				IsSecret bool
			}
		}
	}
	read(t, filepath.Join(dir, "server.json"), &entry)
	if entry.Version != "1.2.3" || len(entry.Packages) != 7 {
		t.Errorf("version %s, %d packages", entry.Version, len(entry.Packages))
	}
	for i, p := range entry.Packages {
		if npm := i == 0; npm != (p.RegistryType == "npm" && p.Identifier == "valetkey" && p.FileSHA256 == "") {
			t.Errorf("package %d is %+v", i, p)
		} else if !npm && (p.RegistryType != "mcpb" || p.FileSHA256 == "" || p.FileSHA256 != hashes[p.Identifier]) {
			t.Errorf("package %d is %+v, want a bundle with the hash %q", i, p, hashes[p.Identifier])
		}
		if p.Version != "1.2.3" {
			t.Errorf("%s is of version %q", p.Identifier, p.Version)
		}
		for _, v := range p.EnvironmentVariables {
			if v.IsSecret != (v.Name == "GITHUB_TOKEN") {
				t.Errorf("%s: %s: secret %v", p.Identifier, v.Name, v.IsSecret)
			}
		}
	}
	var npm struct{ MCPName string }
	read(t, "npm/package.json", &npm)
	if npm.MCPName != entry.Name {
		t.Errorf("the npm package says it is %q, the registry would say %q", npm.MCPName, entry.Name)
	}
}

// TestSameSettings: bundle and registry ask for the same variables, and treat the
// same ones as secret.
func TestSameSettings(t *testing.T) {
	t.Parallel()
	var entry struct {
		Packages []struct {
			EnvironmentVariables []struct {
				Name     string
				IsSecret bool
			}
		}
	}
	read(t, "server.json", &entry)
	var bundle struct {
		Server struct {
			Config struct{ Env map[string]string } `json:"mcp_config"`
		}
		UserConfig map[string]struct{ Sensitive, Required bool } `json:"user_config"`
	}
	read(t, "mcpb/manifest.json", &bundle)
	variables := entry.Packages[0].EnvironmentVariables
	if len(variables) != len(bundle.Server.Config.Env) || len(variables) != len(bundle.UserConfig) {
		t.Errorf("%d variables in the registry, %d in the bundle, which asks for %d", len(variables), len(bundle.Server.Config.Env), len(bundle.UserConfig))
	}
	for _, v := range variables {
		key, isReference := strings.CutPrefix(strings.TrimSuffix(bundle.Server.Config.Env[v.Name], "}"), "${user_config.")
		asked, known := bundle.UserConfig[key]
		if !isReference || !known || asked.Sensitive != v.IsSecret || asked.Required {
			t.Errorf("%s is %q in the bundle, asked for as %+v", v.Name, bundle.Server.Config.Env[v.Name], asked)
		}
	}
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestWithoutTimes: a bundle is the same whenever it is packed, and with whatever
// umask, and its program can be run.
func TestWithoutTimes(t *testing.T) {
	t.Parallel()
	var first []byte
	for i, c := range []struct {
		packed time.Time
		mode   os.FileMode
	}{{time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), 0o600}, {time.Date(2027, 2, 3, 4, 5, 8, 0, time.UTC), 0o777}} {
		path := filepath.Join(t.TempDir(), "bundle")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		packed := zip.NewWriter(file)
		for _, name := range []string{"manifest.json", "server/valetkey"} {
			header := &zip.FileHeader{Name: name, Modified: c.packed}
			header.SetMode(c.mode)
			to, err := packed.CreateHeader(header)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(to, "content of "+name)
		}
		if err := packed.Close(); err != nil {
			t.Fatal(err)
		}
		file.Close()
		text, err := withoutTimes(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = text
		} else if !bytes.Equal(first, text) {
			t.Error("two bundles of the same files differ")
		}
	}
	bundle, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range bundle.File {
		if want := map[string]os.FileMode{"manifest.json": 0o644, "server/valetkey": 0o755}[f.Name]; f.Mode() != want {
			t.Errorf("%s has mode %v, want %v", f.Name, f.Mode(), want)
		}
	}
}

// TestIcon: the picture is of the kind and size that server.json says.
func TestIcon(t *testing.T) {
	t.Parallel()
	drawn, err := png.DecodeConfig(bytes.NewReader(icon))
	if err != nil || drawn.Width != 512 || drawn.Height != 512 {
		t.Errorf("it is of %d×%d, %v, want a PNG of 512×512", drawn.Width, drawn.Height, err)
	}
}
