package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/cli"
)

// writePages writes the manual page and the completions of four shells into a
// directory, each under the name that its shell looks for. The version and the
// date, as 2006-01-02, stand in the manual's margin.
func writePages(directory, version, date string) error {
	root := cli.Command()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return fmt.Errorf("%w; run it at the top of the repository", err)
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	page, err := manual(root, string(readme), version, date)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, "valetkey.1"), []byte(page), 0o644); err != nil {
		return err
	}
	for _, shell := range shells() {
		var script bytes.Buffer
		if err := shell.generate(root, &script); err != nil {
			return fmt.Errorf("%s: %w", shell.file, err)
		}
		if err := os.WriteFile(filepath.Join(directory, shell.file), script.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// shell is a shell whose completions are shipped, as `valetkey completion` prints
// them.
type shell struct {
	name, file string
	generate   func(*cobra.Command, *bytes.Buffer) error
}

func shells() []shell {
	return []shell{
		{"bash", "valetkey.bash", func(c *cobra.Command, w *bytes.Buffer) error { return c.GenBashCompletionV2(w, true) }},
		{"zsh", "_valetkey", func(c *cobra.Command, w *bytes.Buffer) error { return c.GenZshCompletion(w) }},
		{"fish", "valetkey.fish", func(c *cobra.Command, w *bytes.Buffer) error { return c.GenFishCompletion(w, true) }},
		{"powershell", "valetkey.ps1", func(c *cobra.Command, w *bytes.Buffer) error { return c.GenPowerShellCompletionWithDesc(w) }},
	}
}
