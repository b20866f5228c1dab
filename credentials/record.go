package credentials

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// recordVersion is the format written, and keyVersion that of a key, which a
// program of format 2 would take for a program's own token and replace. A record
// of a later version is not read, so that an older program never overwrites what
// it doesn't understand.
const (
	recordVersion = 2
	keyVersion    = 3
)

// Record is what a store keeps for one credential.
type Record struct {
	// Generation grows by one with every write.
	Generation int
	// Service, Host, Issuer, ClientID, Audience and Scopes say what the token was
	// asked for. Issuer is "" for a service whose endpoints are known without
	// one, and Audience holds the API or APIs the settings name, if any.
	// Binding holds the addresses of the token endpoint, if there is no issuer, and
	// of the API; "" in a record of format 1.
	Service  string
	Host     string
	Issuer   string
	Binding  string
	ClientID string
	Audience string
	Scopes   []string
	// Grant is client_credentials for a token of this program itself, key for a key
	// that a person has given, and "" for a token of a person's sign-in.
	Grant string
	// Account is the provider's name for whose token it is; "" until it is
	// known.
	Account string
	Token   oauth.Token
	// SignedIn and Refreshed are when the person approved and when the
	// token was last renewed.
	SignedIn  time.Time
	Refreshed time.Time
	// SignInNeeded marks a token the provider has refused for good.
	SignInNeeded bool
	// Pending is a sign-in that waits for a person, so that any process can
	// show it and go on with it; nil if there is none. There may be no token
	// beside it yet.
	Pending *Pending
	// Registration is the client that was registered to sign in with; nil for none.
	// There may be nothing else yet.
	Registration *Registration

	// from is the sign-in that has given the token, if that was in this process,
	// and replaces the token the store had then; zero for none.
	from     *Pending
	replaces oauth.Secret
}

// Pending is a sign-in under way and what it was asked for.
type Pending struct {
	Host, Issuer, Binding, ClientID, Audience string
	Scopes                                    []string
	Started                                   time.Time
	// Authorization is that of the device flow, and Browser that of the flow
	// through a browser on this machine: one of them.
	Authorization *deviceflow.Authorization
	Browser       *loopback.Authorization
	// Owner is who has to approve, the account that was signed in when it began;
	// "" if none was. Anyone lets any other account approve as well.
	Owner  string
	Anyone bool
	// Token is what the approval gave. It waits here until it is known whose it
	// is, so that the one in use isn't lost to somebody else's.
	Token oauth.Token

	// reason is why it is this flow, or "".
	reason string
	// shared says that other processes know of it, found that one of them has begun
	// it.
	shared, found bool
}

// is reports whether two sign-ins are the same one.
func (p *Pending) is(other *Pending) bool {
	return p != nil && other != nil && p.secret().Equal(other.secret())
}

// isShared reports whether other processes know of it.
func (p *Pending) isShared() bool { return p != nil && p.shared }

// isApproved reports whether a person has approved and the token is here.
func (p *Pending) isApproved() bool { return p != nil && !p.Token.Access.IsZero() }

// isFor reports whether a token from this sign-in would be for what is wanted,
// whatever its scopes.
func (p *Pending) isFor(want Record) bool {
	isClient := want.ClientID == "" || p.ClientID == want.ClientID
	return want.Grant == "" && p.Host == want.Host && p.Issuer == want.Issuer && isBound(p.Binding, want.Binding) && isClient && p.Audience == want.Audience
}

// serves reports whether a token from this sign-in would be what is wanted.
func (p *Pending) serves(want Record) bool { return p.isFor(want) && includes(p.Scopes, want.Scopes) }

// isBound compares bindings, of which format 1 knows none.
func isBound(given, wanted string) bool { return given == "" || given == wanted }

// includes reports whether all of the wanted scopes are among those given.
func includes(given, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(scope string) bool { return !slices.Contains(given, scope) })
}

// serves reports whether the record was made for what is wanted.
func (r *Record) serves(want Record) bool { return r.otherwise(want) == "" }

// From answers where the token comes from, as far as the record says, for a service
// that nothing describes any more.
func (r *Record) From() Service {
	s := Service{Name: r.Service, Host: r.Host, Issuer: r.Issuer, APIURL: r.Binding}
	if token, api, found := strings.Cut(r.Binding, " "); found {
		s.Endpoint.TokenURL, s.APIURL = token, api
	}
	return s
}

