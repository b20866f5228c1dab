package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// describedBy is the module that holds the schema of the MCP registry's entries,
// and the version that .ci/run downloads. It is none that this module needs.
const describedBy = "github.com/modelcontextprotocol/registry@v1.8.7"

// TestBundles: each is for one system, and what a host unpacks of this system's
// starts the way the host reads the manifest, whatever a person has filled in.
func TestBundles(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	dir := t.TempDir()
	mcpb := part(t, ".bin", "mcpb")
	env := append(os.Environ(), "PATH="+filepath.Dir(mcpb)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	output(t, ".", env, "go", "run", "./packaging", "mcpb", goreleased(t), dir, installedVersion)
	version := strings.TrimPrefix(installedVersion, "v")
	for _, c := range []struct{ target, platform, program string }{
		{"darwin_amd64", "darwin", "server/valetkey"}, {"darwin_arm64", "darwin", "server/valetkey"},
		{"linux_amd64", "linux", "server/valetkey"}, {"linux_arm64", "linux", "server/valetkey"},
		{"windows_amd64", "win32", "server/valetkey.exe"}, {"windows_arm64", "win32", "server/valetkey.exe"},
	} {
		path := filepath.Join(dir, fmt.Sprintf("valetkey_%s_%s.mcpb", version, c.target))
		expectBundle(t, path, c.platform, c.program, version)
		if c.target == runtime.GOOS+"_"+runtime.GOARCH {
			unpacked := filepath.Join(dir, "unpacked")
			output(t, ".", env, mcpb, "unpack", path, unpacked)
			output(t, ".", env, mcpb, "validate", filepath.Join(unpacked, "manifest.json"))
			t.Run("started", func(t *testing.T) { testBundleStarts(t, unpacked) })
		}
	}
}

// expectBundle holds a bundle against
// https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md
func expectBundle(t *testing.T, path, platform, program, version string) {
	t.Helper()
	bundle, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	modes := map[string]os.FileMode{}
	for _, f := range bundle.File {
		modes[f.Name] = f.Mode()
	}
	if len(modes) != 4 || modes[program] != 0o755 || modes["icon.png"] == 0 || modes["LICENSE"] == 0 {
		t.Errorf("%s holds %v", path, modes)
	}
	file, err := bundle.Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var manifest struct {
		Version       string
		Compatibility struct{ Platforms []string }
		Server        struct {
			Entry  string                   `json:"entry_point"`
			Config struct{ Command string } `json:"mcp_config"`
		}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Version != version || fmt.Sprint(manifest.Compatibility.Platforms) != "["+platform+"]" ||
		manifest.Server.Entry != program || manifest.Server.Config.Command != "${__dirname}/"+program {
		t.Errorf("%s: %+v", path, manifest)
	}
}

func testBundleStarts(t *testing.T, unpacked string) {
	p := startPractice(t)
	stripped := environment(t.TempDir(), "GITHUB_HOST="+p.URL(), "VALET_BROWSER=never", "VALET_STORE=memory")
	const key = "example-token-of-a-bundle"
	for settings, want := range map[string]string{
		"{}":      "set GITHUB_CLIENT_ID",
		"literal": "set GITHUB_CLIENT_ID",
		fmt.Sprintf(`{"github_client_id":%q}`, sandbox.ClientID): p.URL() + "/login/device",
		fmt.Sprintf(`{"github_token":%q}`, key):                  "",
		`{"services":"gitlab"}`:                                  "",
	} {
		var config struct {
			Command string
			Args    []string
			Env     map[string]string
		}
		command := exec.Command(node(t), filepath.Join(realParts, "bundle.mjs"), unpacked, settings)
		text, err := command.Output()
		if err != nil || json.Unmarshal(text, &config) != nil || len(config.Args) != 0 {
			t.Fatalf("%v: %s", err, text)
		}
		env := stripped
		for name, value := range config.Env {
			env = with(env, name+"="+value)
		}
		if tools := listed(t, config.Command, env); strings.Contains(tools, "gitlab_api") != strings.Contains(settings, "gitlab") {
			t.Errorf("%s: the tools are %s", settings, tools)
		}
		if strings.Contains(settings, "gitlab") {
			continue
		}
		s := serveProgram(t, config.Command, env)
		s.initialize()
		if text, _ := s.call("github_whoami", "{}"); !strings.Contains(text, want) {
			t.Errorf("%s: want %q, got %q", settings, want, text)
		}
		s.end()
	}
	var sent bool
	for _, r := range p.Requests() {
		sent = sent || r.Header.Get("Authorization") == "Bearer "+key
	}
	if !sent {
		t.Error("the token of the settings was never sent")
	}
}

// TestRegistryEntry: the entry in the MCP registry, as it is committed and as it is
// made for a release, is what the registry's schema describes.
func TestRegistryEntry(t *testing.T) {
	t.Parallel()
	needReal(t, "node")
	dir := t.TempDir()
	for _, target := range []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"} {
		if err := os.WriteFile(filepath.Join(dir, "valetkey_0.1.0_"+target+".mcpb"), []byte(target), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output(t, ".", os.Environ(), "go", "run", "./packaging", "server", dir, dir, installedVersion)
	download := exec.Command("go", "mod", "download", "-json", describedBy)
	download.Dir = os.TempDir()
	text, err := download.Output()
	var downloaded struct{ Dir string }
	if err != nil || json.Unmarshal(text, &downloaded) != nil {
		t.Fatalf("downloading %s: %v: %s", describedBy, err, text)
	}
	schema := filepath.Join(downloaded.Dir, "internal", "validators", "schemas", "2025-12-11.json")
	for _, entry := range []string{"packaging/server.json", filepath.Join(dir, "server.json")} {
		output(t, ".", os.Environ(), node(t), filepath.Join(realParts, "valid.mjs"), schema, entry)
	}
}
