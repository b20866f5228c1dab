//go:build linux

package secretservice

import "github.com/godbus/dbus/v5"

// Ending is how a prompt ends.
type Ending string

// Ignored, Foreign and so on leave the prompt open or end it wrongly; see
// [Service.Lift].
const (
	Granted   Ending = "granted"
	Dismissed Ending = "dismissed"
	// Ignored prompts wait for a person who isn't there.
	Ignored Ending = "ignored"
	// Foreign prompts stay open too, after a signal that isn't Completed.
	Foreign Ending = "foreign"
	// NotBool and Empty are signals of the right name with a wrong body;
	// NotPaths has a result of a wrong type.
	NotBool  Ending = "not a bool"
	Empty    Ending = "empty"
	NotPaths Ending = "not paths"
)

// Fault is what a service does wrong. The zero value is nothing.
type Fault struct {
	// At is the method or property that goes wrong: Collections, ReadAlias,
	// Locked, OpenSession, Unlock, CreateItem, SearchItems, GetSecret or
	// Delete. "" is each of them, for Do.
	At string
	// Do is run at the beginning of the call.
	Do func()
	// Hang says that the call doesn't return before [Service.Lift].
	Hang bool
	// Error is the name of the error it answers.
	Error string
	// Dies says that the service ends without an answer, Leaves that it gives
	// up its name on the bus and answers.
	Dies, Leaves bool
	// Odd says that the answer is of a wrong type.
	Odd bool
	// Prompt is how the prompt ends that the call opens, or any of a locked
	// collection. "" is granted.
	Prompt Ending
	// Locked says that the collection is, NoCollection that there is none.
	Locked, NoCollection bool
	// Forgets says that CreateItem keeps nothing, Mangles that it keeps
	// something else.
	Forgets, Mangles bool
}

// oddText is in every answer that isn't what was asked for. It must be quoted
// nowhere.
const oddText = "example-secret"

// enter begins a call, as the fault has it.
func (s *Service) enter(method string) *dbus.Error {
	s.mu.Lock()
	f, lifted, conn := s.fault, s.lifted, s.conn
	s.mu.Unlock()
	if f.Do != nil && (f.At == "" || f.At == method) {
		f.Do()
	}
	if f.At != method {
		return nil
	}
	switch {
	case f.Hang:
		s.reportStuck()
		<-lifted
	case f.Error != "":
		return dbus.NewError(f.Error, []any{oddText})
	case f.Dies:
		conn.Close()
		return dbus.NewError(f.Error, nil)
	case f.Leaves:
		if _, err := conn.ReleaseName(name); err != nil {
			return dbus.MakeFailedError(err)
		}
	}
	return nil
}

// answer is what a call answers, unless it is the odd one.
func (s *Service) answer(method string, value any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.Odd && s.fault.At == method {
		return map[string]string{oddText: oddText}
	}
	return value
}

func (s *Service) reportStuck() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isStuck {
		s.isStuck = true
		close(s.stuck)
	}
}

// Stuck is closed when a call hangs, or a prompt waits for a person.
func (s *Service) Stuck() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuck
}

// Arm has Stuck say again when something is.
func (s *Service) Arm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck, s.isStuck = make(chan struct{}), false
}
