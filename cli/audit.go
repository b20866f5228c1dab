package cli

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"github.com/valetkey/valetkey/audit"
	"github.com/valetkey/valetkey/tools"
)

// auditFlags are what is asked of the log.
type auditFlags struct {
	audit.Filter
	since  string
	asJSON bool
}

func (a *app) auditCommand() *cobra.Command {
	var flags auditFlags
	command := &cobra.Command{
		Use:   "audit",
		Short: "Show which calls were made, by which host, and what came of them",
		Long: "Show which calls were made, by which host, and what came of them, from the log on this machine; the newest is last.\n" +
			"Names may be patterns, such as github_*_write.",
		Example:           "  valetkey audit --since 24h --refused\n  valetkey audit --tool 'github_*_write' --json -n 0\n  valetkey audit verify",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.audit(ctx, flags)
		},
	}
	f := command.Flags()
	f.StringVar(&flags.since, "since", "", "only calls from `TIME` on: 90m, 24h, 7d, 2026-11-22 or 2026-11-22T10:00:00Z")
	f.StringVar(&flags.Tool, "tool", "", "only calls of `TOOL`")
	f.StringVar(&flags.Service, "service", "", "only calls of `SERVICE`'s tools")
	f.StringVar(&flags.Host, "host", "", "only calls by `HOST`, as it calls itself")
	f.StringVar(&flags.Decision, "decision", "", "only calls with this `DECISION`, such as confirmed or stop")
	f.BoolVar(&flags.Refused, "refused", false, "only calls that were not let through")
	f.IntVarP(&flags.Last, "last", "n", 50, "the last `N`; 0 for all")
	f.BoolVar(&flags.asJSON, "json", false, "print the records as they are, one a line")
	command.AddCommand(a.auditVerifyCommand())
	return command
}

// auditPlace is where the log lies by this environment, or by a host's entry. No other
// setting has to be right.
func (a *app) auditPlace() (string, error) {
	a.borrow()
	own := onlyAudit()
	if own.dirFault != nil {
		return "", own.dirFault
	}
	if own.auditPath() == "" {
		return "", errors.New("there is no place for a log, since this user has no home directory; set VALET_DIR to a directory of yours")
	}
	return own.auditPath(), nil
}

func (a *app) audit(ctx context.Context, flags auditFlags) error {
	var err error
	if flags.Since, err = sinceOf(flags.since, time.Now()); err != nil {
		return err
	}
	for _, pattern := range []string{flags.Tool, flags.Service, flags.Host, flags.Decision} {
		if _, err := path.Match(pattern, ""); err != nil {
			return usage("%.60q is no pattern: %v", pattern, err)
		}
	}
	if !flags.HasDecision() {
		return usage("--decision %.60q is none of %s", flags.Decision, strings.Join(audit.Decisions(), ", "))
	}
	if flags.Last < 0 {
		return usage("-n takes a number from 0 on")
	}
	folder, err := a.auditPlace()
	if err != nil {
		return err
	}
	flags.Phases = flags.asJSON
	found, unreadable, err := audit.Read(ctx, folder, flags.Filter)
	if err != nil {
		return err
	}
	if unreadable > 0 {
		a.complain("valetkey: lines of the log that are no records: %d; see: valetkey audit verify", unreadable)
	}
	switch {
	case flags.asJSON:
		for _, entry := range found {
			a.say("%s", escaped(string(entry.Line)))
		}
	case len(found) == 0:
		a.say("No call is in the log (%s), or none that fits.", folder)
	default:
		return a.printAudit(found)
	}
	return nil
}

// sinceOf reads a time, or how long ago it was.
func sinceOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, err := strconv.Atoi(strings.TrimSuffix(text, "d")); err == nil && strings.HasSuffix(text, "d") && days >= 0 {
		return now.AddDate(0, 0, -days), nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage("--since %.60q is neither a duration, such as 24h or 7d, nor a time, such as 2026-11-22", text)
}

func (a *app) printAudit(found []audit.Entry) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tHOST\tTOOL\tTARGET\tDECISION\tOUTCOME\tMS")
	for _, e := range found {
		cells := []string{e.Time.Local().Format(time.DateTime), e.Host, e.Tool, e.Target, e.Decision, e.Outcome, strconv.FormatFloat(e.Milliseconds, 'f', 1, 64)}
		for i, cell := range cells {
			cells[i] = cmp.Or(seen(cell), "-")
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	a.say("%s", strings.TrimSuffix(text.String(), "\n"))
	return nil
}

// seen is a text without what a terminal would obey. A host chooses its own name, and
// whoever can write to the log all of it.
func seen(text string) string {
	return strings.Map(func(r rune) rune {
		if tools.IsInvisible(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// escaped is the same JSON with what isn't seen escaped. In texts it can stand as it is
// but for what is below a blank, which only separates there.
func escaped(line string) string {
	var text strings.Builder
	for _, r := range line {
		if !tools.IsInvisible(r) || r < ' ' {
			text.WriteRune(max(r, ' '))
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&text, `\u%04x`, unit)
		}
	}
	return text.String()
}

func (a *app) auditVerifyCommand() *cobra.Command {
	var head string
	var asJSON bool
	command := &cobra.Command{
		Use:   "verify",
		Short: "Check that no record of the log was changed, removed or added",
		Long: "Check that no record of the log was changed, removed, added or moved since it was written, and name the first place where one was.\n" +
			"A chain alone can't show that its end was cut off, nor that all of it was made anew: keep the hash of the last record, which is\n" +
			"printed, where nobody who can change the log can change it, and give it back with --head. The exit code is 1 if the chain is broken.",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.verifyAudit(ctx, strings.ToLower(head), asJSON)
		},
	}
	command.Flags().StringVar(&head, "head", "", "`HASH` of a record that has to be there still")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON: an object")
	return command
}

func (a *app) verifyAudit(ctx context.Context, head string, asJSON bool) error {
	if sum, err := hex.DecodeString(head); err != nil || len(sum) != 32 && head != "" {
		return usage("--head %.80q is not a hash: it has 64 hexadecimal digits", head)
	}
	folder, err := a.auditPlace()
	if err != nil {
		return err
	}
	report, err := audit.Verify(ctx, folder, head)
	if err != nil {
		return err
	}
	missing := head != "" && !report.Known
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else {
		a.sayReport(report, folder, missing)
	}
	if report.Broken != nil || missing {
		return exitWith(exitFailed)
	}
	return nil
}

func (a *app) sayReport(report audit.Report, folder string, missing bool) {
	for _, torn := range report.Torn {
		a.say("Torn: %s is no record, as a crash or a full disk leaves it; the chain goes on behind it.", seen(torn.String()))
	}
	if missing {
		a.say("Missing: no record here has the hash that was given: the end of the log was cut off or changed, or it is another log.")
	}
	switch {
	case report.Broken != nil:
		a.say("Broken: %s", seen(report.Broken.String()))
		a.say("The log is %s.", folder)
	case report.Records == 0:
		a.say("No call is in the log (%s).", folder)
		if report.Emptied {
			a.say("But there was a log, or one was begun: this is what it looks like if somebody has removed what was in it.")
		}
		return
	default:
		a.say("The chain is whole.")
	}
	a.say("%s in %s; hash of the last: %s", counted(report.Records, "record"), counted(report.Files, "file"), report.Head)
	if report.Broken == nil && !missing {
		a.say("  → keep that hash elsewhere: with --head HASH it shows later that nothing up to here was cut off")
	}
}
