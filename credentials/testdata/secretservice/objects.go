//go:build linux

package secretservice

import "github.com/godbus/dbus/v5"

// secret is the specification's Secret, (oayays).
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// properties is org.freedesktop.DBus.Properties of the service and of the
// collection, whose properties have different names.
type properties struct{ *Service }

func (p *properties) Get(_, property string) (dbus.Variant, *dbus.Error) {
	if err := p.enter(property); err != nil {
		return dbus.Variant{}, err
	}
	p.mu.Lock()
	f := p.fault
	p.mu.Unlock()
	var value any
	switch property {
	case "Collections":
		collections := []dbus.ObjectPath{}
		if !f.NoCollection {
			collections = append(collections, collection)
		}
		value = collections
	case "Locked":
		value = f.Locked
	default:
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(p.answer(property, value)), nil
}

// root is the object of the interface Service.
type root struct{ *Service }

func (r *root) OpenSession(string, dbus.Variant) (dbus.Variant, any, *dbus.Error) {
	if err := r.enter("OpenSession"); err != nil {
		return dbus.Variant{}, nil, err
	}
	return dbus.MakeVariant(""), r.answer("OpenSession", session), nil
}

func (r *root) ReadAlias(string) (any, *dbus.Error) {
	if err := r.enter("ReadAlias"); err != nil {
		return nil, err
	}
	r.mu.Lock()
	none := r.fault.NoCollection
	r.mu.Unlock()
	if none {
		return r.answer("ReadAlias", dbus.ObjectPath("/")), nil
	}
	return r.answer("ReadAlias", collection), nil
}

func (r *root) Unlock(objects []dbus.ObjectPath) (any, dbus.ObjectPath, *dbus.Error) {
	if err := r.enter("Unlock"); err != nil {
		return nil, "/", err
	}
	r.mu.Lock()
	opens, err := r.prompts("Unlock", func() any {
		r.fault.Locked = false
		return objects
	})
	r.mu.Unlock()
	if err != nil || opens != "/" {
		return []dbus.ObjectPath{}, opens, err
	}
	return r.answer("Unlock", objects), "/", nil
}

// login is the collection.
type login struct{ *Service }

func (l *login) SearchItems(attributes map[string]string) (any, *dbus.Error) {
	if err := l.enter("SearchItems"); err != nil {
		return nil, err
	}
	l.mu.Lock()
	found := l.search(attributes)
	l.mu.Unlock()
	return l.answer("SearchItems", found), nil
}

func (l *login) CreateItem(values map[string]dbus.Variant, given secret, _ bool) (any, dbus.ObjectPath, *dbus.Error) {
	if err := l.enter("CreateItem"); err != nil {
		return nil, "/", err
	}
	attributes, ok := values[itemInterface+".Attributes"].Value().(map[string]string)
	if !ok {
		return nil, "/", dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", nil)
	}
	l.mu.Lock()
	create := func() any { return l.create(attributes, given.Value) }
	opens, err := l.prompts("CreateItem", create)
	if err != nil || opens != "/" {
		l.mu.Unlock()
		return dbus.ObjectPath("/"), opens, err
	}
	at := create()
	l.mu.Unlock()
	return l.answer("CreateItem", at), "/", nil
}

// create keeps what it should, or what the fault makes of it.
func (l *login) create(attributes map[string]string, value []byte) any {
	switch {
	case l.fault.Forgets:
		return collection + "/forgotten"
	case l.fault.Mangles:
		value = []byte(oddText)
	}
	at, err := l.put(attributes, value)
	if err != nil {
		return err.Error()
	}
	return at
}

// item is something kept.
type item struct {
	service    *Service
	path       dbus.ObjectPath
	attributes map[string]string
	secret     []byte
}

func (i *item) GetSecret(from dbus.ObjectPath) (any, *dbus.Error) {
	if err := i.service.enter("GetSecret"); err != nil {
		return nil, err
	}
	i.service.mu.Lock()
	value := secret{from, []byte{}, i.secret, "text/plain; charset=utf8"}
	i.service.mu.Unlock()
	return i.service.answer("GetSecret", value), nil
}

func (i *item) Delete() (any, *dbus.Error) {
	s := i.service
	if err := s.enter("Delete"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	remove := func() any {
		s.remove(i.path)
		return ""
	}
	opens, err := s.prompts("Delete", remove)
	if err == nil && opens == "/" {
		remove()
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.answer("Delete", opens), nil
}

// opened is a session, which has nothing to remember.
type opened struct{}

func (opened) Close() *dbus.Error { return nil }
