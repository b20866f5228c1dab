package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// watchedStore looks, at each operation, whether the turn is anybody else's.
type watchedStore struct {
	Memory
	t      *testing.T
	folder *Folder
	// forgets says that it keeps nothing.
	forgets bool
	done    []string
}

func (w *watchedStore) look(operation string) {
	w.t.Helper()
	w.done = append(w.done, operation)
	unlock, err := w.folder.tryLock("doctor.lock")
	if unlock != nil {
		unlock()
	}
	if err != nil || unlock != nil {
		w.t.Errorf("%s: another process could have the turn; %v", operation, err)
	}
}

func (w *watchedStore) Read(ctx context.Context, entry string) (*Record, error) {
	w.look("read")
	return w.Memory.Read(ctx, entry)
}

func (w *watchedStore) Write(ctx context.Context, entry string, r *Record) error {
	w.look("write")
	if w.forgets {
		return nil
	}
	return w.Memory.Write(ctx, entry, r)
}

func (w *watchedStore) Delete(ctx context.Context, entry string) error {
	w.look("delete")
	return w.Memory.Delete(ctx, entry)
}

// A store is tried by one process at a time, and nothing is left in it.
func TestTryStore(t *testing.T) {
	t.Parallel()
	for _, forgets := range []bool{false, true} {
		store := &watchedStore{t: t, folder: &Folder{Path: folderPath(t)}, forgets: forgets}
		err := TryStore(t.Context(), store, store.folder)
		if errors.Is(err, ErrNotFound) != forgets || (err != nil) != forgets {
			t.Errorf("forgets: %t; %v", forgets, err)
		}
		if len(store.done) != 3 || len(store.records) != 0 {
			t.Errorf("%q, and %d records are left", store.done, len(store.records))
		}
		unlock, err := store.folder.tryLock("doctor.lock")
		if err != nil || unlock == nil {
			t.Fatalf("the turn doesn't end: %v", err)
		}
		unlock()
	}
}

// Whose turn doesn't come tries nothing; where there are no turns, the store is
// tried all the same.
func TestTryStoreWithoutATurn(t *testing.T) {
	t.Parallel()
	folder := &Folder{Path: folderPath(t)}
	unlock, err := folder.lock(t.Context(), "doctor.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var store Memory
	if err := TryStore(ctx, &store, folder); !errors.Is(err, context.Canceled) || store.records != nil {
		t.Errorf("%v, and the store was written to: %t", err, store.records != nil)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", file} {
		if err := TryStore(t.Context(), &store, &Folder{Path: path}); err != nil || store.records == nil {
			t.Errorf("folder %q: %v, and the store was written to: %t", path, err, store.records != nil)
		}
		store.records = nil
	}
}
