package stdio

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// session is what mcp-go remembers of a client that has shaken hands.
type session struct {
	id          string
	notices     func() chan<- mcp.JSONRPCNotification
	initialized atomic.Bool
	questions   *questions

	mu           sync.Mutex
	version      string
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
}

func newSession(notices func() chan<- mcp.JSONRPCNotification, questions *questions) *session {
	return &session{id: rand.Text(), notices: notices, questions: questions}
}

func (s *session) Initialize()       { s.initialized.Store(true) }
func (s *session) Initialized() bool { return s.initialized.Load() }
func (s *session) SessionID() string { return s.id }

func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notices() }

func (s *session) ProtocolVersion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (s *session) SetProtocolVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

func (s *session) GetClientInfo() mcp.Implementation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

func (s *session) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = info
}

func (s *session) GetClientCapabilities() mcp.ClientCapabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities
}

func (s *session) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capabilities = capabilities
}

// RequestElicitation asks the person through the client. It never answers an
// error: a question that can't be delivered, isn't answered in time or is
// answered with nonsense is a cancelled one, so that the call which asked goes
// on in words. A client is asked only in a mode it has declared.
func (s *session) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	if !canElicit(s.GetClientCapabilities().Elicitation, request.Params.Mode) {
		return cancelled(), nil
	}
	timeout := s.questions.timeout
	if deadline, has := ctx.Deadline(); has && isDecision(request.Params) {
		if timeout = time.Until(deadline) - decisionRest; timeout <= 0 {
			return cancelled(), nil
		}
	}
	result := s.questions.ask(ctx, string(mcp.MethodElicitationCreate), request.Params, timeout)
	switch result.Action {
	case mcp.ElicitationResponseActionAccept, mcp.ElicitationResponseActionDecline:
		return &result, nil
	}
	return cancelled(), nil
}

// decisionRest is what a yes or no leaves of a call's time: what was agreed to is sent
// only then, and a sign-in may have to come first.
const decisionRest = 15 * time.Second

// isDecision tells a question with nothing to fill in.
func isDecision(p mcp.ElicitationParams) bool {
	schema, _ := p.RequestedSchema.(map[string]any)
	fields, _ := schema["properties"].(map[string]any)
	return schema != nil && len(fields) == 0
}

// canElicit reports whether a client has declared a mode. A declaration that
// names none means forms (spec, "Elicitation").
func canElicit(declared *mcp.ElicitationCapability, mode string) bool {
	if declared == nil {
		return false
	}
	if mode == mcp.ElicitationModeURL {
		return declared.URL != nil
	}
	return declared.Form != nil || declared.URL == nil
}

func cancelled() *mcp.ElicitationResult {
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel}}
}

// callSession is the session as a call sees it that may be cancelled.
type callSession struct {
	*session
	call *call
}

func (s callSession) NotificationChannel() chan<- mcp.JSONRPCNotification {
	return s.call.notices(s.notices())
}

// statelessSession serves one request of 2026-07-28, which brings its client's
// identity and capabilities along. mcp-go writes them into the session, so two
// such requests must not share one. It has no way to ask the client anything:
// the protocol forbids it.
type statelessSession struct {
	id      string
	notices func() chan<- mcp.JSONRPCNotification
	call    *call

	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
}

func newStatelessSession(s *session, c *call) *statelessSession {
	return &statelessSession{id: s.id, notices: s.notices, call: c}
}

func (s *statelessSession) NotificationChannel() chan<- mcp.JSONRPCNotification {
	return s.call.notices(s.notices())
}

func (s *statelessSession) SessionID() string { return s.id }
func (s *statelessSession) Initialize()       {}
func (s *statelessSession) Initialized() bool { return true }

func (s *statelessSession) GetClientInfo() mcp.Implementation     { return s.info }
func (s *statelessSession) SetClientInfo(info mcp.Implementation) { s.info = info }

func (s *statelessSession) GetClientCapabilities() mcp.ClientCapabilities { return s.capabilities }

func (s *statelessSession) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.capabilities = capabilities
}
