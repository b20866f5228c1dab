package cli

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

// policyOf is what a person allows at a service with a role of its own, or none
// (""): what is said of one service comes before what is said of all. A grant says
// enough by itself.
func (s settings) policyOf(prefix, own string) (policy.Policy, error) {
	variable, role := "VALET_ROLE", credentials.Given(s.Role)
	if own != "" {
		variable, role = prefix+"_ROLE", own
	}
	grant := credentials.Given(s.Grant)
	var all policy.Policy
	if role == "" && grant == "" {
		role = policy.Usual
	}
	if role != "" {
		layer, err := policy.RoleLayer(variable, strings.ToLower(role))
		if err != nil {
			return nil, err
		}
		all = append(all, layer)
	}
	if grant != "" {
		layer, err := policy.GrantLayer("VALET_GRANT", grant)
		if err != nil {
			return nil, err
		}
		all = append(all, layer)
	}
	return all, nil
}

// readPolicy reads what the person allows at the service.
func (s *service) readPolicy(own settings) error {
	prefix, given := strings.ToUpper(s.Name), s.options.Settings
	allowed, err := own.policyOf(prefix, given.Role)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	s.policy = allowed
	if given.Paths == "" {
		return nil
	}
	if s.paths, err = policy.ParsePaths(given.Paths); err != nil {
		return fmt.Errorf("%s: %s_PATHS: %w", s.Name, prefix, err)
	}
	if word := s.idlePath(); word != "" {
		return fmt.Errorf("%s: %s_PATHS: %.120q never fits, since GraphQL is only asked by POST; write graphql", s.Name, prefix, word)
	}
	return nil
}

// idlePath is a path for GraphQL with a method that it doesn't have; "": there is
// none.
func (s *service) idlePath() string {
	for _, word := range strings.Fields(s.paths.String()) {
		method, path, found := strings.Cut(word, ":")
		if s.Mutations != nil && found && strings.Trim(path, "/") == "graphql" && !strings.EqualFold(method, http.MethodPost) {
			return word
		}
	}
	return ""
}

// checkGrant refuses a grant of what there isn't: a typing mistake in it would
// otherwise only show by what is missing.
func checkGrant(own settings, opened []service, everything []tools.Offer) error {
	grant := credentials.Given(own.Grant)
	if grant == "" {
		return nil
	}
	scopes, err := policy.Parse(grant)
	var things []policy.Thing
	for i, s := range opened {
		things = slices.Concat(things, tools.ThingsOf(s.Name, everything[i].Tools))
	}
	if err == nil {
		err = checkChosen(scopes, opened)
	}
	if err == nil {
		err = tools.CheckGrant(scopes, things)
	}
	if err != nil {
		return fmt.Errorf("VALET_GRANT: %w", err)
	}
	return nil
}

// checkChosen refuses a scope of a service that there is and that isn't chosen.
func checkChosen(scopes policy.Scopes, opened []service) error {
	chosen := namesIn(entriesOf(opened))
	for _, scope := range scopes {
		if slices.Contains(namesIn(builtIn()), scope.Service) && !slices.Contains(chosen, scope.Service) {
			return fmt.Errorf("%s is about a service that isn't chosen; add it: %s=%s", scope, servicesVariable, strings.Join(append(chosen, scope.Service), ","))
		}
	}
	return nil
}

// lacksToolset says which toolsets have what is allowed, where none of those is
// chosen that do; nil: that isn't it.
func lacksToolset(opened []service, everything []tools.Offer) error {
	var add []string
	for i, s := range opened {
		if s.wrong != nil {
			continue
		}
		var sets []string
		for _, tool := range everything[i].Under(s.Name, s.policy).Tools {
			if !slices.Contains(sets, tool.Toolset) {
				sets = append(sets, tool.Toolset)
			}
		}
		if len(sets) > 0 {
			add = append(add, strings.ToUpper(s.Name)+"_TOOLSETS="+strings.Join(sets, ","))
		}
	}
	if len(add) == 0 {
		return nil
	}
	return fmt.Errorf("no tool is left: what is allowed is in toolsets that aren't chosen; set %s", strings.Join(add, " "))
}

// allowed says in a line what the person allows at the service; "": the usual.
func (s service) allowed(own settings) string {
	layers := s.layers()
	if layers == "VALET_ROLE="+policy.Usual {
		layers = ""
	}
	return strings.TrimPrefix(layers+s.limits(own), "; ")
}

// layers are the role and the grant.
func (s service) layers() string {
	var layers []string
	for _, layer := range s.policy {
		layers = append(layers, layer.String())
	}
	return strings.Join(layers, " and ")
}

// limits are the variables besides that aren't as usual, each behind a semicolon.
func (s service) limits(own settings) string {
	repos := ""
	if s.Name == "github" {
		repos = strings.Join(own.repositories(), ",")
	}
	var text strings.Builder
	for _, limit := range []struct{ variable, value, usual string }{
		{strings.ToUpper(s.Name) + "_PATHS", s.paths.String(), ""},
		{"VALET_REPOS", repos, ""},
		{"VALET_CONFIRM", strings.ToLower(credentials.Given(own.Confirm)), string(gate.AfterStranger)},
		{"VALET_WRITES_PER_MINUTE", credentials.Given(own.WritesPerMinute), ""},
		{"VALET_WRITES_PER_SESSION", credentials.Given(own.WritesPerSession), ""},
		{"VALET_AUDIT", own.auditMode, auditOn},
	} {
		if limit.value != "" && limit.value != limit.usual {
			fmt.Fprintf(&text, "; %s=%s", limit.variable, limit.value)
		}
	}
	return text.String()
}
