// Command release makes what is shipped beside the program: the manual page, the
// completions, and a bill of materials for each program. GoReleaser calls it, as
// .goreleaser.yaml says; nobody installs it.
//
// It knows the commands from package cli and the modules from the program that
// was built. It does not know how that is built, packed or published.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run does what args say:
//
//	pages DIRECTORY VERSION DATE   writes the manual page and the completions
//	bill PROGRAM FILE              writes the bill of materials of a program
func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "pages":
		return writePages(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "bill":
		return writeBill(args[1], args[2])
	}
	return errors.New("use it as: release pages DIRECTORY VERSION DATE, or: release bill PROGRAM FILE")
}
