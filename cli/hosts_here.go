package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/valetkey/valetkey/hosts"
)

// hostHere is a host on this machine.
type hostHere struct {
	hosts.Place
	// entry is valetkey's, if there is one.
	entry hosts.Listed
	has   bool
	// unknown is why its file can't be read.
	unknown error
}

// hostsHere answers the hosts on this machine as they were when it was first asked:
// their files may be large.
func (a *app) hostsHere() ([]hostHere, error) {
	if a.looked == nil {
		a.looked = sync.OnceValues(lookAtHosts)
	}
	return a.looked()
}

func lookAtHosts() ([]hostHere, error) {
	machine, err := hosts.ThisMachine()
	if err != nil {
		return nil, err
	}
	var all []hostHere
	for _, place := range machine.Places(hosts.All()) {
		if !place.IsPresent {
			continue
		}
		here := hostHere{Place: place}
		all = append(all, here)
		if !place.MayHave() {
			continue
		}
		var config *hosts.Config
		if config, here.unknown = place.Read(); here.unknown == nil {
			here.entry, here.has = config.Server(hosts.Entry)
		}
		all[len(all)-1] = here
	}
	return all, nil
}

// byEntry are the titles of those that have valetkey, and of those that could.
func byEntry(all []hostHere) (with, without []string) {
	for _, here := range all {
		switch {
		case here.has:
			with = append(with, here.Title)
		case here.unknown == nil:
			without = append(without, here.Title)
		}
	}
	return with, without
}

// whereToInstall says which hosts are here, and which of them have valetkey.
func (a *app) whereToInstall() string {
	all, err := a.hostsHere()
	with, without := byEntry(all)
	switch {
	case err != nil || len(all) == 0:
		return "put it into a host; none was found here yet"
	case len(without) == 0 && len(with) > 0:
		return "done: it is in " + strings.Join(with, ", ")
	case len(without) == 0:
		return "put it into a host"
	}
	return "put it into " + strings.Join(without, ", ")
}

// checkHosts says which hosts have valetkey, and whether what they start is there.
func checkHosts(_ context.Context, e *examination) finding {
	all, err := e.hosts()
	if err != nil {
		return wrong("set HOME", "%v", err)
	}
	for _, here := range all {
		command := here.entry.Command
		switch {
		case here.unknown != nil:
			return wrong("correct that line, or paste the entry yourself: docs/hosts.md", "%s: %v", here.Title, here.unknown)
		case here.has && filepath.IsAbs(command) && !isFile(command):
			return wrong("run: valetkey install "+here.Name, "%s starts %s, which isn't there", here.Title, command)
		}
	}
	with, without := byEntry(all)
	switch {
	case len(with) == 0 && len(without) == 0:
		return fine("none was found here")
	case len(with) == 0:
		return fine("valetkey is in none of these: %s; to put it there: valetkey install", strings.Join(without, ", "))
	case len(without) == 0:
		return fine("valetkey is in %s", strings.Join(with, ", "))
	}
	return fine("valetkey is in %s, and not in %s", strings.Join(with, ", "), strings.Join(without, ", "))
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
