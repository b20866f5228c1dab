package gate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// StopFile halts all changes of all processes while it is there: any one of its
// paths, which needn't be a file. None: nothing does. What is in it is the reason. The
// first path is the usual one.
type StopFile []string

// Stopped says since when changes are halted, and why; "": nobody said.
type Stopped struct {
	Since  time.Time
	Reason string
	// Elsewhere is the file that does it, where the usual one isn't there.
	Elsewhere string
}

// String is "stopped since 2026-01-31T12:00:00Z", the reason in quotes, and the file
// that isn't where people look for it.
func (s Stopped) String() string {
	text := "stopped since " + s.Since.UTC().Format(time.RFC3339)
	if s.Reason != "" {
		text += fmt.Sprintf(" (%q)", s.Reason)
	}
	if s.Elsewhere != "" {
		text += " by " + s.Elsewhere
	}
	return text
}

// Look answers the oldest of the files that are there; nil: there is none. The
// error says why that can't be known.
func (f StopFile) Look() (*Stopped, error) { return f.lookAs("") }

// lookAs leaves out what a sandbox keeps from a process, but for its own file; "": it
// leaves out nothing.
func (f StopFile) lookAs(own string) (*Stopped, error) {
	var oldest *Stopped
	isUsual := false
	for i, path := range f {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		case errors.Is(err, fs.ErrPermission) && own != "" && path != own:
		case err != nil:
			return nil, fmt.Errorf("looking for the stop file: %w", err)
		default:
			isUsual = isUsual || i == 0
			if oldest == nil || info.ModTime().Before(oldest.Since) {
				oldest = &Stopped{info.ModTime(), reasonIn(path, info), path}
			}
		}
	}
	if isUsual {
		oldest.Elsewhere = ""
	}
	return oldest, nil
}

// Mend is the command that lets changes go on, and what does where that command
// doesn't know of the file.
func (s Stopped) Mend() string {
	if s.Elsewhere != "" {
		return "valetkey go, or by removing that file"
	}
	return "valetkey go"
}

// check refuses while the file is there. What can't be looked at counts as there.
func (f StopFile) check(own string) error {
	switch stopped, err := f.lookAs(own); {
	case err != nil:
		return refused(byStop, "nothing was sent, since nobody can tell whether changes are stopped: %v", err)
	case stopped != nil:
		return refused(byStop, "nothing was sent: the person has everything that would change something %s; they can let it go on with: %s", stopped, stopped.Mend())
	}
	return nil
}

// maxReason is how much of a reason is shown, in characters.
const maxReason = 100

func reasonIn(path string, info fs.FileInfo) string {
	if !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	content, _ := io.ReadAll(io.LimitReader(file, 8*maxReason))
	return Reason(string(content))
}

// Reason is a text as the reason for a stop is shown: a short line of characters
// that people see.
func Reason(text string) string {
	seen := []rune(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r), r == unicode.ReplacementChar, unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		}
		return r
	}, text)), " "))
	if len(seen) > maxReason {
		return string(seen[:maxReason-1]) + "…"
	}
	return string(seen)
}
