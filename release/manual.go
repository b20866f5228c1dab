package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// manual answers valetkey(1) in the man macros, one page for all commands. What
// the commands can't say, the exit codes and the variables, comes from the README.
func manual(root *cobra.Command, readme, version, date string) (string, error) {
	codes := regexp.MustCompile(`(?m)^Exit codes: .+$`).FindString(readme)
	variables := regexp.MustCompile("(?m)^\\| (`[A-Z].*) \\| (.+) \\|$").FindAllStringSubmatch(readme, -1)
	if codes == "" || len(variables) == 0 {
		return "", errors.New("README.md has no line of exit codes, or no table of variables")
	}
	var page strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	write(".TH VALETKEY 1 %q %q %q", date, "valetkey "+version, "valetkey")
	write(".SH NAME\nvaletkey \\- %s", roff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	write(".SH SYNOPSIS\n.B valetkey\n[\\fIcommand\\fR] [\\fIflags\\fR]")
	write(".SH DESCRIPTION\n%s", paragraphs(root.Long))
	write(".SH COMMANDS")
	for _, command := range visible(root) {
		write("%s", section(command))
	}
	write(".SH OPTIONS OF ALL COMMANDS\n%s", verbatim(root.PersistentFlags().FlagUsagesWrapped(72)))
	write(".SH EXAMPLES\n%s", verbatim(root.Example))
	write(".SH EXIT STATUS\n%s", roff(codes))
	write(".SH ENVIRONMENT")
	for _, variable := range variables {
		write(".TP\n%s\n%s", marked(variable[1]), marked(variable[2]))
	}
	write(".SH SEE ALSO\nhttps://github.com/valetkey/valetkey")
	return page.String(), nil
}

// visible answers the commands under one that a person is shown, in their order.
func visible(parent *cobra.Command) []*cobra.Command {
	var commands []*cobra.Command
	for _, command := range parent.Commands() {
		if command.IsAvailableCommand() {
			commands = append(commands, command)
		}
	}
	return commands
}

func section(command *cobra.Command) string {
	text := command.Long
	if text == "" {
		text = command.Short + "."
	}
	parts := []string{`.SS "` + roff(command.UseLine()) + `"`, paragraphs(text)}
	if usages := command.NonInheritedFlags().FlagUsagesWrapped(72); usages != "" {
		parts = append(parts, verbatim(usages))
	}
	if command.Example != "" {
		parts = append(parts, verbatim(command.Example))
	}
	return strings.Join(parts, "\n")
}

// paragraphs answers text that is filled, but for the lines between paragraphs.
func paragraphs(text string) string {
	return strings.ReplaceAll(roff(strings.TrimSpace(text)), "\n\n", "\n.PP\n")
}

// verbatim answers text whose lines and columns stay as they are.
func verbatim(text string) string {
	return ".PP\n.nf\n" + roff(strings.Trim(text, "\n")) + "\n.fi"
}

// marked answers a cell of a table, whose code is set in bold and whose links are
// only their words.
func marked(cell string) string {
	cell = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(cell, "$1")
	return regexp.MustCompile("`([^`]*)`").ReplaceAllString(roff(cell), `\fB$1\fR`)
}

// roff escapes what means something to troff: the backslash, a hyphen that is to
// stay one, and a control character that begins a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	return regexp.MustCompile(`(?m)^([.'])`).ReplaceAllString(text, `\&$1`)
}
