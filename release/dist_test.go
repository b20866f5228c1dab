package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// dist is a folder that goreleaser has filled from a checkout around it.
type dist struct {
	path, version, tag string
}

// goreleased answers the folder to look at.
func goreleased(t *testing.T) dist {
	t.Helper()
	d := dist{path: os.Getenv("VALET_TEST_DIST")}
	if d.path == "" {
		t.Skip("VALET_TEST_DIST names no folder of goreleaser's; .ci/run makes one")
	}
	var metadata struct{ Version, Tag string }
	if err := json.Unmarshal([]byte(read(t, d.path, "metadata.json")), &metadata); err != nil {
		t.Fatal(err)
	}
	d.version, d.tag = metadata.Version, metadata.Tag
	return d
}

func systems() []string {
	return []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64"}
}

// archive answers the name of a system's archive, and its program's.
func (d dist) archive(system string) (name, program string) {
	if strings.HasPrefix(system, "windows") {
		return "valetkey_" + d.version + "_" + system + ".zip", "valetkey.exe"
	}
	return "valetkey_" + d.version + "_" + system + ".tar.gz", "valetkey"
}

// bill answers the name of the bill of a system's archive.
func (d dist) bill(system string) string {
	return "valetkey_" + d.version + "_" + system + ".cdx.json"
}

