package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// people are persons at browsers of their own, in one Chromium.
type people struct {
	stdin io.Writer

	mu      sync.Mutex
	waiting map[string]chan sight
}

// sight is what a person has seen last. Step is which page of valetkey's, or of
// the practice GitHub's, it is; "" for another's.
type sight struct {
	ID, Address, Step, Said, Failure string
	Complaints                       []string
}

func startPeople(t *testing.T) *people {
	t.Helper()
	part(t, "playwright-core")
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(node(t), filepath.Join(realParts, "consent.mjs"), browser)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &people{stdin: stdin, waiting: map[string]chan sight{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.tell(lines.Bytes())
		}
	}()
	t.Cleanup(func() {
		stdin.Close()
		late := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
		defer late.Stop()
		<-ended
		if err := command.Wait(); err != nil {
			t.Errorf("the people ended badly: %v", err)
		}
	})
	return p
}

// tell passes a line on to whoever waits for it.
func (p *people) tell(line []byte) {
	var saw sight
	if err := json.Unmarshal(line, &saw); err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if waiting, ok := p.waiting[saw.ID]; ok {
		waiting <- saw
	}
}

// visit has somebody open an address, with a code if there is one, and agree or
// say no. The browser may have nothing to complain of on pages with a step.
func (p *people) visit(t *testing.T, address, code string, allow bool) sight {
	t.Helper()
	waiting := make(chan sight, 1)
	p.mu.Lock()
	id := strconv.Itoa(len(p.waiting))
	p.waiting[id] = waiting
	line, _ := json.Marshal(map[string]any{"id": id, "address": address, "code": code, "allow": allow})
	_, err := fmt.Fprintf(p.stdin, "%s\n", line)
	p.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	select {
	case saw := <-waiting:
		if saw.Failure != "" || len(saw.Complaints) != 0 {
			t.Errorf("a person at %s: %s; the browser complains: %q", address, saw.Failure, saw.Complaints)
		}
		return saw
	case <-time.After(2 * patience):
		t.Fatal("a person doesn't come to an end")
	}
	return sight{}
}
