package hosts

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Machine is where hosts are looked for.
type Machine struct {
	// OS is the operating system, as in runtime.GOOS.
	OS string
	// Home is the person's home directory, a whole path.
	Home string
	// Getenv answers a variable of the environment, "" for one that isn't set.
	Getenv func(string) string
	// LookPath finds a program.
	LookPath func(string) (string, error)
}

// ThisMachine is where this program runs. The error says that the person has no home
// directory.
func ThisMachine() (Machine, error) {
	home, err := os.UserHomeDir()
	return Machine{OS: runtime.GOOS, Home: home, Getenv: os.Getenv, LookPath: exec.LookPath}, err
}

// Place is a host and the file with its list of servers, which need not be there.
type Place struct {
	Host
	// File is a whole path, without links in it.
	File string
	// IsPresent says that the host seems to be on this machine.
	IsPresent bool
}

// Places answers where each of the hosts has its list.
func (m Machine) Places(all []Host) []Place {
	var places []Place
	for _, host := range all {
		file := m.file(host)
		places = append(places, Place{Host: host, File: resolved(file), IsPresent: m.has(host, file)})
	}
	return places
}

func (m Machine) file(host Host) string {
	patterns, known := host.files[m.OS]
	if !known {
		patterns = host.files[""]
	}
	var usual string
	for _, pattern := range patterns {
		pattern, onlyIfThere := strings.CutPrefix(pattern, "?")
		if before, after, found := strings.Cut(pattern, "*"); found {
			if folder := m.folder(before); folder != "" {
				return folder + filepath.FromSlash(after)
			}
			continue
		}
		path := m.expand(pattern)
		if isThere(path) {
			return path
		}
		if usual == "" && !onlyIfThere {
			usual = path
		}
	}
	return usual
}

// folder answers the last folder whose path begins so; "" for none.
func (m Machine) folder(pattern string) string {
	parent, prefix := filepath.Split(m.expand(pattern))
	entries, _ := os.ReadDir(parent)
	for _, entry := range slices.Backward(entries) {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), prefix) {
			return filepath.Join(parent, entry.Name())
		}
	}
	return ""
}

// has looks for a host's file, its folder, its other signs and its program.
func (m Machine) has(host Host, file string) bool {
	folder := filepath.Dir(file)
	if isThere(file) || folder != filepath.Clean(m.Home) && isThere(folder) {
		return true
	}
	if slices.ContainsFunc(host.signs, func(sign string) bool { return isThere(m.expand(sign)) }) {
		return true
	}
	if host.program == "" {
		return false
	}
	_, err := m.LookPath(host.program)
	return err == nil
}

// expand makes a path of a pattern with slashes: ~ is the home directory, {config}
// and {local} are the system's folders for a person's configuration, and
// {NAME:other} is the variable NAME or, if that isn't set, the other.
func (m Machine) expand(pattern string) string {
	config := map[string]string{
		"windows": "{APPDATA:~/AppData/Roaming}",
		"darwin":  "~/Library/Application Support",
	}
	pattern = strings.ReplaceAll(pattern, "{config}", cmp.Or(config[m.OS], "{XDG_CONFIG_HOME:~/.config}"))
	pattern = strings.ReplaceAll(pattern, "{local}", "{LOCALAPPDATA:~/AppData/Local}")
	if name, rest, found := strings.Cut(strings.TrimPrefix(pattern, "{"), ":"); found && pattern[0] == '{' {
		other, rest, _ := strings.Cut(rest, "}")
		pattern = cmp.Or(m.Getenv(name), other) + rest
	}
	if rest, found := strings.CutPrefix(pattern, "~"); found {
		pattern = m.Home + rest
	}
	path := filepath.FromSlash(pattern)
	if whole, err := filepath.Abs(path); err == nil && m.OS == runtime.GOOS {
		return whole
	}
	return path
}

// mostLinks is how many links in a row are followed, as in Linux.
const mostLinks = 40

// resolved follows links, so that those who keep such files elsewhere find the
// change there, and not in place of a link, even if nothing lies there yet. Links in
// a circle stay, for whoever reads them to say so.
func resolved(path string) string {
	return follow(path, mostLinks)
}

func follow(path string, links int) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	folder := filepath.Dir(path)
	if folder == path || links == 0 {
		return path
	}
	folder = follow(folder, links)
	path = filepath.Join(folder, filepath.Base(path))
	target, err := os.Readlink(path)
	if err != nil {
		return path
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(folder, target)
	}
	return follow(target, links-1)
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
