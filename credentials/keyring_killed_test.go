package credentials

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	keyring "github.com/zalando/go-keyring"
)

// These tests end processes for real while they write a large token, and look
// at what is left with another one.

// dieVariable names where the process that is started dies, and homeVariable
// where its keyring and its folder are.
const (
	dieVariable  = "VALET_TEST_DIE"
	homeVariable = "VALET_TEST_HOME"
)

// persistent is a keyring in files, which outlives the process. die is where
// the process ends.
func persistent(home, die string) *Keyring {
	path := func(entry string) string { return filepath.Join(home, "keyring-"+fileName(entry)) }
	wrote := false
	get := func(_, entry string) (string, error) {
		if wrote {
			dieAt(die, "before the entry is read back")
		}
		text, err := os.ReadFile(path(entry))
		if errors.Is(err, os.ErrNotExist) {
			return "", keyring.ErrNotFound
		}
		if wrote {
			dieAt(die, "before the old file is removed")
		}
		return string(text), err
	}
	set := func(_, entry, text string) error {
		dieAt(die, "before the entry is switched")
		unfinished := path(entry) + ".new"
		err := errors.Join(os.WriteFile(unfinished, []byte(text), 0o600), os.Rename(unfinished, path(entry)))
		wrote = true
		return err
	}
	remove := func(_, entry string) error {
		err := os.Remove(path(entry))
		if errors.Is(err, os.ErrNotExist) {
			return keyring.ErrNotFound
		}
		return err
	}
	return &Keyring{Folder: &Folder{Path: filepath.Join(home, "folder")}, Interactive: true, system: system{
		probe: func(context.Context, bool) error { return nil }, get: get, set: set, delete: remove, limit: entryRoom,
	}}
}

// dieAt kills this process, as the system would, if it is to die here.
func dieAt(die, here string) {
	if die != here {
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	fmt.Fprintln(os.Stderr, "still alive:", err)
	select {}
}

// inPart is this test in another process, with a part to play.
func inPart(t *testing.T, home, die string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-test.run=^"+t.Name()+"$", "-test.v=false")
	command.Env = append(os.Environ(), dieVariable+"="+die, homeVariable+"="+home)
	return command
}

func filesIn(t *testing.T, k *Keyring) []string {
	t.Helper()
	names, err := k.Folder.names("", "")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Killed at any step of a write: the token from before is there as long as the
// entry hasn't been switched, and the new one from then on.
func TestKilledAtEachStep(t *testing.T) {
	if home := os.Getenv(homeVariable); home != "" {
		dieAtCall(t, os.Getenv(dieVariable))
		err := persistent(home, os.Getenv(dieVariable)).Write(t.Context(), "github", largeRecord(2))
		t.Fatalf("it has not died: %v", err)
	}
	t.Parallel()
	for die, generation := range map[string]int{
		beforeSync: 1, beforeRename: 1, "before the entry is switched": 1, "before the entry is read back": 2, "before the old file is removed": 2,
	} {
		t.Run(die, func(t *testing.T) {
			t.Parallel()
			if _, ok := killingCalls()[die]; !ok && (die == beforeSync || die == beforeRename) {
				t.Skip("on this system no process can be made to end " + die)
			}
			home := t.TempDir()
			k := persistent(home, "")
			mustWrite(t, k, "github", largeRecord(1))
			command := inPart(t, home, die)
			command.Args[1] = "-test.run=^TestKilledAtEachStep$"
			output, err := command.CombinedOutput()
			if err == nil || strings.Contains(string(output), "it has not died") {
				t.Fatalf("%v: %s", err, output)
			}
			names := filesIn(t, k)
			unfinished := strings.Contains(strings.Join(names, " "), unfinishedSuffix)
			if len(names) != 2 || unfinished != (die == beforeSync || die == beforeRename) {
				t.Errorf("it left %q, so it died elsewhere: %s", names, output)
			}
			expectRecord(t, "after the end", persistent(home, ""), "github", largeRecord(generation))
			mustWrite(t, k, "github", largeRecord(3))
			expectRecord(t, "after the next write", k, "github", largeRecord(3))
			if names := filesIn(t, k); len(names) != 1 {
				t.Errorf("the next write leaves %q", names)
			}
		})
	}
}

// The steps at which the new file isn't in place yet, and perhaps not whole.
const (
	beforeSync   = "before the new file is on the disk"
	beforeRename = "before the new file is in place"
)

// Killed at any moment, again and again: no write that was reported is lost,
// and nothing in between is ever seen.
func TestKilledAtAnyMoment(t *testing.T) {
	if home := os.Getenv(homeVariable); home != "" {
		writeForEver(t, persistent(home, ""))
	}
	t.Parallel()
	home := t.TempDir()
	k := persistent(home, "")
	mustWrite(t, k, "github", largeRecord(0))
	for range 12 {
		reported := killedWriter(t, home)
		r, err := k.Read(t.Context(), "github")
		if err != nil || r.Generation < reported || r.Generation > reported+1 {
			t.Fatalf("after %d was reported: %+v, %v", reported, r, err)
		}
	}
	mustWrite(t, k, "github", largeRecord(0))
	if names := filesIn(t, k); len(names) != 1 {
		t.Errorf("the last write leaves %q", names)
	}
}

func writeForEver(t *testing.T, k *Keyring) {
	r, err := k.Read(t.Context(), "github")
	if err != nil {
		t.Fatal(err)
	}
	for generation := r.Generation; ; generation++ {
		mustWrite(t, k, "github", largeRecord(generation))
		fmt.Println("wrote", generation)
	}
}

// killedWriter kills a writer some time after its first write and answers the
// last generation it has reported.
func killedWriter(t *testing.T, home string) int {
	t.Helper()
	command := inPart(t, home, "")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("%v: %q", err, first)
	}
	<-time.After(rand.N(10 * time.Millisecond))
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	_ = command.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return lastReported(t, first+string(rest))
}

func lastReported(t *testing.T, output string) int {
	t.Helper()
	all := strings.Split(output, "\n")
	// What follows the last line break is a line that was cut.
	last, ok := strings.CutPrefix(all[len(all)-2], "wrote ")
	generation, err := strconv.Atoi(last)
	if !ok || err != nil {
		t.Fatalf("%q", output)
	}
	return generation
}
