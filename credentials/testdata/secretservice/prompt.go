//go:build linux

package secretservice

import (
	"fmt"

	"github.com/godbus/dbus/v5"
)

// prompt is an object of the interface Prompt. perform is what a person allows
// by it.
type prompt struct {
	service *Service
	path    dbus.ObjectPath
	ending  Ending
	perform func() any
}

// prompts answers the prompt a call opens, or "/" if it opens none. Call it
// with mu held.
func (s *Service) prompts(method string, perform func() any) (dbus.ObjectPath, *dbus.Error) {
	f := s.fault
	wanted := f.Prompt != "" && f.At == method || method == "Unlock" && f.Locked
	if !wanted {
		return "/", nil
	}
	ending := f.Prompt
	if ending == "" {
		ending = Granted
	}
	s.serial++
	p := &prompt{s, dbus.ObjectPath(fmt.Sprintf("%s/prompt/p%d", path, s.serial)), ending, perform}
	if err := s.conn.Export(p, p.path, promptInterface); err != nil {
		return "/", dbus.MakeFailedError(err)
	}
	return p.path, nil
}

// Prompt shows the prompt.
func (p *prompt) Prompt(string) *dbus.Error {
	s := p.service
	s.mu.Lock()
	s.shown++
	if p.ending == Ignored || p.ending == Foreign {
		s.open = append(s.open, p)
	}
	s.mu.Unlock()
	var err error
	switch p.ending {
	case Granted:
		err = p.completed(false, dbus.MakeVariant(p.grant()))
	case Dismissed:
		err = p.completed(true, dbus.MakeVariant(""))
	case Ignored:
		s.reportStuck()
	case Foreign:
		err = s.connection().Emit(p.path, promptInterface+".Shown", oddText)
	case NotBool:
		err = p.completed(oddText, dbus.MakeVariant(oddText))
	case Empty:
		err = p.completed()
	case NotPaths:
		err = p.completed(false, dbus.MakeVariant(oddText))
	}
	if err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

// Dismiss is the caller's own end of a prompt.
func (p *prompt) Dismiss() *dbus.Error {
	if err := p.completed(true, dbus.MakeVariant("")); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

func (p *prompt) grant() any {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	return p.perform()
}

func (p *prompt) completed(body ...any) error {
	return p.service.connection().Emit(p.path, promptInterface+".Completed", body...)
}

// Prompts counts the prompts that were shown, and those that are still open.
func (s *Service) Prompts() (shown, open int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown, len(s.open)
}
