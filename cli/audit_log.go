package cli

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/valetkey/valetkey/audit"
	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// The values of VALET_AUDIT.
const (
	auditOn       = "on"
	auditOff      = "off"
	auditRequired = "required"
)

// onlyAudit are the settings about the log, for when something is wrong with any: calls
// are written down even so, and with a mode that is none. A wrong place has no usual one
// instead.
func onlyAudit() settings {
	s := settings{auditMode: auditModeOf(os.Getenv("VALET_AUDIT"))}
	s.Dir, s.dirFault = wholeDir(os.Getenv("VALET_DIR"))
	return s
}

// auditModeOf is the value of VALET_AUDIT, or the usual one.
func auditModeOf(value string) string {
	return cmp.Or(strings.ToLower(credentials.Given(value)), auditOn)
}

// auditFolder is the name of the log's folder in valetkey's.
const auditFolder = "audit"

// auditPath is where the log lies, if there is one; "": there is no place for it.
func (s settings) auditPath() string {
	if base := s.base(); base != "" {
		return filepath.Join(base, auditFolder)
	}
	return ""
}

// tryAudit answers why calls can't be written down. It makes no folder.
func (s settings) tryAudit(ctx context.Context) error {
	path := s.auditPath()
	if _, err := os.Lstat(path); err == nil || path == "" {
		folder := &credentials.Folder{Path: s.base()}
		if _, err := folder.Make(auditFolder); err != nil {
			return err
		}
	}
	return audit.Try(ctx, path)
}

// checkAudit tells whether calls can be written down.
func checkAudit(ctx context.Context, e *examination) finding {
	if e.own.auditMode == auditOff {
		return fine("no call is written down (VALET_AUDIT=off)")
	}
	if err := e.own.tryAudit(ctx); err != nil {
		said, mend := credentials.Advice(err)
		what := "no call can be written down"
		if e.own.auditMode == auditRequired {
			what += ", so none is made (VALET_AUDIT=required)"
		}
		return wrong(cmp.Or(mend, "see to it, or set VALET_AUDIT=off"), "%s: %s", what, said)
	}
	return fine("calls are written down in %s", e.own.auditPath())
}

// auditOf writes down the calls of what is offered; nil: nobody does.
func (s settings) auditOf(opened []service, offered tools.Offer, log *slog.Logger) *tools.Audit {
	if s.auditMode == auditOff {
		return nil
	}
	folder := &credentials.Folder{Path: s.base()}
	chain := audit.New(func() (string, error) {
		if s.dirFault != nil {
			return "", s.dirFault
		}
		return folder.Make(auditFolder)
	})
	return tools.NewAudit(tools.AuditOptions{
		Append: chain.Append, Required: s.auditMode == auditRequired,
		// Without a service nobody knows which tokens must not be seen.
		Arguments: s.AuditArgs == "1" && len(opened) > 0,
		Offer:     offered, Log: log, Whose: whose(opened), Misconfigured: areWrong(opened), Mask: masking(opened),
	})
}

// areWrong answers by a tool's name whether the settings of its service are wrong, or
// those of all.
func areWrong(opened []service) func(string) bool {
	wrong := map[string]bool{}
	for _, s := range opened {
		for _, tool := range s.offered.Tools {
			wrong[tool.Name] = s.wrong != nil
		}
	}
	all := len(faultsOf(opened)) == len(opened)
	return func(tool string) bool { return all || wrong[tool] }
}

// whose answers by a tool's name which service it is of, and which account: its name
// here, and who has signed in if that is known already.
func whose(opened []service) func(string) (string, string) {
	of := map[string]service{}
	for _, s := range opened {
		for _, tool := range s.offered.Tools {
			of[tool.Name] = s
		}
	}
	return func(tool string) (string, string) {
		s := of[tool]
		if s.credential == nil {
			return s.Name, ""
		}
		name, login := s.options.Settings.Account, s.credential.Login()
		if name != "" && login != "" && name != login {
			return s.Name, fmt.Sprintf("%s (%s)", name, login)
		}
		return s.Name, cmp.Or(name, login)
	}
}

// masking takes the tokens in use out of a text.
func masking(opened []service) func(string) string {
	return func(text string) string {
		for _, s := range opened {
			if s.credential != nil {
				text = s.credential.Mask(text)
			}
		}
		return text
	}
}
