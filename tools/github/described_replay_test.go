package github_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// replay makes every call again, to a GitHub that gives the examples in GitHub's
// own descriptions. What the tools say about those is their affair, but they
// have to be able to read them.
func (l *ledger) replay() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	address, stop, err := startDescribed(ctx)
	if err != nil {
		return err
	}
	calls := map[string]bool{}
	for _, r := range l.requests {
		calls[r.By] = true
	}
	var unread []error
	for _, tool := range github.Offer(tools.Setup{API: http.DefaultClient, At: credentials.Service{APIURL: address}, After: atOnce}).Tools {
		for call := range calls {
			arguments, its := strings.CutPrefix(call, tool.Name+" ")
			if !its {
				continue
			}
			if _, err := tool.Call(ctx, json.RawMessage(arguments)); err != nil && isUnreadable(err.Error()) {
				unread = append(unread, fmt.Errorf("%s with GitHub's own examples: %w", call, err))
			}
		}
	}
	return errors.Join(errors.Join(unread...), stop())
}

func isUnreadable(text string) bool {
	for _, part := range []string{"what GitHub's API gives", "can't be read", "(599", "no answer from"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// startDescribed runs testdata/real/github.mjs and answers where its API is, and
// how to end it.
func startDescribed(ctx context.Context) (string, func() error, error) {
	command := exec.CommandContext(ctx, node(), filepath.Join(realParts, "github.mjs"))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop := func() error { return errors.Join(stdin.Close(), command.Wait()) }
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ready := strings.CutPrefix(strings.TrimSpace(line), "READY ")
	if err != nil || !ready {
		return "", nil, errors.Join(fmt.Errorf("github.mjs isn't ready: %q", line), err, stop())
	}
	return address, stop, nil
}
