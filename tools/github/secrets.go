package github

import "regexp"

// hideSecrets overwrites the fields of an answer that hold a credential: a
// repository's token to clone it by, the one in the address of a private file,
// and what an alert has found, if there may be one. A model needs none of them,
// and not every server can be asked to leave them out.
// https://docs.github.com/en/rest/secret-scanning/secret-scanning
func hideSecrets(answer []byte, mayBeAlert bool) {
	fields := `"temp_clone_token"\s*:\s*"((?:[^"\\]|\\.)*)"|"download_url"\s*:\s*"[^"?]*\?token=([^"&]*)`
	if mayBeAlert {
		fields += `|"secret"\s*:\s*"((?:[^"\\]|\\.)*)"`
	}
	secret := regexp.MustCompile(fields)
	for begin := 0; begin < len(answer); {
		found := secret.FindSubmatchIndex(answer[begin:])
		if found == nil {
			return
		}
		for group := 2; group < len(found); group += 2 {
			for i := found[group]; i < found[group+1]; i++ {
				answer[begin+i] = '*'
			}
		}
		begin += found[1]
	}
}
