package sandbox

import (
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

// Why a user code can't be decided on.
var (
	ErrUnknownCode  = errors.New("sandbox: no sign-in has this user code; check its spelling")
	ErrExpiredCode  = errors.New("sandbox: the user code has expired; start the sign-in again")
	ErrUsedCode     = errors.New("sandbox: the user code has been used; start the sign-in again")
	errTooManyTries = errors.New("sandbox: too many wrong user codes; wait an hour")
)

const (
	// slowDownBy is what each slow_down adds to the interval (RFC 8628 §3.5).
	slowDownBy = 5 * time.Second
	// With 50 wrong codes an hour, GitHub's number, guessing one of 20^8 is hopeless (RFC 8628 §5.1).
	maxWrongTries  = 50
	wrongTriesSpan = time.Hour
)

type decision int

const (
	undecided decision = iota
	approved
	denied
	redeemed
)

// device is one device authorization request and what has become of it.
type device struct {
	userCode  string // normal
	scopes    []string
	expiry    time.Time
	interval  time.Duration
	polled    time.Time // zero: never
	state     decision
	used      time.Time // zero: not yet redeemed
	decidedBy string    // the browser that decided; "" for none
}

// devices is every device authorization request so far. Safe for concurrent use.
type devices struct {
	now                       func() time.Time
	interval, lifetime, grace time.Duration

	mu           sync.Mutex // guards what follows
	byDeviceCode map[string]*device
	byUserCode   map[string]*device
	wrongTries   []time.Time // within the last wrongTriesSpan, oldest first
}

func newDevices(o Options) *devices {
	return &devices{
		now:          o.Now,
		interval:     o.Interval,
		grace:        o.Grace,
		lifetime:     o.CodeLifetime,
		byDeviceCode: map[string]*device{},
		byUserCode:   map[string]*device{},
	}
}

// add opens a request and gives its device code and its written user code.
func (d *devices) add(scopes []string) (deviceCode, userCode string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	code := newUserCode()
	for d.byUserCode[code] != nil {
		code = newUserCode()
	}
	opened := &device{userCode: code, scopes: scopes, expiry: d.now().Add(d.lifetime), interval: d.interval}
	deviceCode = "example-device-" + rand.Text()
	d.byDeviceCode[deviceCode], d.byUserCode[code] = opened, opened
	return deviceCode, writtenUserCode(code)
}

// redeem is one poll (RFC 8628 §3.4 and §3.5): the scopes approved, once, or why not.
func (d *devices) redeem(deviceCode string) ([]string, *refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.byDeviceCode[deviceCode]
	switch {
	case deviceCode == "":
		return nil, refuse(missingDeviceCode)
	case asked == nil, asked.state == redeemed && !within(asked.used, d.grace, d.now()):
		return nil, refuse(invalidDeviceCode)
	case !d.now().Before(asked.expiry):
		return nil, refuse(expiredCode)
	case asked.tooSoon(d.now()):
		return nil, &refusal{reason: slowDown, interval: asked.interval}
	case asked.state == undecided:
		return nil, refuse(authorizationPending)
	case asked.state == denied:
		return nil, refuse(accessDenied)
	}
	if asked.used.IsZero() {
		asked.state, asked.used = redeemed, d.now()
	}
	return asked.scopes, nil
}

// tooSoon notes a poll; one that comes before the interval is over makes the interval longer.
func (asked *device) tooSoon(now time.Time) bool {
	early := !asked.polled.IsZero() && now.Sub(asked.polled) < asked.interval
	asked.polled = now
	if early {
		asked.interval += slowDownBy
	}
	return early
}

// request is what the page shows of a device authorization request.
type request struct {
	UserCode string // written
	Scopes   []string
	Left     time.Duration
}

// enter is a person typing a code on the page. Wrong codes are counted, and after too many of them none is looked at.
func (d *devices) enter(typed string) (request, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tooManyTries() {
		return request{}, errTooManyTries
	}
	asked, err := d.open(typed)
	if err != nil {
		d.noteTry(err)
		return request{}, err
	}
	return request{UserCode: writtenUserCode(asked.userCode), Scopes: asked.scopes, Left: asked.expiry.Sub(d.now())}, nil
}

// enterDecision is a person pressing a button on the page. A browser that repeats its own decision is told the same again.
func (d *devices) enterDecision(typed string, verdict decision, browser string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tooManyTries() {
		return errTooManyTries
	}
	err := d.set(typed, verdict, browser)
	d.noteTry(err)
	return err
}

// decide is a decision that comes from no browser: wrong codes are not counted.
func (d *devices) decide(userCode string, verdict decision) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.set(userCode, verdict, "")
}

func (d *devices) set(typed string, verdict decision, browser string) error {
	asked, err := d.open(typed)
	if errors.Is(err, ErrUsedCode) && d.byUserCode[normalUserCode(typed)].repeats(verdict, browser) {
		return nil
	}
	if err != nil {
		return err
	}
	asked.state, asked.decidedBy = verdict, browser
	return nil
}

// repeats tells whether browser has already decided just so. A request is redeemed only after it was approved.
func (asked *device) repeats(verdict decision, browser string) bool {
	same := asked.state == verdict || (asked.state == redeemed && verdict == approved)
	return same && browser != "" && asked.decidedBy == browser
}

// open is the undecided request with the user code.
func (d *devices) open(typed string) (*device, error) {
	asked := d.byUserCode[normalUserCode(typed)]
	switch {
	case asked == nil:
		return nil, ErrUnknownCode
	case asked.state != undecided:
		return nil, ErrUsedCode
	case !d.now().Before(asked.expiry):
		return nil, ErrExpiredCode
	}
	return asked, nil
}

func (d *devices) tooManyTries() bool {
	since := d.now().Add(-wrongTriesSpan)
	for len(d.wrongTries) > 0 && !d.wrongTries[0].After(since) {
		d.wrongTries = d.wrongTries[1:]
	}
	return len(d.wrongTries) >= maxWrongTries
}

func (d *devices) noteTry(err error) {
	if errors.Is(err, ErrUnknownCode) {
		d.wrongTries = append(d.wrongTries, d.now())
	}
}
