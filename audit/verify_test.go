package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/audit"
)

const current = "audit.jsonl"

// written is a log of some records, ten to a file or so.
func written(t *testing.T, records int) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "audit")
	log := logIn(folder)
	log.MaxSize = 7_500
	for i := range records {
		if err := log.Append(t.Context(), recordOf(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func verified(t *testing.T, folder, head string) audit.Report {
	t.Helper()
	report, err := audit.Verify(t.Context(), folder, head)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// files are those of the log in their order.
func files(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	// The name of the file that is written to sorts behind those with a dash.
	slices.Sort(found)
	return found
}

func edit(t *testing.T, path string, change func([][]byte) [][]byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Join(change(bytes.SplitAfter(content, []byte("\n"))), nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestChain: each record holds the SHA-256 of the one before, also over files, and the
// report names the last.
func TestChain(t *testing.T) {
	t.Parallel()
	folder := written(t, 35)
	var all []byte
	for _, path := range files(t, folder) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	prev := ""
	for i, line := range strings.Split(strings.TrimSuffix(string(all), "\n"), "\n") {
		beginning := fmt.Sprintf(`{"prev":%q,"time":"2026-11-22T10:00:00.120Z",`, prev)
		if !strings.HasPrefix(line, beginning) || !strings.Contains(line, fmt.Sprintf(`"request":"%d"`, i)) {
			t.Fatalf("line %d doesn't begin with %s: %s", i, beginning, line)
		}
		sum := sha256.Sum256([]byte(line))
		prev = hex.EncodeToString(sum[:])
	}
	report := verified(t, folder, prev)
	if report.Broken != nil || report.Records != 35 || report.Files != len(files(t, folder)) || report.Files < 3 || report.Head != prev || !report.Known {
		t.Errorf("%+v", report)
	}
}

// TestTampering: whatever is done to the log is found, at the first place where it shows.
func TestTampering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do func(t *testing.T, files []string)
		// what has to be said, with FIRST, SECOND and LAST for the names of files
		want string
	}{
		"a record changed": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte {
				lines[4] = bytes.Replace(lines[4], []byte("octo-org"), []byte("evil-org"), 1)
				return lines
			})
		}, "FIRST:6 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:5 (2026-11-22 10:00:00.120Z): that one was changed, or"},
		"the last of a file changed": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte {
				at := len(lines) - 2
				lines[at] = bytes.Replace(lines[at], []byte("octo-org"), []byte("evil-org"), 1)
				return lines
			})
		}, "SECOND:1 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:"},
		"made no record": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte {
				lines[4][0] = '['
				return lines
			})
		}, "FIRST:5: it is no record, and not what the next one was written behind"},
		"two made no records": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte {
				lines[4][0], lines[5][0] = '[', '['
				return lines
			})
		}, "FIRST:5: it is no record"},
		"removed":           {func(t *testing.T, files []string) { edit(t, files[0], without(4)) }, "FIRST:5 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:4"},
		"the first removed": {func(t *testing.T, files []string) { edit(t, files[0], without(0)) }, "FIRST:1 (2026-11-22 10:00:00.120Z): it follows a record that isn't here"},
		"inserted": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte { return slices.Insert(lines, 4, lines[2]) })
		}, "FIRST:5 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:4"},
		"an empty line": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte { return slices.Insert(lines, 4, []byte("\n")) })
		}, "FIRST:5: it is no record"},
		"swapped": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte {
				lines[4], lines[5] = lines[5], lines[4]
				return lines
			})
		}, "FIRST:5 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:4"},
		"a file cut off": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte { return lines[:4] })
		}, "SECOND:1 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:4"},
		"a file cut off in a record": {func(t *testing.T, files []string) {
			edit(t, files[0], func(lines [][]byte) [][]byte { return append(lines[:4], lines[4][:30]) })
		}, "FIRST:5: it is no record, and not what the next one was written behind"},
		"the end cut off in a record": {func(t *testing.T, files []string) {
			edit(t, files[len(files)-1], func(lines [][]byte) [][]byte { return append(lines[:2], lines[2][:30]) })
		}, "LAST:3: from here on nothing is a record"},
		"a file removed": {func(t *testing.T, files []string) {
			if err := os.Remove(files[1]); err != nil {
				t.Error(err)
			}
		}, ":1 (2026-11-22 10:00:00.120Z): it doesn't follow the record before it, FIRST:"},
		"the first file removed": {func(t *testing.T, files []string) {
			if err := os.Remove(files[0]); err != nil {
				t.Error(err)
			}
		}, "SECOND:1 (2026-11-22 10:00:00.120Z): it follows a record that isn't here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := written(t, 35)
			all := files(t, folder)
			c.do(t, all)
			report := verified(t, folder, "")
			want := strings.NewReplacer("FIRST", filepath.Base(all[0]), "SECOND", filepath.Base(all[1]), "LAST", current).Replace(c.want)
			if report.Broken == nil || !strings.Contains(report.Broken.String(), want) {
				t.Errorf("%v, want %s", report.Broken, want)
			}
			// A log that was tampered with goes on, and stays as broken as it was.
			if err := logIn(folder).Append(t.Context(), recordOf("later")); err != nil {
				t.Fatal(err)
			}
			if again := verified(t, folder, ""); again.Records != report.Records+1 || again.Broken == nil && !strings.Contains(c.want, "from here on") {
				t.Errorf("%+v", again)
			}
		})
	}
}

