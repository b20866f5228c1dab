package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/valetkey/valetkey"

// arrows says what a package may import beside the standard library: packages of
// ours, and the libraries of others.
func arrows() map[string][]string {
	return map[string][]string{
		"": {"cli"},
		"cli": {
			"stdio", "trace", "tools", "tools/github", "tools/services", "jq", "sandbox", "hosts", "credentials", "oauth", "policy", "gate", "audit",
			"github.com/mark3labs/mcp-go", "github.com/spf13/cobra", "github.com/kelseyhightower/envconfig",
			"github.com/cli/browser", "github.com/atotto/clipboard", "golang.org/x/term", "rsc.io/qr",
		},
		"hosts": {"hosts/document"},
		"tools/github": {
			"tools", "tools/rest", "policy", "credentials", "oauth",
			"github.com/google/go-github", "golang.org/x/oauth2", "golang.org/x/sync",
		},
		"tools/calendar":  {"tools/rest"},
		"tools/google":    {"tools", "tools/rest", "tools/calendar", "policy"},
		"tools/microsoft": {"tools", "tools/rest", "tools/calendar", "policy"},
		"tools/rest":      {"tools", "gate", "jq", "credentials"},
		"tools/services":  {"tools", "tools/rest", "tools/google", "tools/microsoft", "credentials", "oauth", "golang.org/x/oauth2"},
		"tools":           {"policy", "gate", "audit", "credentials", "trace", "github.com/mark3labs/mcp-go", "github.com/google/jsonschema-go"},
		"credentials": {
			"deviceflow", "loopback", "oauth", "trace", "golang.org/x/oauth2", "golang.org/x/sync",
			"github.com/kelseyhightower/envconfig", "github.com/zalando/go-keyring", "github.com/godbus/dbus", "github.com/gofrs/flock", "filippo.io/age",
		},
		"audit":      {"github.com/gofrs/flock", "github.com/DeRuina/timberjack"},
		"policy":     {},
		"trace":      {"oauth", "go.opentelemetry.io/otel", "google.golang.org/protobuf"},
		"gate":       {"policy"},
		"deviceflow": {"oauth"},
		"loopback":   {"oauth", "golang.org/x/oauth2"},
		"oauth":      {"golang.org/x/oauth2"},
		"jq":         {"github.com/itchyny/gojq"},
		"stdio":      {"github.com/mark3labs/mcp-go", "golang.org/x/sys"},
		"hosts/document": {
			"github.com/tailscale/hujson", "github.com/pelletier/go-toml/v2", "go.yaml.in/yaml/v3",
		},
		"sandbox":       {},
		"sandbox/model": {},
		"bench":         {"oauth"},
		"release":       {"cli", "github.com/spf13/cobra"},
		"packaging":     {},
	}
}

// TestArrows: imports run one way on every system, and a library that belongs
// to one package stays there.
func TestArrows(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "windows"} {
		packages := imports(t, system)
		if len(packages) != len(arrows()) {
			t.Errorf("%s: %d packages, want %d", system, len(packages), len(arrows()))
		}
		for name, imported := range packages {
			allowed, known := arrows()[name]
			if !known {
				t.Errorf("package %q has no arrows; say what it may import", name)
			}
			for _, path := range imported {
				if !slices.ContainsFunc(allowed, func(a string) bool { return path == a || strings.Contains(a, ".") && strings.HasPrefix(path, a+"/") }) {
					t.Errorf("%s: package %q imports %s", system, name, path)
				}
			}
		}
	}
}

// imports answers what each of our packages imports on a system, without the
// standard library. Ours are named by their folder.
func imports(t *testing.T, system string) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Env = append(os.Environ(), "GOOS="+system)
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := folder(p.ImportPath)
		packages[name] = nil
		for _, path := range p.Imports {
			if strings.Contains(strings.Split(path, "/")[0], ".") {
				packages[name] = append(packages[name], folder(path))
			}
		}
	}
	return packages
}

