package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
)

func (a *app) stopCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stop [reason…]",
		Short: "Halt everything that would change something, in all hosts at once",
		Long: "Halt everything that would change something, in all valetkey processes of yours at once. What only reads goes on.\n" +
			"Whoever is refused is told since when, and the reason. It lasts until: valetkey go",
		Example:           "  valetkey stop I want to look at the last commits first",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(_ *cobra.Command, args []string) error { return a.stop(gate.Reason(strings.Join(args, " "))) },
	}
}

func (a *app) goCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "go",
		Short: "Let changes go on that valetkey stop has halted",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.letGo() },
	}
}

// stop works without any other setting, which may be wrong.
func (a *app) stop(reason string) error {
	places, err := a.allStopPlaces()
	before, _ := filesIn(places).Look()
	faults := []error{err}
	for _, place := range places {
		if failed := place.Mark(stopFile, []byte(reason)); failed != nil && !isThere(place) {
			faults = append(faults, failed)
		}
	}
	after, failed := filesIn(places).Look()
	if err := errors.Join(append(faults, failed)...); err != nil || after == nil {
		if err == nil {
			err = errors.New("another command let them go on meanwhile")
		}
		return reached(places, err, "changes are not stopped", "changes are not stopped everywhere; for processes that look into %s they are %s")
	}
	if before != nil {
		a.say("Changes were %s already.", before)
	} else {
		a.say("Changes are %s.", after)
	}
	a.sayReach(places)
	a.say("  → to let them go on, run: valetkey go%s", where())
	return nil
}

// sayReach says which processes look at the files, and which may not.
func (a *app) sayReach(places []*credentials.Folder) {
	a.say("  This holds for every valetkey process of yours that can look into %s.", strings.Join(pathsOf(places), " or "))
	a.say("  → end a host whose sandbox shows it none of these")
	all, _ := a.hostsHere()
	for _, host := range all {
		_, err := wholeDir(host.entry.Env["VALET_DIR"])
		if err = cmp.Or(host.unknown, err); err != nil {
			a.say("  → end %s too, if it has a VALET_DIR of its own, which can't be told: %v", host.Title, err)
		}
	}
}

