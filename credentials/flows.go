package credentials

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// Flow is a way for a person to sign in.
type Flow string

const (
	// DeviceFlow has a code approved in a browser anywhere (RFC 8628).
	DeviceFlow Flow = "device"
	// LoopbackFlow has a browser on this machine come back here (RFC 8252).
	LoopbackFlow Flow = "loopback"
)

// FlowPlan is which flow a sign-in takes, and why.
type FlowPlan struct {
	Flow Flow
	// Reason is why it isn't the other one, in words, where something speaks
	// against that; else "".
	Reason string
	// Instead is tried where the provider refuses Flow; "": none.
	Instead Flow
}

// ErrOtherFlow says that the provider has refused a flow, and that the next
// sign-in takes another one.
var ErrOtherFlow = errors.New("the next sign-in goes another way")

// FlowPlan answers which flow a sign-in would take now. Where only an issuer is
// known, that is asked for its endpoints.
func (c *Credential) FlowPlan(ctx context.Context) (FlowPlan, error) {
	m, err := c.metadata(ctx)
	if err != nil {
		return FlowPlan{}, c.errorf("%w", err)
	}
	plan, err := c.plan(m, c.want().Scopes)
	if err != nil {
		return FlowPlan{}, c.errorf("%w", err)
	}
	return plan, nil
}

// objection is what speaks against a flow. A doubt is what the provider documents,
// and may have changed: where nothing else is left it is tried all the same.
type objection struct {
	reason  string
	isDoubt bool
}

func (o objection) isFinal() bool { return o.reason != "" && !o.isDoubt }

// plan prefers the device flow, since it needs no browser on this machine, unless
// the settings say otherwise.
func (c *Credential) plan(m *oauth.Metadata, scopes []string) (FlowPlan, error) {
	device, browser := c.againstDevice(m, scopes), c.againstLoopback(m)
	switch {
	case c.Settings.Flow == string(DeviceFlow):
		return c.only(DeviceFlow, device)
	case c.Settings.Flow == string(LoopbackFlow):
		return c.only(LoopbackFlow, browser)
	case device.reason == "" && browser.reason == "":
		return FlowPlan{Flow: DeviceFlow, Instead: LoopbackFlow}, nil
	case device.reason == "":
		return FlowPlan{Flow: DeviceFlow}, nil
	case browser.reason == "" && device.isDoubt:
		return FlowPlan{Flow: LoopbackFlow, Reason: device.reason, Instead: DeviceFlow}, nil
	case browser.reason == "":
		return FlowPlan{Flow: LoopbackFlow, Reason: device.reason}, nil
	case device.isDoubt:
		return FlowPlan{Flow: DeviceFlow, Reason: browser.reason}, nil
	}
	return FlowPlan{}, fmt.Errorf("%s; %s: %w", device.reason, browser.reason, oauth.ErrUnsupported)
}

func (c *Credential) only(flow Flow, against objection) (FlowPlan, error) {
	if against.isFinal() {
		return FlowPlan{}, fmt.Errorf("%s, and %s=%s allows nothing else; unset it to let valetkey choose", against.reason, c.variable("FLOW"), flow)
	}
	return FlowPlan{Flow: flow}, nil
}

// allows reports whether a sign-in that another process has begun may be joined.
func (c *Credential) allows(flow Flow) bool {
	return c.Settings.Flow == "" || c.Settings.Flow == "auto" || c.Settings.Flow == string(flow)
}

func (c *Credential) againstDevice(m *oauth.Metadata, scopes []string) objection {
	missing := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return slices.Contains(c.Service.DeviceScopes, scope) })
	switch refused := c.refusal(DeviceFlow); {
	case refused != "":
		return objection{reason: refused}
	case m.Endpoint.DeviceAuthURL == "":
		return objection{reason: c.namesNo("device_authorization_endpoint", "DEVICE_URL")}
	case m.GrantTypes != nil && !slices.Contains(m.GrantTypes, deviceflow.GrantType):
		return objection{reason: fmt.Sprintf("the issuer %s doesn't list the device flow among its grants", c.Service.Issuer), isDoubt: true}
	case c.Service.DeviceScopes != nil && len(missing) > 0:
		return objection{reason: fmt.Sprintf("the device flow of %s doesn't give %s", c.Service.Title, strings.Join(missing, ", ")), isDoubt: true}
	}
	return objection{}
}

