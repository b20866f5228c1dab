package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/DeRuina/timberjack"
)

// rotate puts the file aside, under a name with the time and the next number. It needs
// the lock: the library knows one process only. What the library starts for that
// has ended when it answers.
func rotate(folder string) error {
	older, err := rotated(folder)
	if err != nil {
		return err
	}
	next := 1
	if len(older) > 0 {
		next += older[len(older)-1].number
	}
	file := &timberjack.Logger{Filename: filepath.Join(folder, fileName), FileMode: 0o600}
	return errors.Join(file.RotateWithReason(fmt.Sprintf("%06d", next)), file.Close())
}

// rotated are the files that were put aside, oldest first.
func rotated(folder string) ([]numbered, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	aside := regexp.MustCompile(`^audit-.+-([0-9]{6,15})(_[0-9]+)?\.jsonl$`)
	var found []numbered
	for _, entry := range entries {
		if parts := aside.FindStringSubmatch(entry.Name()); parts != nil {
			// It has too few digits to fail.
			number, _ := strconv.Atoi(parts[1])
			found = append(found, numbered{entry.Name(), number})
		}
	}
	slices.SortFunc(found, numbered.compare)
	return found, nil
}
