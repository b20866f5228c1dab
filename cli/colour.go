package cli

import (
	"os"
	"strings"
	"unicode"
)

// sayChange shows the lines of a change, painted if the output is a terminal that
// wants colours: the signs at the beginning say the same.
func (a *app) sayChange(lines []string) {
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m"}
	for _, line := range lines {
		line = printable(line)
		if colour := colours[line[0]]; colour != "" && a.wantsColours() {
			line = colour + line + "\x1b[0m"
		}
		a.say("%s", line)
	}
}

// printable is a text of a file without what could steer a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// wantsColours follows https://no-color.org.
func (a *app) wantsColours() bool {
	return isTerminal(a.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