func (c *Credential) againstLoopback(m *oauth.Metadata) objection {
	switch refused := c.refusal(LoopbackFlow); {
	case refused != "":
		return objection{reason: refused}
	case c.Service.NoLoopback != "":
		return objection{reason: c.Service.NoLoopback}
	case m.Endpoint.AuthURL == "":
		return objection{reason: c.namesNo("authorization_endpoint", "AUTHORIZATION_URL")}
	case m.ChallengeMethods != nil && !slices.Contains(m.ChallengeMethods, "S256"):
		return objection{reason: fmt.Sprintf("the issuer %s knows no PKCE by S256", c.Service.Issuer)}
	}
	return objection{}
}

func (c *Credential) namesNo(endpoint, variable string) string {
	if c.discovery != nil {
		return fmt.Sprintf("the issuer %s names no %s", c.Service.Issuer, endpoint)
	}
	return fmt.Sprintf("no %s is known (%s)", endpoint, c.variable(variable))
}

// isFlowRefused tells the refusals that are about the flow, or the scopes by that
// flow, from those of a client nobody knows or a person who says no. Microsoft
// refuses the device flow of an application that isn't public as invalid_client
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
func isFlowRefused(err error) bool {
	var refused *oauth.Error
	isAbout := errors.As(err, &refused) && (refused.Code == "unauthorized_client" || strings.Contains(refused.Description, "AADSTS7000218"))
	return isAbout || slices.ContainsFunc([]error{
		deviceflow.ErrDisabled, oauth.ErrUnsupported, oauth.ErrInvalidScope, oauth.ErrBlocked,
	}, func(reason error) bool { return errors.Is(err, reason) })
}

// isStartRefused knows besides that some answer invalid_request to the first
// request of a client that may not use the device flow, where RFC 6749 §5.2 has
// unauthorized_client: oidc-provider 9.13.3, lib/actions/authorization/client.js.
func isStartRefused(err error) bool {
	var refused *oauth.Error
	return isFlowRefused(err) || errors.As(err, &refused) && refused.Code == "invalid_request"
}

// noteRefusal remembers for this process that a flow was refused, and adds to the
// error that there is another.
func (c *Credential) noteRefusal(ctx context.Context, p *Pending, err error) error {
	if !isFlowRefused(err) {
		return err
	}
	c.setRefusal(p.flow(), err)
	m, unknown := c.metadata(ctx)
	if unknown != nil {
		return err
	}
	if plan, none := c.plan(m, p.Scopes); none != nil || plan.Flow == p.flow() {
		return err
	}
	return fmt.Errorf("%w; %w", err, ErrOtherFlow)
}

func (c *Credential) refusal(flow Flow) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused[flow]
}

// setRefusal keeps the reason without what a person could do about it: there is
// another flow.
func (c *Credential) setRefusal(flow Flow, err error) {
	why := err.Error()
	for reason, words := range map[error]string{
		oauth.ErrInvalidScope:       "it doesn't give these scopes that way",
		oauth.ErrUnauthorizedClient: "the application may not use it",
		oauth.ErrBlocked:            "a policy of the organization blocks it",
		oauth.ErrUnsupported:        "there is none",
		deviceflow.ErrDisabled:      "the application has it switched off",
	} {
		if errors.Is(err, reason) {
			why = words
		}
	}
	var refused *oauth.Error
	if errors.As(err, &refused) && refused.Code != "" {
		why += " (" + refused.Code + ")"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[flow] = fmt.Sprintf("%s refused the %s flow: %s", c.Service.Title, flow, why)
}

// forgetRefusals lets everything be tried again, if anything was refused.
func (c *Credential) forgetRefusals() (forgot bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	forgot = len(c.refused) > 0
	clear(c.refused)
	return forgot
}
