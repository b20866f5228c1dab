package policy_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
)

// issueWrite is a tool by all its names.
func issueWrite(access policy.Access) policy.Thing {
	return policy.Thing{Service: "github", Resources: []string{"issues", "issue", "issue_write"}, Access: access}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"github:issues:*":                        true,
		"github:issues:write":                    true,
		"github:issues:read":                     false,
		"github:issue:write":                     true,
		"github:issue_*:write":                   true,
		"GitHub:Issues:Write":                    true,
		"*:*:write":                              true,
		"*:*:*":                                  true,
		"g*b:i*s:w*e":                            true,
		"gitlab:issues:*":                        false,
		"github:iss:*":                           false,
		"github:contents:*,github:issues:write ": true,
		"github:issue_write_all:*":               false,
	} {
		scopes, err := policy.Parse(text)
		if err != nil || scopes.Allow(issueWrite(policy.Write)) != want {
			t.Errorf("%q: want %v, %v", text, want, err)
		}
	}
	if (policy.Scopes{}).Allow(issueWrite(policy.Read)) {
		t.Error("no scope allows something")
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                              {"there is no scope"},
		" , ":                           {"there is no scope"},
		"github:issues":                 {`"github:issues"`, "2 of the three"},
		"github:issues:read:x":          {`"github:issues:read:x"`, "4 of the three"},
		"a:b:read github::write":        {`"github::write"`, "resource is missing"},
		":a:read":                       {"service is missing"},
		"a:b:":                          {"access is missing"},
		"github:issues:wirte":           {`"github:issues:wirte"`, "read, write, destructive, admin"},
		"github:is/sues:read":           {"resource isn't made of"},
		"github:issues:*\x00":           {"access isn't made of"},
		strings.Repeat("a", 200) + ":b": {"2 of the three"},
	} {
		_, err := policy.Parse(text)
		if err == nil || len(err.Error()) > 300 {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for _, part := range append(want, "github:issues:write") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v doesn't say %q", text, err, part)
			}
		}
	}
}

// TestRoles holds the roles against the table in the contract with their users:
// each has what the one before it has.
func TestRoles(t *testing.T) {
	t.Parallel()
	apiWrite := policy.Thing{Service: "gitlab", Resources: []string{"api", "apis"}, Access: policy.Admin}
	members := policy.Thing{Service: "gitlab", Resources: []string{"administration"}, Access: policy.Admin}
	things := []policy.Thing{issueWrite(policy.Read), issueWrite(policy.Write), issueWrite(policy.Destructive), apiWrite, members}
	want := map[string]string{"read-only": "x....", "user": "xxx..", "developer": "xxxx.", "admin": "xxxxx"}
	if got := strings.Join(policy.Roles(), " "); got != "read-only user developer admin" {
		t.Error(got)
	}
	for _, name := range policy.Roles() {
		scopes, err := policy.Role(name)
		if err != nil {
			t.Fatal(err)
		}
		row := ""
		for _, thing := range things {
			row += map[bool]string{true: "x", false: "."}[scopes.Allow(thing)]
		}
		if row != want[name] {
			t.Errorf("%s: %s, want %s", name, row, want[name])
		}
	}
	if _, err := policy.Role("root"); err == nil || !strings.Contains(err.Error(), "read-only, user, developer, admin") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	role, err := policy.RoleLayer("GITHUB_ROLE", "read-only")
	if err != nil {
		t.Fatal(err)
	}
	grant, err := policy.GrantLayer("VALET_GRANT", "github:issues:*")
	if err != nil {
		t.Fatal(err)
	}
	if err := (policy.Policy{}).Check(issueWrite(policy.Admin)); err != nil {
		t.Error(err)
	}
	if err := (policy.Policy{role, grant}).Check(issueWrite(policy.Read)); err != nil {
		t.Error(err)
	}
	gist := policy.Thing{Service: "github", Resources: []string{"gists", "gist"}, Access: policy.Read}
	for _, c := range []struct {
		policy policy.Policy
		thing  policy.Thing
		says   []string
	}{
		{policy.Policy{role, grant}, issueWrite(policy.Write), []string{"GITHUB_ROLE=read-only", "github:issues:write", "GITHUB_ROLE=user"}},
		{policy.Policy{role}, issueWrite(policy.Admin), []string{"GITHUB_ROLE=admin"}},
		{policy.Policy{role, grant}, gist, []string{"VALET_GRANT", "github:gists:read"}},
		{policy.Policy{{Name: "TOKEN"}}, gist, []string{"TOKEN"}},
	} {
		err := c.policy.Check(c.thing)
		var denied *policy.Denied
		if !errors.As(err, &denied) || denied.Thing.Access != c.thing.Access {
			t.Fatalf("%v: %v", c.thing, err)
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v doesn't say %q", err, part)
			}
		}
	}
	for _, wrong := range []error{second(policy.RoleLayer("VALET_ROLE", "rot")), second(policy.GrantLayer("VALET_ROLE", "rot"))} {
		if wrong == nil || !strings.HasPrefix(wrong.Error(), "VALET_ROLE: ") {
			t.Error(wrong)
		}
	}
}

func second[A any](_ A, err error) error { return err }

// FuzzParse: what is read is what it says, and the engine agrees with a regular
// expression made of the same words.
func FuzzParse(f *testing.F) {
	for _, seed := range [][4]string{
		{"github:issues:* github:contents:read", "github", "issues", "write"}, {"*:*:*", "", "a", "read"}, {"g*t*b:**:r*", "github", "x*y", "read"},
		{"a:b:read,c:d:write", "c", "d", "write"}, {"::", "", "", ""}, {"a*b*c:x:read", "abbc", "x", "read"}, {"*a*a:x:read", "aaab", "x", "read"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, text, service, resource, access string) {
		scopes, err := policy.Parse(text)
		if err != nil {
			if scopes != nil || len(err.Error()) > 1000 {
				t.Fatalf("%d scopes, %v", len(scopes), err)
			}
			return
		}
		again, err := policy.Parse(scopes.String())
		if err != nil || again.String() != scopes.String() {
			t.Fatalf("%s is read as %s, %v", scopes, again, err)
		}
		thing := policy.Thing{Service: service, Resources: []string{resource}, Access: policy.Access(access)}
		want := false
		for _, s := range scopes {
			want = want || oracle(s.Service, service) && oracle(s.Resource, resource) && oracle(s.Access, access)
		}
		if scopes.Allow(thing) != want {
			t.Fatalf("%s, %v: want %v", scopes, thing, want)
		}
	})
}

// oracle is another way to the same answer.
func oracle(pattern, name string) bool {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `[\x00-\xff]*`)
	return regexp.MustCompile(`\A(?s:` + quoted + `)\z`).MatchString(latin(name))
}

// latin has one character for each byte, since names are compared by bytes.
func latin(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}
