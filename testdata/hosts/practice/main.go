// Command practice runs a practice GitHub and a practice language model on this
// machine, so that a host of other people can be tried by hand without an account:
//
//	go run ./testdata/hosts/practice
//
// It prints where they are, as variables for a shell, and runs until its input ends.
// Each line of its input is a code to approve, as the person would. The model calls
// github_whoami once for each thing it is told and repeats what the tool says.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
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
	github, err := sandbox.Start(sandbox.Options{GitHubManners: true, Interval: time.Second})
	if err != nil {
		return err
	}
	defer github.Close()
	m, err := model.Start("github_whoami", "{}")
	if err != nil {
		return err
	}
	defer m.Close()
	fmt.Printf("GITHUB_HOST=%s\nGITHUB_CLIENT_ID=%s\nMODEL=%s\n", github.URL(), sandbox.ClientID, m.URL())
	codes := bufio.NewScanner(os.Stdin)
	for codes.Scan() {
		if err := github.Approve(strings.TrimSpace(codes.Text())); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return codes.Err()
}
