package github_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// wordy are calls with a word that no schema lists; a wrong one is answered with
// those there are. "?" is in its place.
const wordy = `
github_issue_write {"repo":"octocat/Hello-World","action":"close","number":1347,"reason":"?"}
github_issue_write {"repo":"octocat/Hello-World","action":"lock","number":1347,"reason":"?"}
github_issue_write {"repo":"octocat/Hello-World","action":"hide_comment","comment":1,"reason":"?"}
github_issue_write {"repo":"octocat/Hello-World","action":"react","number":1347,"reaction":"?"}
github_issue_write {"repo":"octocat/Hello-World","action":"react","comment":1,"reaction":"?"}
github_discussion_write {"repo":"octocat/Hello-World","action":"close","number":5,"reason":"?"}
github_discussion_write {"repo":"octocat/Hello-World","action":"lock","number":5,"reason":"?"}
github_actions {"repo":"octocat/Hello-World","part":"runs","status":"?"}
github_search {"kind":"repositories","query":"tetris","sort":"?"}
github_search {"kind":"issues","query":"windows","sort":"?"}
github_search {"kind":"pull_requests","query":"windows","sort":"?"}
github_search {"kind":"users","query":"tom","sort":"?"}
github_search {"kind":"commits","query":"css","sort":"?"}
github_security {"kind":"code_scanning","repo":"octocat/Hello-World","state":"?"}
github_security {"kind":"code_scanning","repo":"octocat/Hello-World","severity":"?"}
github_security {"kind":"code_scanning","org":"octo-org","state":"?"}
github_security {"kind":"code_scanning","org":"octo-org","severity":"?"}
github_security {"kind":"dependabot","repo":"octocat/Hello-World","state":"?"}
github_security {"kind":"dependabot","repo":"octocat/Hello-World","severity":"?"}
github_security {"kind":"dependabot","org":"octo-org","state":"?"}
github_security {"kind":"secret_scanning","repo":"octocat/Hello-World","state":"?"}
github_security {"kind":"secret_scanning","org":"octo-org","state":"?"}
github_security {"kind":"code_quality","repo":"octocat/Hello-World","state":"?"}
github_security {"kind":"advisories","repo":"octocat/Hello-World","state":"?"}
github_security {"kind":"advisories","org":"octo-org","state":"?"}
github_security {"kind":"advisories","state":"?"}
github_security {"kind":"advisories","severity":"?"}
`

// Every word that a tool says it takes is one that GitHub describes.
func TestWords(t *testing.T) {
	t.Parallel()
	to := standIn(t)
	for line := range strings.Lines(strings.TrimSpace(wordy)) {
		name, arguments, _ := strings.Cut(strings.TrimSpace(line), " ")
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			_, server := relayTo(t, to, parityCall{})
			all := toolsAt(server.Client(), server.URL)
			i := slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == name })
			_, err := all[i].Call(t.Context(), json.RawMessage(arguments))
			words := regexp.MustCompile(`must be one of (.+); got "\?"$`).FindStringSubmatch(fmt.Sprint(err))
			if words == nil {
				t.Fatalf("no words in %v", err)
			}
			for word := range strings.SplitSeq(words[1], ", ") {
				sayWord(t, to, name, strings.Replace(arguments, "?", word, 1), word)
			}
		})
	}
}

// sayWord makes a call; the relay reports what GitHub doesn't describe. The word
// has to get there, unless it is the one that stands for no choice.
func sayWord(t *testing.T, to *url.URL, name, arguments, word string) {
	t.Helper()
	relay, server := relayTo(t, to, parityCall{})
	parityCall{tool: name, arguments: arguments}.run(t, toolsAt(server.Client(), server.URL))
	sent := fmt.Sprintf("%+v", relay.asked())
	upper := strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(word))
	if word != "all" && !strings.Contains(sent, word) && !strings.Contains(sent, upper) {
		t.Errorf("%s %s: %s is not in what was sent: %s", name, arguments, word, sent)
	}
}
