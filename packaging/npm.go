package main

import (
	_ "embed"
	"fmt"
	"path/filepath"
)

//go:embed npm/package.json
var npmPackage []byte

//go:embed npm/platform.json
var npmPlatform []byte

//go:embed npm/valetkey.js
var npmWrapper []byte

//go:embed npm/README.md
var npmReadme []byte

// makeNPM writes a folder for each npm package: one a target, which holds its
// program, and one that picks among them. The first have to be published first.
// https://docs.npmjs.com/cli/configuring-npm/package-json
func makeNPM(programs []program, license []byte, out, version string) error {
	choice := map[string]string{}
	for _, p := range programs {
		short := p.platform + "-" + p.cpu
		choice["@valetkey/"+short] = version
		description := fmt.Sprintf("The program of the package valetkey for %s on %s. Install valetkey instead.", p.platform, p.cpu)
		document, err := filled(npmPlatform, map[string]any{
			"name": "@valetkey/" + short, "version": version, "description": description,
			"os": []string{p.platform}, "cpu": []string{p.cpu},
		})
		if err != nil {
			return err
		}
		if err := lay(filepath.Join(out, short), []content{
			{"package.json", document, false}, {"LICENSE", license, false}, {"README.md", []byte(description + "\n"), false},
			{"bin/" + p.file(), p.bytes, true},
		}); err != nil {
			return err
		}
	}
	document, err := filled(npmPackage, map[string]any{"version": version, "optionalDependencies": choice})
	if err != nil {
		return err
	}
	return lay(filepath.Join(out, "valetkey"), []content{
		{"package.json", document, false}, {"LICENSE", license, false}, {"README.md", npmReadme, false},
		{"bin/valetkey.js", npmWrapper, true},
	})
}
