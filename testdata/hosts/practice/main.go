// Command practice runs a practice GitHub and a practice language model on this
// machine until its input ends, so that a host of other people can be tried by hand
// without an account: go run ./testdata/hosts/practice
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/sandbox/model"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	box, err := sandbox.Start(sandbox.Options{GitHubManners: true, Interval: time.Second})
	if err != nil {
		return err
	}
	defer box.Close()
	practice, err := model.Start("github_whoami")
	if err != nil {
		return err
	}
	defer practice.Close()
	fmt.Printf("GITHUB_HOST=%s\nGITHUB_CLIENT_ID=%s\nMODEL=%s\n", box.URL(), sandbox.ClientID, practice.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	for i, r := range practice.Requests() {
		os.WriteFile(fmt.Sprintf("/tmp/rh/out/req%02d.json", i), []byte(r.Path+"\n"+r.Body), 0o600)
		fmt.Printf("%s %d bytes, results %q\n", r.Path, len(r.Body), r.Results)
	}
	return err
}
