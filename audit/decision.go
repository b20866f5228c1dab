package audit

import "slices"

// The decisions that let a call through.
const (
	Allowed   = "allowed"
	Confirmed = "confirmed"
	DryRun    = "dry_run"
)

// The decisions that didn't: the person hasn't agreed, or what forbids the call.
const (
	Unconfirmed = "unconfirmed"
	Declined    = "declined"
	Unanswered  = "unanswered"
	// Denied: there is no such tool on offer.
	Denied    = "denied"
	ByRole    = "role"
	ByGrant   = "grant"
	ByRepos   = "repos"
	ByPath    = "path"
	ByStop    = "stop"
	ByBudget  = "budget"
	ByReading = "reading"
	ByBody    = "body"
	// Misconfigured: the settings are wrong, and the call could only say so.
	Misconfigured = "misconfigured"
	// Unlogged: it couldn't be written down.
	Unlogged = "unlogged"
)

// Decisions are all there are.
func Decisions() []string {
	return append(letting(), Unconfirmed, Declined, Unanswered, Denied, ByRole, ByGrant, ByRepos, ByPath, ByStop, ByBudget, ByReading, ByBody, Misconfigured, Unlogged)
}

func letting() []string { return []string{Allowed, Confirmed, DryRun} }

// HasDecision tells whether a pattern, or "", means one of them.
func (f Filter) HasDecision() bool {
	return slices.ContainsFunc(Decisions(), func(known string) bool { return fits(f.Decision, known) })
}

// WasLet tells whether the call was let through.
func (r Record) WasLet() bool { return slices.Contains(letting(), r.Decision) }
