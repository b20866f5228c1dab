package credentials_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain also plays the part of a command that prints a key, so that the
// tests need no program but their own.
func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE_IMPOSTOR") != "" {
		os.Exit(play(append([]string{"arguments"}, os.Args[1:]...)))
	}
	if len(os.Args) > 1 && os.Args[1] == "play" {
		os.Exit(play(os.Args[2:]))
	}
	// The race detector makes every child wait a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// play is the command: it prints its second argument, all its arguments as
// JSON without a space, a file, a file while it counts its runs, or too much,
// fails, or doesn't end, alone or with a child that is connected to an address.
func play(args []string) int {
	switch args[0] {
	case "print":
		fmt.Println(args[1])
	case "arguments":
		text, err := json.Marshal(args[1:])
		if err != nil {
			return 1
		}
		fmt.Println(strings.ReplaceAll(string(text), " ", "\\u0020"))
	case "file":
		text, err := os.ReadFile(args[1])
		if err != nil {
			return 1
		}
		os.Stdout.Write(text)
	case "count":
		return printAndCount(args[1], args[2])
	case "flood":
		fmt.Print(strings.Repeat("x", 1<<20))
	case "fail":
		fmt.Println(args[1])
		fmt.Fprintln(os.Stderr, args[1])
		return 3
	case "hang":
		<-time.After(time.Minute)
	case "parent":
		child := exec.Command(os.Args[0], "play", "connect", args[1])
		if err := child.Run(); err != nil {
			return 1
		}
	case "connect":
		connection, err := net.Dial("tcp", args[1])
		if err != nil {
			return 1
		}
		defer connection.Close()
		<-time.After(time.Minute)
	}
	return 0
}

// printAndCount prints a file and adds a letter to another one.
func printAndCount(file, runs string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 1
	}
	count, err := os.OpenFile(runs, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return 1
	}
	defer count.Close()
	fmt.Fprint(count, "x")
	os.Stdout.Write(text)
	return 0
}

// myself is this test program as a command for GITHUB_TOKEN_COMMAND.
func myself(t *testing.T, args ...string) string {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	line := `"` + program + `" play`
	for _, arg := range args {
		line += ` "` + arg + `"`
	}
	return line
}