// TestHead: that the end was cut off or changed is seen by whoever knows the last
// record's hash, and by nobody else.
func TestHead(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([][]byte) [][]byte{
		"changed": func(lines [][]byte) [][]byte {
			at := len(lines) - 2
			lines[at] = bytes.Replace(lines[at], []byte("octo-org"), []byte("evil-org"), 1)
			return lines
		},
		"cut off": func(lines [][]byte) [][]byte { return lines[:len(lines)-2] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := written(t, 12)
			head := verified(t, folder, "").Head
			edit(t, filepath.Join(folder, current), change)
			if report := verified(t, folder, head); report.Broken != nil || report.Known {
				t.Errorf("%+v", report)
			}
		})
	}
}

func without(i int) func([][]byte) [][]byte {
	return func(lines [][]byte) [][]byte { return slices.Delete(lines, i, i+1) }
}

// TestTorn: a record whose end is missing, as after a crash, costs no other record. It is
// named, and the one behind it vouches for it and for all before it.
func TestTorn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		torn string
		size int64
	}{
		"in the file":  {`{"prev":"0123","ti`, 1 << 20},
		"before a new": {`{"prev":"0123","ti`, 1},
		"zeros":        {"{\"prev\":\"01\x00\x00\x00\x00", 1 << 20},
		"long":         {strings.Repeat("x", 3<<20), 4 << 20},
		"an end alone": {"{\n", 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := written(t, 2)
			appendText(t, filepath.Join(folder, current), c.torn)
			log := logIn(folder)
			log.MaxSize = c.size
			for i := range 2 {
				if err := log.Append(t.Context(), recordOf(strconv.Itoa(i))); err != nil {
					t.Fatal(err)
				}
			}
			report := verified(t, folder, "")
			if report.Broken != nil || report.Records != 4 || len(report.Torn) != 1 || report.Torn[0].Line != 3 {
				t.Errorf("%+v, %v", report, report.Broken)
			}
			edit(t, files(t, folder)[0], without(1))
			if report := verified(t, folder, ""); report.Broken == nil || report.Broken.Line != 2 || !strings.Contains(report.Broken.What, "it or a record before it was changed or removed") {
				t.Errorf("a record before the torn line was removed: %+v, %v", report, report.Broken)
			}
		})
	}
}

// TestManyTorn: lines that are no records cut the chain nowhere, however many there are
// and also where nothing is before them.
func TestManyTorn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, current)
	if err := os.WriteFile(path, []byte("one\ntwo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := logIn(folder).Append(t.Context(), recordOf(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		appendText(t, path, []string{"three\n{}\n\n", "five", ""}[i])
	}
	report := verified(t, folder, "")
	if report.Broken != nil || report.Records != 3 || len(report.Torn) != 6 {
		t.Errorf("%+v, %v", report, report.Broken)
	}
	if report := verified(t, folder, report.Head); !report.Known {
		t.Errorf("%+v", report)
	}
	edit(t, path, without(3))
	if report := verified(t, folder, ""); report.Broken == nil || report.Broken.Line != 4 {
		t.Errorf("%+v, %v", report, report.Broken)
	}
}

// TestAnotherVersion: a record with fields of another kind is one for whoever writes behind
// it and for whoever reads.
func TestAnotherVersion(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := `{"prev":"","time":"2026-11-22T10:00:00Z","tool":"t","ms":"fast","bytes":[],"later":1}` + "\n"
	if err := os.WriteFile(filepath.Join(folder, current), []byte(write), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := logIn(folder).Append(t.Context(), recordOf("1")); err != nil {
		t.Fatal(err)
	}
	if report := verified(t, folder, ""); report.Broken != nil || report.Records != 2 || len(report.Torn) > 0 {
		t.Errorf("%+v, %v", report, report.Broken)
	}
}

// TestTornBesideAnother: where the chain goes on behind a torn line is found without the
// files before, however many and whatever they are.
func TestTornBesideAnother(t *testing.T) {
	t.Parallel()
	folder := written(t, 35)
	first := files(t, folder)[0]
	if err := errors.Join(os.Remove(first), os.Mkdir(first, 0o700)); err != nil {
		t.Fatal(err)
	}
	appendText(t, filepath.Join(folder, current), "torn")
	if err := logIn(folder).Append(t.Context(), recordOf("later")); err != nil {
		t.Error(err)
	}
}

// TestBetweenFiles: a process that was killed after it had put a file aside leaves no file
// to write to, and the chain goes on behind the youngest; a clock that was ahead once
// changes nothing about their order.
func TestBetweenFiles(t *testing.T) {
	t.Parallel()
	folder := written(t, 35)
	all := files(t, folder)
	last := len(all) - 1
	for from, to := range map[string]string{
		all[last]: fmt.Sprintf("audit-2026-11-22T10-00-00.000-%06d.jsonl", last+1),
		all[0]:    "audit-2999-01-01T00-00-00.000-000001.jsonl",
	} {
		if err := os.Rename(from, filepath.Join(folder, to)); err != nil {
			t.Fatal(err)
		}
	}
	log := logIn(folder)
	log.MaxSize = 2_000
	for i := range 5 {
		if err := log.Append(t.Context(), recordOf(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	if report := verified(t, folder, ""); report.Broken != nil || report.Records != 40 || report.Files < len(all)+2 {
		t.Errorf("%+v, %v", report, report.Broken)
	}
}

// TestComplete: a record that lacks nothing but the end of its line counts.
func TestComplete(t *testing.T) {
	t.Parallel()
	folder := written(t, 2)
	path := filepath.Join(folder, current)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-1); err != nil {
		t.Fatal(err)
	}
	if err := logIn(folder).Append(t.Context(), recordOf("later")); err != nil {
		t.Fatal(err)
	}
	if report := verified(t, folder, ""); report.Broken != nil || report.Records != 3 || len(report.Torn) != 0 {
		t.Errorf("%+v", report)
	}
}

func appendText(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}