// isFrom reports whether the token comes from this host and issuer, for this API,
// and so may be sent there.
func (r *Record) isFrom(s Service) bool {
	return r.Host == s.Host && r.Issuer == s.Issuer && isBound(r.Binding, s.binding())
}

// otherwise answers in words what else than wanted the record was made for: it
// has to be the same service, host, issuer and grant, the same client, if one is
// wanted at all, the same audience, and at least the same scopes.
func (r *Record) otherwise(want Record) string {
	missing := slices.DeleteFunc(slices.Clone(want.Scopes), func(scope string) bool { return slices.Contains(r.Scopes, scope) })
	switch {
	case r.Service != want.Service || r.Host != want.Host || r.Issuer != want.Issuer:
		return "it is for " + cmp.Or(r.Issuer, r.Host)
	case !isBound(r.Binding, want.Binding):
		return "it is for other addresses: " + r.Binding
	case r.isKey() && want.Grant == "":
		return ""
	case r.Grant != want.Grant && want.Grant == "":
		return "it is this program's own, and no person's"
	case r.Grant != want.Grant:
		return "it is a person's"
	case want.ClientID != "" && r.ClientID != want.ClientID:
		return "it is for another client id"
	case r.Audience != want.Audience:
		return "it is for another audience or resource"
	case len(missing) > 0:
		return "it lacks the scope " + strings.Join(missing, ", ")
	}
	return ""
}

// isAfter reports whether the token was issued after another one: a person's
// approval counts for more than a renewal.
func (r *Record) isAfter(other *Record) bool {
	if r.SignedIn.Equal(other.SignedIn) {
		return r.Refreshed.After(other.Refreshed)
	}
	return r.SignedIn.After(other.SignedIn)
}

// ProbeRecord is a record to try a store with. It holds no secret.
func ProbeRecord() *Record {
	return &Record{Service: "doctor", Token: oauth.Token{Access: oauth.NewSecret("example")}}
}

type recordJSON struct {
	Version    int      `json:"version"`
	Generation int      `json:"generation"`
	Service    string   `json:"service"`
	Host       string   `json:"host"`
	Issuer     string   `json:"issuer,omitempty"`
	Binding    string   `json:"binding,omitempty"`
	ClientID   string   `json:"client_id"`
	Audience   string   `json:"audience,omitempty"`
	Scopes     []string `json:"scopes,omitempty"`
	Grant      string   `json:"grant,omitempty"`
	Account    string   `json:"account,omitempty"`
	tokenJSON
	SignedIn     *time.Time `json:"signed_in,omitempty"`
	Refreshed    *time.Time `json:"refreshed,omitempty"`
	SignInNeeded bool       `json:"sign_in_needed,omitempty"`

	Pending      *pendingJSON      `json:"pending,omitempty"`
	Registration *registrationJSON `json:"registration,omitempty"`
}

type tokenJSON struct {
	AccessToken   string     `json:"access_token,omitempty"`
	RefreshToken  string     `json:"refresh_token,omitempty"`
	TokenType     string     `json:"token_type,omitempty"`
	Granted       []string   `json:"granted,omitempty"`
	Expiry        *time.Time `json:"expiry,omitempty"`
	RefreshExpiry *time.Time `json:"refresh_expiry,omitempty"`
}

type pendingJSON struct {
	Host          string          `json:"host"`
	Issuer        string          `json:"issuer,omitempty"`
	Binding       string          `json:"binding,omitempty"`
	ClientID      string          `json:"client_id"`
	Audience      string          `json:"audience,omitempty"`
	Scopes        []string        `json:"scopes,omitempty"`
	Started       time.Time       `json:"started"`
	Owner         string          `json:"owner,omitempty"`
	Anyone        bool            `json:"anyone,omitempty"`
	Authorization json.RawMessage `json:"authorization,omitempty"`
	Browser       json.RawMessage `json:"loopback,omitempty"`
	tokenJSON
}

// errRecord says that what a store holds isn't a record. It never quotes it.
var errRecord = errors.New("the stored record can't be read")

