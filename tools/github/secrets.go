package github

import "regexp"

// hideSecrets overwrites the fields of a JSON answer that hold a credential: a
// repository's token to clone it by, and what an alert has found. A model needs
// neither, and not every server can be asked to leave them out.
// https://docs.github.com/en/rest/secret-scanning/secret-scanning
func hideSecrets(answer []byte) {
	fields := regexp.MustCompile(`"(?:temp_clone_token|secret)"\s*:\s*"((?:[^"\\]|\\.)*)"`)
	for _, found := range fields.FindAllSubmatchIndex(answer, -1) {
		for i := found[2]; i < found[3]; i++ {
			answer[i] = '*'
		}
	}
}
