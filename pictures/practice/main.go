// Practice is the practice GitHub by itself, for the pictures of signing in. It
// prints its address on stderr and ends when its stdin does.
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true, Interval: time.Second})
	if err != nil {
		return err
	}
	defer box.Close()
	fmt.Fprintln(os.Stderr, box.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
