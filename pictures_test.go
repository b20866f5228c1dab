package main

import (
	"context"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestPictures: every picture is shown on a page, with words for those who don't see
// it, and is small; one that is drawn loads nothing and runs nothing.
func TestPictures(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	image := regexp.MustCompile(`!\[([^\]]*)\]\(([^)]*)\)`)
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range image.FindAllStringSubmatch(string(text), -1) {
			shown[filepath.Join(filepath.Dir(page), filepath.FromSlash(found[2]))] = found[1]
		}
	}
	pictures, err := filepath.Glob("docs/pictures/*")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	for _, picture := range pictures {
		t.Run(filepath.Base(picture), func(t *testing.T) {
			t.Parallel()
			if words := shown[picture]; len(words) < 30 {
				t.Errorf("the words for it are %q, on any page", words)
			}
			expectPicture(t, picture)
		})
	}
}

func expectPicture(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	most := int64(60_000)
	switch filepath.Ext(path) {
	case ".png":
		_, err = png.Decode(file)
	case ".svg":
		most = 100_000
		err = harmless(file)
	default:
		t.Error("it is neither SVG nor PNG")
	}
	if err != nil {
		t.Error(err)
	}
	if info.Size() > most {
		t.Errorf("it has %d bytes, want %d at most", info.Size(), most)
	}
}

// harmless says what is wrong with an SVG. It has to be one that GitHub shows as an
// image and people can hear: https://www.w3.org/TR/SVG2/conform.html#secure-animated-mode
func harmless(svg io.Reader) error {
	allowed := map[string]bool{"svg": true, "title": true, "desc": true, "style": true, "rect": true, "g": true, "text": true}
	outside := regexp.MustCompile(`(?i)url\(|@import|@font-face|javascript:`)
	seen := map[string]int{}
	style := ""
	for decoder := xml.NewDecoder(svg); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			seen[token.Name.Local]++
			if !allowed[token.Name.Local] {
				return errors.New("it has an element " + token.Name.Local)
			}
			for _, attribute := range token.Attr {
				name := strings.ToLower(attribute.Name.Local)
				if name == "href" || name == "src" || strings.HasPrefix(name, "on") || outside.MatchString(attribute.Value) {
					return errors.New("it has an attribute " + name + " of " + attribute.Value)
				}
			}
		case xml.CharData:
			style += string(token)
		case xml.ProcInst, xml.Directive:
			return errors.New("it has an instruction for a reader")
		}
	}
	if seen["title"] != 1 || seen["desc"] != 1 || seen["text"] == 0 {
		return errors.New("it has no title, no description or no text")
	}
	if !strings.Contains(style, "prefers-reduced-motion") || outside.MatchString(style) {
		return errors.New("its style moves for those who want no motion, or loads something")
	}
	return nil
}

// TestPicturesAreMade: the command that makes the pictures makes one.
func TestPicturesAreMade(t *testing.T) {
	t.Parallel()
	if os.Getenv(realVariable) != "1" || runtime.GOOS != "linux" {
		t.Skip("it needs Linux, Node.js, a keyring and npm ci --prefix pictures; .ci/run installs them and sets VALET_TEST_REAL=1")
	}
	if _, err := os.Stat("pictures/node_modules"); err != nil {
		t.Skip("the pictures' tools aren't installed; run: npm ci --prefix pictures")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	folder := t.TempDir()
	command := exec.CommandContext(ctx, "pictures/make", "demo")
	command.Env = append(os.Environ(), "VALET_PICTURES="+folder)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	picture := filepath.Join(folder, "demo.svg")
	expectPicture(t, picture)
	drawn, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"valetkey demo --approve", "@mona-example", "revoked and removed", "animation-delay"} {
		if !strings.Contains(string(drawn), part) {
			t.Errorf("it doesn't show %q", part)
		}
	}
}
