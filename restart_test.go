package main

import (
	"strings"
	"testing"
)

// TestApprovedBetweenServers: a host may start a server for each question and end
// it with the answer. The next one's first call goes on with what was approved
// meanwhile, and shows the same code again only if nothing was.
func TestApprovedBetweenServers(t *testing.T) {
	t.Parallel()
	for name, capabilities := range map[string]string{"words": `{}`, "form": `{"elicitation":{"form":{}}}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := fileStore(t)
			env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
			ask := func(capabilities string) string {
				s := serve(t, env)
				s.initializeWith(capabilities)
				text, _ := s.call("github_whoami", "{}")
				s.end()
				return text
			}
			code := userCode.FindString(ask(`{}`))
			if again := ask(`{}`); code == "" || userCode.FindString(again) != code {
				t.Errorf("not approved, and the code %q isn't shown again: %q", code, again)
			}
			approveInPage(t, p.URL()+"/login/device", code)
			if text := ask(capabilities); !strings.Contains(text, "@mona-example") {
				t.Errorf("approved, and the next server says %q", text)
			}
			if codes := p.asked(deviceCodePath); codes != 1 {
				t.Errorf("%d codes were asked for, want 1", codes)
			}
		})
	}
}
