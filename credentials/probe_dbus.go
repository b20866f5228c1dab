//go:build linux || freebsd || netbsd || openbsd || dragonfly

package credentials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service, from
// https://specifications.freedesktop.org/secret-service-spec/latest/
const (
	secretsName         = "org.freedesktop.secrets"
	secretsPath         = "/org/freedesktop/secrets"
	loginCollection     = "/org/freedesktop/secrets/collection/login"
	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
)

const busTimeout = 5 * time.Second

const noBus = "run valetkey in a desktop session with a keyring such as gnome-keyring, or " + withoutKeyring

// BesideKeyring answers a folder that all who use a keyring see, whatever
// configuration directory a sandbox gives them: beside the socket of the session
// bus, if that is in a directory of this user's alone; nil for none.
func BesideKeyring(name string) *Folder {
	_, socket, found := strings.Cut(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "unix:path=")
	if !found {
		socket = fmt.Sprintf("/run/user/%d/bus", os.Getuid())
	}
	socket, _, _ = strings.Cut(socket, ",")
	parent := filepath.Dir(socket)
	info, err := os.Lstat(parent)
	if err != nil || !info.IsDir() || checkPrivate(parent, info) != nil {
		return nil
	}
	return &Folder{Path: filepath.Join(parent, name)}
}

// probe looks whether there is a Secret Service with an open collection before
// go-keyring is called, which would start a bus of its own where there is none
// and can't tell a locked keyring from a missing one. A person who is there
// may be asked to unlock it, so then a lock is no obstacle. What it answers
// after the context has ended means nothing.
func probe(ctx context.Context, interactive bool) error {
	conn, err := connect(ctx, busTimeout)
	if err != nil {
		return err
	}
	defer conn.Close()
	collection, err := defaultCollection(ctx, conn)
	if err != nil || interactive {
		return err
	}
	return unlocked(ctx, conn, collection)
}

// connect greets the session bus, which waits for nobody: where a keyring may
// take minutes, a bus that is silent for so long is dead.
func connect(ctx context.Context, limit time.Duration) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, &StoreError{Outcome: Absent, Reason: "there is no D-Bus session bus", mend: noBus}
	}
	late := time.AfterFunc(limit, func() { conn.Close() })
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	switch {
	case !late.Stop():
		return nil, &StoreError{Outcome: Broken, Reason: "the D-Bus session bus doesn't answer"}
	case err != nil:
		conn.Close()
		return nil, &StoreError{Outcome: Absent, Reason: "the D-Bus session bus refuses connections", mend: noBus}
	}
	return conn, nil
}

// defaultCollection finds the collection go-keyring will use: login, else the
// one with the alias default.
func defaultCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	service := conn.Object(secretsName, secretsPath)
	var collections dbus.Variant
	call := service.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, serviceInterface, "Collections")
	if err := call.Store(&collections); err != nil {
		return "", probeError(err)
	}
	paths, ok := collections.Value().([]dbus.ObjectPath)
	if !ok {
		return "", &StoreError{Outcome: Broken, Reason: "the Secret Service gives its collections in a wrong type"}
	}
	if slices.Contains(paths, loginCollection) {
		return loginCollection, nil
	}
	var alias dbus.ObjectPath
	if err := service.CallWithContext(ctx, serviceInterface+".ReadAlias", 0, "default").Store(&alias); err != nil {
		return "", probeError(err)
	}
	if alias == "/" || alias == "" {
		return "", &StoreError{Outcome: Absent, Reason: "the Secret Service has no default keyring yet", mend: "create one with Seahorse or KWalletManager, or " + withoutKeyring}
	}
	return alias, nil
}

func unlocked(ctx context.Context, conn *dbus.Conn, collection dbus.ObjectPath) error {
	var locked dbus.Variant
	call := conn.Object(secretsName, collection).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, collectionInterface, "Locked")
	if err := call.Store(&locked); err != nil {
		return probeError(err)
	}
	if isLocked, ok := locked.Value().(bool); ok && isLocked {
		return &StoreError{Outcome: Locked, Reason: "its password has not been given since you logged in"}
	}
	return nil
}

// probeError tells a Secret Service that is neither there nor can be started
// from one that is ill.
func probeError(err error) error {
	var refused dbus.Error
	if errors.As(err, &refused) && refused.Name == "org.freedesktop.DBus.Error.ServiceUnknown" {
		return &StoreError{Outcome: Absent, Reason: "no Secret Service is running", mend: "install gnome-keyring, KWallet or KeePassXC and start it, or " + withoutKeyring}
	}
	return systemError(err)
}

// systemError is an error of D-Bus or of a Secret Service. It keeps the name
// and drops the rest, which may quote anything.
func systemError(err error) *StoreError {
	var refused dbus.Error
	switch {
	case errors.As(err, &refused) && refused.Name == "org.freedesktop.Secret.Error.IsLocked":
		return &StoreError{Outcome: Locked, Reason: "what is kept in it is locked"}
	case errors.As(err, &refused):
		return &StoreError{Outcome: Broken, Reason: "it answered " + refused.Name}
	case errors.Is(err, dbus.ErrClosed):
		return &StoreError{Outcome: Broken, Reason: "the D-Bus session bus has ended"}
	}
	return &StoreError{Outcome: Broken, Reason: fmt.Sprintf("the call ended with %T", err)}
}

// watch remembers who owns the Secret Service's name while a call of go-keyring
// begins. Once that owner is gone, its prompts are, and go-keyring would wait
// for them for ever: then what watch answers closes go-keyring's connection,
// which ends the call.
func watch() (release func(context.Context) bool) {
	shared, err := dbus.SessionBus()
	if err != nil {
		return nil
	}
	began, err := owner(context.Background(), shared)
	if err != nil {
		return nil
	}
	return func(ctx context.Context) bool {
		conn, err := connect(ctx, busTimeout)
		if err != nil {
			return false
		}
		defer conn.Close()
		now, err := owner(ctx, conn)
		return err == nil && now != began && shared.Close() == nil
	}
}

// owner is the bus's name for the Secret Service that runs, "" if none does.
func owner(ctx context.Context, conn *dbus.Conn) (name string, err error) {
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, secretsName).Store(&name)
	var refused dbus.Error
	if errors.As(err, &refused) && refused.Name == "org.freedesktop.DBus.Error.NameHasNoOwner" {
		return "", nil
	}
	return name, err
}