// encode answers the record as JSON with its secrets in clear, for a store
// that protects it.
func (r *Record) encode() (oauth.Secret, error) {
	version := recordVersion
	if r.isKey() {
		version = keyVersion
	}
	text, err := json.Marshal(recordJSON{
		Version: version, Generation: r.Generation,
		Service: r.Service, Host: r.Host, Issuer: r.Issuer, Binding: r.Binding, ClientID: r.ClientID, Audience: r.Audience, Scopes: r.Scopes, Grant: r.Grant, Account: r.Account,
		tokenJSON: encodeToken(r.Token),
		SignedIn:  optional(r.SignedIn), Refreshed: optional(r.Refreshed), SignInNeeded: r.SignInNeeded,
		Pending: r.Pending.encode(), Registration: r.Registration.encode(),
	})
	return oauth.NewSecret(string(text)), err
}

func decodeRecord(text oauth.Secret) (*Record, error) {
	var j recordJSON
	if err := json.Unmarshal([]byte(text.Reveal()), &j); err != nil {
		return nil, errRecord
	}
	if j.Version > keyVersion {
		return nil, faulty("update this one, or, "+startAfresh, "%w: it was written by a later valetkey (format %d)", errRecord, j.Version)
	}
	// A sign-in that can't be read costs the sign-in alone.
	pending, err := j.Pending.decode()
	if err != nil {
		pending = nil
	}
	registration := j.Registration.decode()
	if j.Version < 1 || j.AccessToken == "" && pending == nil && registration == nil {
		return nil, errRecord
	}
	return &Record{
		Generation: j.Generation, Service: j.Service, Host: j.Host, Issuer: j.Issuer, Binding: j.Binding, ClientID: j.ClientID, Audience: j.Audience,
		Scopes: j.Scopes, Grant: j.Grant, Account: j.Account,
		Token:    j.tokenJSON.decode(),
		SignedIn: timeOf(j.SignedIn), Refreshed: timeOf(j.Refreshed), SignInNeeded: j.SignInNeeded,
		Pending: pending, Registration: registration,
	}, nil
}

func encodeToken(t oauth.Token) tokenJSON {
	return tokenJSON{
		AccessToken: t.Access.Reveal(), RefreshToken: t.Refresh.Reveal(), TokenType: t.Type,
		Granted: t.Scopes, Expiry: optional(t.Expiry), RefreshExpiry: optional(t.RefreshExpiry),
	}
}

func (j tokenJSON) decode() oauth.Token {
	return oauth.Token{
		Access: oauth.NewSecret(j.AccessToken), Refresh: oauth.NewSecret(j.RefreshToken), Type: j.TokenType,
		Scopes: j.Granted, Expiry: timeOf(j.Expiry), RefreshExpiry: timeOf(j.RefreshExpiry),
	}
}

func (p *Pending) encode() *pendingJSON {
	if p == nil {
		return nil
	}
	j := &pendingJSON{
		Host: p.Host, Issuer: p.Issuer, Binding: p.Binding, ClientID: p.ClientID, Audience: p.Audience,
		Scopes: p.Scopes, Started: p.Started.UTC(), Owner: p.Owner, Anyone: p.Anyone,
		tokenJSON: encodeToken(p.Token),
	}
	if p.Browser != nil {
		j.Browser = json.RawMessage(p.Browser.Save().Reveal())
	} else {
		j.Authorization = json.RawMessage(p.Authorization.Save().Reveal())
	}
	return j
}

func (j *pendingJSON) decode() (*Pending, error) {
	if j == nil {
		return nil, nil
	}
	p := &Pending{
		Host: j.Host, Issuer: j.Issuer, Binding: j.Binding, ClientID: j.ClientID, Audience: j.Audience,
		Scopes: j.Scopes, Started: j.Started, Owner: j.Owner, Anyone: j.Anyone,
		Token: j.tokenJSON.decode(), shared: true,
	}
	var err error
	if j.Browser != nil {
		p.Browser, err = loopback.Restore(oauth.NewSecret(string(j.Browser)))
	} else {
		p.Authorization, err = deviceflow.Restore(oauth.NewSecret(string(j.Authorization)))
	}
	return p, err
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Round(0)
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
