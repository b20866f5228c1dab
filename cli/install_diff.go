package cli

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/valetkey/valetkey/hosts"
)

// hidden stands for what is nobody's business on a screen.
const hidden = "…"

// differences are a file's change as people read it. Of what others have written
// there, no value is shown that may be a secret, and around the change only names.
func differences(config *hosts.Config) string {
	text := udiff.Unified(config.File, config.File, string(config.Before()), string(config.After()))
	masked := strings.NewReplacer(delicate(config.Former())...)
	var lines []string
	for n, line := range strings.Split(strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\r", ""), "\n") {
		switch {
		case n < 2 || strings.HasPrefix(line, "@@"):
		case strings.HasPrefix(line, " "):
			line = nameOnly(line)
		default:
			line = shortened(masked.Replace(line))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// delicate are the values in entries that may be secrets, each before what is shown
// in its place: as they are, and as JSON has them.
func delicate(entries []hosts.Listed) []string {
	var values []string
	for _, entry := range entries {
		for _, text := range entry.Texts {
			if !mayBeSecret(entry, text) {
				continue
			}
			quoted, _ := json.Marshal(text.Value)
			values = append(values, text.Value, hidden, strings.Trim(string(quoted), `"`), hidden)
		}
	}
	return values
}

// mayBeSecret reports whether a text may be one: of valetkey's own entry, by the
// name of its variable; of others', what a server is given by name, such as
// variables and headers, and what looks random.
func mayBeSecret(entry hosts.Listed, text hosts.Text) bool {
	const least = 4
	name := text.Path[len(text.Path)-1]
	_, isItem := strconv.Atoi(name)
	switch {
	case len(text.Value) < least:
		return false
	case entry.Name == hosts.Entry:
		return regexp.MustCompile("(TOKEN|SECRET|PROXY)$").MatchString(name)
	case len(text.Path) > 1 && isItem != nil:
		return true
	}
	return regexp.MustCompile(`[\w-]*\d[\w-]{16,}|[\w-]{16,}\d[\w-]*|[=?]`).MatchString(text.Value)
}

// nameOnly leaves of a line what isn't a value.
func nameOnly(line string) string {
	return regexp.MustCompile(`^(\s*(?:[-\s]*[\w."'/@ -]+[:=])?\s*)[^\s{}\[\],][^{}\[\]]*?(,?\s*)$`).ReplaceAllString(line, "${1}"+hidden+"${2}")
}

// shortened leaves out the middle of a line that nobody reads, such as a whole file
// in one.
func shortened(line string) string {
	const most = 400
	if len(line) <= most {
		return line
	}
	return strings.ToValidUTF8(line[:1], "") + " " + hidden + " (a line that is too long to show)"
}

// coloured paints a change, if the output is a terminal that wants colours: the
// signs at the beginning say the same.
func (a *app) coloured(text string) string {
	if !a.wantsColours() {
		return text
	}
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m"}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		if line != "" && colours[line[0]] != "" {
			lines[n] = colours[line[0]] + line + "\x1b[0m"
		}
	}
	return strings.Join(lines, "\n")
}

// wantsColours follows https://no-color.org.
func (a *app) wantsColours() bool {
	return isTerminal(a.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
