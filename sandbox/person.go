package sandbox

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// ApproveInPage does what a person does in a browser: opens verificationURI, types userCode, compares the code on the next page
// and presses Approve. It talks to loopback addresses only. The error says what the page said.
func ApproveInPage(ctx context.Context, verificationURI, userCode string) error {
	return decideInPage(ctx, verificationURI, userCode, "approve", "approved")
}

// DenyInPage is ApproveInPage with the other button.
func DenyInPage(ctx context.Context, verificationURI, userCode string) error {
	return decideInPage(ctx, verificationURI, userCode, "deny", "denied")
}

func decideInPage(ctx context.Context, verificationURI, userCode, button, outcome string) error {
	p, err := newPerson(verificationURI)
	if err != nil {
		return err
	}
	defer p.browser.CloseIdleConnections()
	if err := p.open(ctx, verificationURI, "enter"); err != nil {
		return err
	}
	if err := p.send(ctx, "confirm", url.Values{"user_code": {userCode}}); err != nil {
		return err
	}
	shown := writtenUserCode(normalUserCode(userCode))
	if !strings.Contains(p.page, shown) {
		return errors.New("sandbox: the page asks about another code than the one typed")
	}
	return p.send(ctx, outcome, url.Values{"user_code": {shown}, "decision": {button}})
}

// ApproveInBrowser does what a person does in a browser on this machine: opens address, which leads to the authorization
// endpoint, and presses Approve. It answers the last page, which is the one that the client shows when it has been called back.
func ApproveInBrowser(ctx context.Context, address string) (lastPage string, err error) {
	return decideInBrowser(ctx, address, "approve")
}

// DenyInBrowser is ApproveInBrowser with the other button.
func DenyInBrowser(ctx context.Context, address string) (lastPage string, err error) {
	return decideInBrowser(ctx, address, "deny")
}

func decideInBrowser(ctx context.Context, address, button string) (lastPage string, err error) {
	p, err := newPerson(address)
	if err != nil {
		return "", err
	}
	defer p.browser.CloseIdleConnections()
	// The client answers when it has the token.
	p.browser.Timeout = time.Minute
	p.browser.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if !isLoopbackHost(next.URL.Hostname()) {
			return fmt.Errorf("sandbox: the page leads to %s, which is not on this machine", next.URL.Host)
		}
		return nil
	}
	if err := p.open(ctx, address, "authorize"); err != nil {
		return p.page, err
	}
	p.form = p.at.String()
	if err := p.send(ctx, "", url.Values{"decision": {button}}); err != nil {
		return p.page, err
	}
	return p.page, nil
}

// person is a browser with one page open.
type person struct {
	browser *http.Client
	form    string // the address the forms of the page go to
	page    string
	at      *url.URL // where the page was found in the end
}

func newPerson(verificationURI string) (*person, error) {
	u, err := url.Parse(verificationURI)
	if err != nil || u.Scheme != "http" || u.User != nil || !isLoopbackHost(u.Hostname()) {
		return nil, fmt.Errorf("sandbox: %q is not a page of this machine; give the verification_uri of a sandbox", verificationURI)
	}
	u.RawQuery, u.Fragment = "", ""
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	browser := &http.Client{
		Jar:       jar,
		Timeout:   10 * time.Second,
		Transport: &http.Transport{}, // no proxy: the page is on this machine
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	return &person{browser: browser, form: u.String()}, nil
}

func (p *person) open(ctx context.Context, address, step string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return p.load(r, step)
}

// send fills in the form of the open page and sends it.
func (p *person) send(ctx context.Context, step string, form url.Values) error {
	form.Set("token", attribute(p.page, `name="token" value`))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.form, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.load(r, step)
}

// load opens a page, which must be the one of the given step; "": any.
func (p *person) load(r *http.Request, step string) error {
	answer, err := p.browser.Do(r)
	if err != nil {
		return fmt.Errorf("sandbox: opening the sign-in page: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return fmt.Errorf("sandbox: reading the sign-in page: %w", err)
	}
	p.page, p.at = string(body), answer.Request.URL
	if step == "" || answer.StatusCode == http.StatusOK && attribute(p.page, "<main data-step") == step {
		return nil
	}
	if problem := between(p.page, `id="problem">`, "<"); problem != "" {
		return errors.New("sandbox: the sign-in page says: " + problem)
	}
	return fmt.Errorf("sandbox: the sign-in page answers %s", answer.Status)
}

// attribute is the value of the attribute with which before ends.
func attribute(page, before string) string { return between(page, before+`="`, `"`) }

func between(page, before, after string) string {
	_, rest, _ := strings.Cut(page, before)
	found, _, ok := strings.Cut(rest, after)
	if !ok {
		return ""
	}
	return html.UnescapeString(found)
}
