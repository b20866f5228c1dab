//go:build linux

package secretservice

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	name       = "org.freedesktop.secrets"
	path       = dbus.ObjectPath("/org/freedesktop/secrets")
	collection = path + "/collection/login"
	alias      = path + "/aliases/default"
	session    = path + "/session/s1"

	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	sessionInterface    = "org.freedesktop.Secret.Session"
	promptInterface     = "org.freedesktop.Secret.Prompt"
	propertiesInterface = "org.freedesktop.DBus.Properties"
)

// Service is a Secret Service. Its methods are safe for concurrent use.
type Service struct {
	address string

	mu      sync.Mutex
	conn    *dbus.Conn
	fault   Fault
	items   map[dbus.ObjectPath]*item
	serial  int
	shown   int
	open    []*prompt
	lifted  chan struct{}
	stuck   chan struct{}
	isStuck bool
}

// Start starts a service without items and without a fault on the bus at an
// address, and takes its name.
func Start(address string) (*Service, error) {
	s := &Service{address: address, items: map[dbus.ObjectPath]*item{}, lifted: make(chan struct{}), stuck: make(chan struct{})}
	if err := s.connect(); err != nil {
		return nil, err
	}
	return s, nil
}

// connect puts the service on its bus, with everything it keeps.
func (s *Service) connect() error {
	conn, err := dbus.Connect(s.address)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = conn
	for _, object := range []struct {
		value any
		path  dbus.ObjectPath
		name  string
	}{
		{&root{s}, path, serviceInterface},
		{&properties{s}, path, propertiesInterface},
		{&login{s}, collection, collectionInterface},
		{&properties{s}, collection, propertiesInterface},
		{&login{s}, alias, collectionInterface},
		{&properties{s}, alias, propertiesInterface},
		{opened{}, session, sessionInterface},
	} {
		if err := conn.Export(object.value, object.path, object.name); err != nil {
			return err
		}
	}
	for at, i := range s.items {
		if err := conn.Export(i, at, itemInterface); err != nil {
			return err
		}
	}
	return own(conn)
}

func own(conn *dbus.Conn) error {
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil {
		return err
	}
	if reply != dbus.RequestNameReplyPrimaryOwner && reply != dbus.RequestNameReplyAlreadyOwner {
		return fmt.Errorf("the bus answers %d to the request for %s", reply, name)
	}
	return nil
}

func (s *Service) connection() *dbus.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// Close leaves the bus, after it has let go of the calls that hang.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letGo(Fault{})
	return s.conn.Close()
}

// Behave makes the service behave in another way from now on. Calls that hang
// go on; prompts that are open stay so.
func (s *Service) Behave(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letGo(f)
}

func (s *Service) letGo(f Fault) {
	close(s.lifted)
	s.lifted, s.fault = make(chan struct{}), f
}

// Lift ends the fault: calls that hang go on, a person grants all prompts that
// are open, and a service that has left or died is back.
func (s *Service) Lift() error {
	s.mu.Lock()
	s.letGo(Fault{})
	open, conn := s.open, s.conn
	s.open = nil
	s.mu.Unlock()
	if !conn.Connected() {
		return s.connect()
	}
	for _, p := range open {
		if err := p.completed(false, dbus.MakeVariant(p.grant())); err != nil {
			return err
		}
	}
	return own(conn)
}

// Reset forgets everything but the connection.
func (s *Service) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letGo(Fault{})
	for at := range s.items {
		s.remove(at)
	}
	s.shown, s.open = 0, nil
}

// Keep puts a secret into the collection, as another program would have.
func (s *Service) Keep(service, username, secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.put(map[string]string{"service": service, "username": username}, []byte(secret))
	return err
}

// Kept answers what is kept, if anything is.
func (s *Service) Kept(service, username string) (secret string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.search(map[string]string{"service": service, "username": username}) {
		return string(s.items[at].secret), true
	}
	return "", false
}

// put replaces the item with the same attributes, or makes a new one.
func (s *Service) put(attributes map[string]string, secret []byte) (dbus.ObjectPath, error) {
	for at, i := range s.items {
		if maps.Equal(i.attributes, attributes) {
			i.secret = secret
			return at, nil
		}
	}
	s.serial++
	at := dbus.ObjectPath(fmt.Sprintf("%s/%d", collection, s.serial))
	i := &item{s, at, attributes, secret}
	s.items[at] = i
	return at, s.conn.Export(i, at, itemInterface)
}

func (s *Service) remove(at dbus.ObjectPath) {
	delete(s.items, at)
	// nil takes an object off the connection, which can't go wrong.
	_ = s.conn.Export(nil, at, itemInterface)
}

// search answers the items that have all of the attributes.
func (s *Service) search(attributes map[string]string) []dbus.ObjectPath {
	found := []dbus.ObjectPath{}
	for _, at := range slices.Sorted(maps.Keys(s.items)) {
		matches := true
		for key, value := range attributes {
			matches = matches && s.items[at].attributes[key] == value
		}
		if matches {
			found = append(found, at)
		}
	}
	return found
}

// Die ends the service as a crash does: without an answer to the calls that
// hang, or a word about the prompts that are open.
func (s *Service) Die() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = nil
	return s.conn.Close()
}
