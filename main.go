// Command valetkey signs an AI assistant in to the services it works with: an
// MCP server over stdio, and the commands a person needs beside it.
package main

import (
	"os"

	"github.com/valetkey/valetkey/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
