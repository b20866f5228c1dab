package github

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// jobLog opens the log of a job. GitHub answers with the address of another
// host, which is asked without the credential. The caller closes it.
// https://docs.github.com/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
func (a *api) jobLog(ctx context.Context, repo repository, jobID int64) (io.ReadCloser, error) {
	log := &longBody{open: func(from int64) (*http.Response, error) { return a.openLog(ctx, repo, jobID, from) }}
	response, err := log.open(0)
	if err != nil {
		return nil, logFault(err, fmt.Sprintf("log of job %d in %s", jobID, repo.Repo))
	}
	log.body = response.Body
	return log, nil
}

func (a *api) openLog(ctx context.Context, repo repository, jobID, from int64) (*http.Response, error) {
	request, err := a.client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/actions/jobs/%d/logs", repo.Repo, jobID), nil)
	if err != nil {
		return nil, err
	}
	// Places in the log are counted as they are kept, not as they are packed.
	request.Header.Set("Accept-Encoding", "identity")
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	r, err := a.client.BareDo(asItIs(ctx), request)
	if err != nil {
		return nil, err
	}
	return r.Response, nil
}

// logFault adds to an error what is special about logs.
func logFault(err error, what string) error {
	switch {
	case isStatus(err, http.StatusNotFound):
		return tools.Explain(err, explain(err, what).Error()+"; a job that hasn't ended has no log yet")
	case isStatus(err, http.StatusGone):
		return tools.Explain(err, fmt.Sprintf("github: %s: the log is kept no longer (410)", what))
	}
	return explain(err, what)
}

// maxLog is how many bytes of a log are read. A server may go on for ever.
const maxLog = 1_000_000_000

var errLongLog = tools.UserError("github: the log is longer than 1 GB, which is more than is read; open the job on GitHub")

// longBody reads a body that is larger than what one answer may hold, by asking
// for the rest of it, up to maxLog.
type longBody struct {
	open func(from int64) (*http.Response, error)
	body io.ReadCloser
	at   int64
	err  error // that ended it
}

// Read implements [io.Reader].
func (l *longBody) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.body.Read(p)
	l.at += int64(n)
	var large *http.MaxBytesError
	switch {
	case l.at > maxLog:
		err = errLongLog
	case errors.As(err, &large):
		err = l.goOn(err)
	}
	l.err = err
	return n, err
}

// goOn asks for the rest. It answers the reason to do so if there is none.
func (l *longBody) goOn(reason error) error {
	rest, err := l.open(l.at)
	if err != nil {
		return err
	}
	if rest.StatusCode != http.StatusPartialContent {
		rest.Body.Close()
		return reason
	}
	l.body.Close()
	l.body = rest.Body
	return nil
}

// Close implements [io.Closer].
func (l *longBody) Close() error { return l.body.Close() }

// maxLogLine is how many bytes of a line are kept.
const maxLogLine = 2000

// eachLogLine calls back with every line, numbered from 1, as a person sees it.
func eachLogLine(log io.Reader, line func(number int, text string)) error {
	buffered := bufio.NewReaderSize(log, 64<<10)
	var kept []byte
	for number := 1; ; {
		part, more, err := buffered.ReadLine()
		if err != nil && err != io.EOF {
			return err
		}
		// A last line as long as the buffer ends without a part of its own.
		if err == io.EOF && len(kept) == 0 {
			return nil
		}
		kept = append(kept, part[:min(len(part), maxLogLine+1-len(kept))]...)
		if more {
			continue
		}
		line(number, plainLogLine(kept))
		number, kept = number+1, kept[:0]
	}
}

// plainLogLine is a line without the time in front of it and without colours.
func plainLogLine(line []byte) string {
	cut := len(line) > maxLogLine
	line = withoutColours(withoutTime(bytes.TrimPrefix(line[:min(len(line), maxLogLine)], []byte("\uFEFF"))))
	text := strings.ReplaceAll(clean(string(line)), "\n", " ")
	return text + flag(cut, "…")
}

// withoutTime leaves out a time such as 2024-05-01T12:00:00.1234567Z.
func withoutTime(line []byte) []byte {
	const shortest, longest = len("2024-05-01T12:00:00Z"), len("2024-05-01T12:00:00.123456789Z")
	if len(line) < shortest || line[4] != '-' || line[10] != 'T' {
		return line
	}
	end := bytes.IndexByte(line[:min(len(line), longest)], 'Z')
	if end < shortest-1 || strings.Trim(string(line[:end]), "0123456789-T:.") != "" {
		return line
	}
	return bytes.TrimPrefix(line[end+1:], []byte(" "))
}

// withoutColours leaves out the control sequences of ECMA-48, 5.4: a
// parameter's bytes are 0x20 to 0x3F, and the last byte is 0x40 to 0x7E.
func withoutColours(line []byte) []byte {
	const introducer = "\x1b["
	var plain []byte
	for {
		before, sequence, found := bytes.Cut(line, []byte(introducer))
		if plain = append(plain, before...); !found {
			return plain
		}
		end := bytes.IndexFunc(sequence, func(r rune) bool { return r < 0x20 || r > 0x3F })
		if end < 0 {
			return plain
		}
		if sequence[end] >= 0x40 && sequence[end] <= 0x7E {
			end++
		}
		line = sequence[end:]
	}
}