// open answers what an archive holds, and what the linker recorded in its program.
func (d dist) open(t *testing.T, system string) (map[string]packedFile, *debug.BuildInfo) {
	t.Helper()
	name, program := d.archive(system)
	files, err := unpack(name, []byte(read(t, d.path, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	info, err := buildinfo.Read(bytes.NewReader(files[program].content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return files, info
}

func (d dist) sum(t *testing.T, name string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(read(t, d.path, name)))
	return hex.EncodeToString(sum[:])
}

// TestDistArchives: six archives, each with all that is promised and nothing else,
// whose program is that system's, of this tag, and knows nothing of this machine.
func TestDistArchives(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	here, err := filepath.Abs(filepath.Dir(d.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range systems() {
		files, info := d.open(t, system)
		_, program := d.archive(system)
		want := []string{
			"LICENSE", "README.md", "completions/_valetkey", "completions/valetkey.bash", "completions/valetkey.fish",
			"completions/valetkey.ps1", "man/valetkey.1", program,
		}
		if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", system, got, want)
		}
		for name, file := range files {
			mode := os.FileMode(0o644)
			if name == program {
				mode = 0o755
			}
			if file.mode.Perm() != mode || len(file.content) == 0 {
				t.Errorf("%s: %s has %d bytes and mode %o, want %o", system, name, len(file.content), file.mode.Perm(), mode)
			}
		}
		if string(files["LICENSE"].content) != read(t, "..", "LICENSE") {
			t.Errorf("%s: LICENSE is another one", system)
		}
		if bytes.Contains(files[program].content, []byte(here)) {
			t.Errorf("%s names the folder it was built in", system)
		}
		settings := map[string]string{}
		for _, setting := range info.Settings {
			settings[setting.Key] = setting.Value
		}
		built := settings["GOOS"] + "_" + settings["GOARCH"] + " " + settings["CGO_ENABLED"] + settings["-trimpath"] + settings["vcs.modified"]
		if built != system+" 0truefalse" || info.Main.Version != d.tag {
			t.Errorf("%s holds %s %s", system, info.Main.Version, built)
		}
	}
}

// TestDistChecksums: every archive and every bill is listed, with its own sum.
func TestDistChecksums(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	var want []string
	for _, system := range systems() {
		name, _ := d.archive(system)
		for _, name := range []string{name, d.bill(system)} {
			want = append(want, d.sum(t, name)+"  "+name)
		}
	}
	slices.Sort(want)
	got := strings.Split(strings.TrimSpace(read(t, d.path, "checksums.txt")), "\n")
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("checksums.txt has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestDistBills: each archive has a bill, which is valid, is that of its program,
// and names the modules of it, all of them and no others.
func TestDistBills(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	check := []string{"../testdata/real/cyclonedx.mjs"}
	for _, system := range systems() {
		_, program := d.archive(system)
		files, info := d.open(t, system)
		var b bill
		if err := json.Unmarshal([]byte(read(t, d.path, d.bill(system))), &b); err != nil {
			t.Fatal(err)
		}
		want := []string{"std " + strings.TrimPrefix(info.GoVersion, "go")}
		for _, module := range info.Deps {
			want = append(want, module.Path+" "+module.Version)
		}
		var got []string
		for _, part := range b.Components {
			got = append(got, part.Name+" "+part.Version)
		}
		if len(want) < 10 || !slices.Equal(got, want) {
			t.Errorf("%s: the bill names %q, the program %q", system, got, want)
		}
		shipped, sum := b.Metadata.Component, sha256.Sum256(files[program].content)
		if shipped.Version != d.tag || len(shipped.Hashes) != 1 || shipped.Hashes[0].Content != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: the bill is of %s %v", system, shipped.Version, shipped.Hashes)
		}
		check = append(check, filepath.Join(d.path, d.bill(system)))
	}
	if output, err := exec.Command("node", check...).CombinedOutput(); err != nil {
		t.Errorf("CycloneDX: %v: %s", err, output)
	}
}

// TestDistManifests: Homebrew and winget are given the address and the sum of what
// is for their systems.
func TestDistManifests(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	cask := strings.ReplaceAll(read(t, d.path, "homebrew", "Casks", "valetkey.rb"), "#{version}", d.version)
	installers, err := filepath.Glob(filepath.Join(d.path, "winget/manifests/v/valetkey/valetkey", d.version, "*.installer.yaml"))
	if err != nil || len(installers) != 1 {
		t.Fatalf("%v, %v", installers, err)
	}
	winget := read(t, installers[0])
	for _, system := range systems() {
		name, _ := d.archive(system)
		address := "https://github.com/valetkey/valetkey/releases/download/" + d.tag + "/" + name
		manifest, want := cask, `url "`+address+`"\s+sha256 "`+d.sum(t, name)+`"`
		if strings.HasPrefix(system, "windows") {
			manifest, want = winget, `InstallerUrl: `+address+`\s+InstallerSha256: `+d.sum(t, name)+`\s`
		}
		if !regexp.MustCompile(want).MatchString(manifest) {
			t.Errorf("no %s in\n%s", want, manifest)
		}
	}
	for _, part := range []string{`manpage "man/valetkey.1"`, `zsh_completion "completions/_valetkey"`, `"{{staged_path}}/valetkey"`} {
		if !strings.Contains(cask, part) {
			t.Errorf("no %s in the cask", part)
		}
	}
}

// TestDistRuns: this system's program says its tag, and prints the completions that
// lie beside it.
func TestDistRuns(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	files, info := d.open(t, runtime.GOOS+"_"+runtime.GOARCH)
	path := filepath.Join(t.TempDir(), "valetkey")
	if err := os.WriteFile(path, files["valetkey"].content, 0o700); err != nil {
		t.Fatal(err)
	}
	want := "valetkey " + d.tag + " " + info.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH + " commit "
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			want += setting.Value
		}
	}
	if output, err := exec.Command(path, "version").Output(); err != nil || strings.Split(string(output), "\n")[0] != want {
		t.Errorf("it says %q, %v, want %q", output, err, want)
	}
	for _, shell := range shells() {
		output, err := exec.Command(path, "completion", shell.name).Output()
		if err != nil || !bytes.Equal(output, files["completions/"+shell.file].content) {
			t.Errorf("completion %s: %v, and %d bytes, of which other %d are packed", shell.name, err, len(output), len(files["completions/"+shell.file].content))
		}
	}
}

// TestDistCanBeBuiltAgain: the command in docs/releasing.md, in another folder, makes
// the same program, byte for byte. For linux it does so with nothing built before; for
// another system it may take what is built already, which saves most of a minute.
func TestDistCanBeBuiltAgain(t *testing.T) {
	t.Parallel()
	d := goreleased(t)
	command := regexp.MustCompile(`(?m)^CGO_ENABLED=0 .*go build .*$`).FindString(read(t, "../docs/releasing.md"))
	if command == "" {
		t.Fatal("docs/releasing.md has no command that builds it again")
	}
	elsewhere := filepath.Join(t.TempDir(), "another", "checkout")
	cold := "GOCACHE=" + filepath.Join(t.TempDir(), "cache")
	if output, err := exec.Command("git", "clone", "--quiet", filepath.Dir(d.path), elsewhere).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for system, cache := range map[string][]string{"linux_amd64": {cold}, "windows_arm64": nil} {
		files, _ := d.open(t, system)
		_, program := d.archive(system)
		goos, goarch, _ := strings.Cut(system, "_")
		build := exec.Command("sh", "-c", command)
		build.Dir = elsewhere
		build.Env = append(append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch), cache...)
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", system, err, output)
		}
		if again := sha256.Sum256([]byte(read(t, elsewhere, program))); again != sha256.Sum256(files[program].content) {
			t.Errorf("%s: the program that %q builds is another one", system, command)
		}
	}
}