func (a *app) letGo() error {
	places, err := a.allStopPlaces()
	before, failed := filesIn(places).Look()
	faults := []error{err, failed}
	for _, place := range places {
		if isThere(place) {
			faults = append(faults, place.Unmark(stopFile))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return reached(places, err, "changes may still be stopped", "changes do not go on everywhere; for processes that look into %s they are still %s")
	}
	if before == nil {
		a.say("Nothing was stopped.")
		return nil
	}
	a.say("Changes go on. They were %s.", before)
	return nil
}

// where says what a command has to be given to look where this one did.
func where() string {
	if dir, err := wholeDir(os.Getenv("VALET_DIR")); err == nil && dir != "" {
		return " (with VALET_DIR=" + dir + ", as here)"
	}
	return ""
}

// reached is the error of a command that didn't reach all places, in the words for none
// that is stopped, or for some: of the folders that are, and since when. A place that
// can't be looked at is none of them.
func reached(places []*credentials.Folder, err error, none, some string) error {
	stopped := slices.DeleteFunc(slices.Clone(places), func(place *credentials.Folder) bool { return !isThere(place) })
	if now, _ := filesIn(stopped).Look(); now != nil {
		now.Elsewhere = ""
		return fmt.Errorf(some+": %w", strings.Join(pathsOf(stopped), " or "), now, err)
	}
	return fmt.Errorf("%s: %w", none, err)
}

func pathsOf(places []*credentials.Folder) []string {
	var paths []string
	for _, place := range places {
		paths = append(paths, place.Path)
	}
	return paths
}

func isThere(place *credentials.Folder) bool {
	_, err := os.Lstat(filepath.Join(place.Path, stopFile))
	return err == nil
}

// stoppedNow says that changes are stopped, here or in a host, and what lets them go
// on; "": they aren't.
func (a *app) stoppedNow() (stopped, mend string) {
	const letGo = "to let them go on, run: valetkey go"
	if dir, err := wholeDir(os.Getenv("VALET_DIR")); err == nil {
		if err := outOfReach(dir); err != nil {
			return fmt.Sprintf("stopped: %v", err), ""
		}
	}
	places, _ := a.allStopPlaces()
	switch found, err := filesIn(places).Look(); {
	case err != nil:
		return fmt.Sprintf("stopped, since nobody can tell: %v", err), letGo
	case found != nil:
		return found.String(), letGo
	}
	return "", ""
}

// outOfReach says why valetkey stop doesn't reach a process with this VALET_DIR; nil:
// it does. The home that the system knows would be no place for both: a host may have
// been given another.
func outOfReach(dir string) error {
	if err := noUsualPlace(); dir == "" && err != nil {
		return fmt.Errorf("valetkey stop wouldn't reach this process (%w); the person can set that, or VALET_DIR, in valetkey's entry of this host", err)
	}
	return nil
}

// noUsualPlace says why there is no configuration directory; nil: there is one.
func noUsualPlace() error {
	parent, err := os.UserConfigDir()
	if err == nil && !filepath.IsAbs(parent) {
		return fmt.Errorf("%.200q is not a whole path", parent)
	}
	return err
}

// allStopPlaces are those of the environment, and of the entries of hosts as far as
// they can be read. The error is about a folder of the environment, and comes with the
// others.
func (a *app) allStopPlaces() ([]*credentials.Folder, error) {
	dir, err := wholeDir(os.Getenv("VALET_DIR"))
	dirs := []string{dir}
	// A host's file that is broken stops nobody from stopping.
	all, _ := a.hostsHere()
	for _, host := range all {
		if dir, err := wholeDir(host.entry.Env["VALET_DIR"]); err == nil && host.has {
			dirs = append(dirs, dir)
		}
	}
	if missing := noUsualPlace(); missing != nil {
		err = errors.Join(err, fmt.Errorf("there is no folder here that all processes of this user look into: %w; set that as it is for them", missing))
	}
	return stopPlaces(dirs...), err
}

// wholeDir reads a value of VALET_DIR; "": it isn't set.
func wholeDir(value string) (string, error) {
	dir, err := credentials.Path("VALET_DIR", value)
	if err == nil && dir != "" && !filepath.IsAbs(dir) {
		return "", fmt.Errorf("VALET_DIR=%.200q is not a whole path", dir)
	}
	return dir, err
}

// stopPlaces are the folders that may hold the stop file, the usual one first: those
// that the processes share which have another VALET_DIR, or which a sandbox gives
// another configuration directory: it may still show them the usual one, or the
// directory of the session bus; and the VALET_DIRs.
func stopPlaces(dirs ...string) []*credentials.Folder {
	var places []*credentials.Folder
	add := func(path string) {
		isKnown := func(f *credentials.Folder) bool { return filepath.Clean(f.Path) == filepath.Clean(path) }
		if filepath.IsAbs(path) && !slices.ContainsFunc(places, isKnown) {
			places = append(places, &credentials.Folder{Path: path})
		}
	}
	if parent, err := os.UserConfigDir(); err == nil {
		add(filepath.Join(parent, credentials.KeyringName))
	}
	if home, err := os.UserHomeDir(); err == nil && os.Getenv("XDG_CONFIG_HOME") != "" {
		add(filepath.Join(home, ".config", credentials.KeyringName))
	}
	if beside := credentials.BesideKeyring(credentials.KeyringName); beside != nil {
		add(beside.Path)
	}
	for _, dir := range dirs {
		add(dir)
	}
	return places
}

func filesIn(places []*credentials.Folder) gate.StopFile {
	var files gate.StopFile
	for _, place := range places {
		files = append(files, filepath.Join(place.Path, stopFile))
	}
	return files
}