func folder(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// TestOnlyMainAndCLITouchStdout: everything else is given its streams, so that
// nothing but the protocol can get to stdout.
func TestOnlyMainAndCLITouchStdout(t *testing.T) {
	t.Parallel()
	printing := regexp.MustCompile(`^(Print|Printf|Println)$`)
	eachFile(t, func(path string, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		ast.Inspect(file, func(n ast.Node) bool {
			use, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := use.X.(*ast.Ident)
			if !ok {
				return true
			}
			if from.Name == "fmt" && printing.MatchString(use.Sel.Name) || from.Name == "log" && printing.MatchString(use.Sel.Name) {
				t.Errorf("%s uses %s.%s", path, from.Name, use.Sel.Name)
			}
			if from.Name == "os" && use.Sel.Name == "Stdout" && dir != "." && dir != "cli" && dir != "stdio" && dir != "bench" && dir != "packaging" {
				t.Errorf("%s uses os.Stdout", path)
			}
			return true
		})
	})
}

// TestOneWayOut: whatever is asked of a server goes through [oauth.Network],
// with its limits, proxy and roots. The sandbox plays a person's browser.
func TestOneWayOut(t *testing.T) {
	t.Parallel()
	own := regexp.MustCompile(`^(http\.(Transport|DefaultTransport|DefaultClient|Get|Head|Post|PostForm)|net\.(Dial|DialTimeout|Dialer)|tls\.(Dial|Dialer|Config))$`)
	var inside int
	eachFile(t, func(path string, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		ast.Inspect(file, func(n ast.Node) bool {
			use, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := use.X.(*ast.Ident)
			switch {
			case !ok || !own.MatchString(from.Name+"."+use.Sel.Name):
			case dir == "oauth":
				inside++
			case dir != "sandbox":
				t.Errorf("%s uses %s.%s", path, from.Name, use.Sel.Name)
			}
			return true
		})
	})
	if inside == 0 {
		t.Error("nothing was found in package oauth either")
	}
}

// TestPackageDocs: every package says what it is for.
func TestPackageDocs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	eachFile(t, func(path string, file *ast.File) {
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil
	})
	for dir, has := range documented {
		if !has {
			t.Errorf("package %s has no doc", dir)
		}
	}
}

// eachFile parses every Go file that isn't a test.
func eachFile(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(path, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadme: it is short, and it and the page of variables name what exists.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	variables, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(readme)
	if lines := strings.Count(text, "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, want 150 at most", lines)
	}
	names := []string{"go run . demo", "go test ./...", "config.example.json"}
	eachFile(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if ok && literal.Kind == token.STRING {
				names = append(names, regexp.MustCompile(`\b(GITHUB|VALET)_[A-Z_]*[A-Z]\b`).FindAllString(literal.Value, -1)...)
			}
			return true
		})
	})
	for _, suffix := range []string{"TOKEN_FILE", "TOKEN_COMMAND", "CLIENT_ID", "CLIENT_SECRET", "SCOPES", "ACCOUNT", "HOST"} {
		names = append(names, "GITHUB_"+suffix)
	}
	for _, name := range names {
		if !strings.Contains(text+string(variables), name) {
			t.Errorf("neither README.md nor docs/configuration.md names %s", name)
		}
	}
	for _, dependency := range directDependencies(t) {
		if !strings.Contains(text, "pkg.go.dev/"+dependency) && !strings.Contains(text, "https://"+regexp.MustCompile(`/v\d+$`).ReplaceAllString(dependency, "")) {
			t.Errorf("README.md doesn't say what %s is for", dependency)
		}
	}
}

// TestLinks: what a page links to in this repository is there.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in docs: %v", err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range append(pages, "README.md", "SECURITY.md", "CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func directDependencies(t *testing.T) []string {
	t.Helper()
	file, err := os.Open("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") {
			all = append(all, fields[0])
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d direct dependencies found in go.mod", len(all))
	}
	return all
}

// TestExampleConfig: what a person pastes is valid, starts this program and
// names variables that exist.
func TestExampleConfig(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("config.example.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Servers map[string]struct {
			Command string            `json:"command"`
			Args    []string          `json:"args"`
			Env     map[string]string `json:"env"`
		} `json:"mcpServers"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		t.Fatal(err)
	}
	server, ok := config.Servers["valetkey"]
	if !ok || server.Command != "valetkey" || len(server.Args) != 0 {
		t.Errorf("the server is %+v", config.Servers)
	}
	desktop := strings.NewReplacer("COMMAND", "valetkey", "example-client", "").Replace(hostFiles()[0].after)
	if desktop != string(text) {
		t.Errorf("install writes another entry than config.example.json has:\n%s", desktop)
	}
	variables, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range server.Env {
		if !strings.Contains(string(variables), "`"+name+"`") {
			t.Errorf("docs/configuration.md doesn't explain %s", name)
		}
	}
}
