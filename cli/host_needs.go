package cli

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// variable is one that a field of a struct of settings is read from.
type variable struct {
	name, value string
	isSecret    bool
}

// variablesOf are those of a struct of settings, in the order of its fields, as
// envconfig makes their names. Its own list of them would bring text/template
// into the program, which is a fifth of its size.
func variablesOf(prefix string, settings reflect.Value) []variable {
	var all []variable
	for field, value := range settings.Fields() {
		name := field.Name
		if field.Tag.Get("split_words") == "true" {
			name = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`).ReplaceAllString(name, "${1}${3}_${2}${4}")
		}
		name = prefix + "_" + strings.ToUpper(name)
		switch {
		case !field.IsExported() || field.Tag.Get("ignored") == "true":
		case field.Type == reflect.TypeFor[oauth.Secret]():
			all = append(all, variable{name, value.Interface().(oauth.Secret).Reveal(), true})
		case field.Type.Kind() == reflect.Struct:
			all = append(all, variablesOf(name, value)...)
		default:
			all = append(all, variable{name: name, value: value.String(), isSecret: leadsToSecret(name)})
		}
	}
	return all
}

// leadsToSecret tells which variables say where a secret is: a file or a command,
// unless it is known what the file holds.
func leadsToSecret(name string) bool {
	return name != "VALET_CA_FILE" && (strings.HasSuffix(name, "_FILE") || strings.HasSuffix(name, "_COMMAND"))
}

// hostNeeds are the variables that a host must have as this command has them: all
// of the service's, and those of valetkey's own that say where tokens are and how
// to get there. Of those that hold a secret, or say where one is, it is only the
// name.
func hostNeeds(s service, own settings) []string {
	usual := map[string]string{"VALET_STORE": "auto", "VALET_KEYRING": credentials.KeyringName}
	// What a host offers, and shows, is its own affair.
	hosts := []string{
		"VALET_BROWSER", "VALET_LOG", "VALET_TOOLSETS", "VALET_TOOLS", "VALET_REPOS", "VALET_MAX_TOKENS",
		"VALET_CONFIRM", "VALET_WRITES_PER_MINUTE", "VALET_WRITES_PER_SESSION", "VALET_AUDIT", "VALET_AUDIT_ARGS",
		"VALET_ROLE", "VALET_GRANT",
	}
	var needs []string
	for _, v := range slices.Concat(
		variablesOf(strings.ToUpper(s.Name), reflect.ValueOf(s.options.Settings)),
		variablesOf("VALET", reflect.ValueOf(own)),
	) {
		switch value := credentials.Given(v.value); {
		case value == "", value == usual[v.name], slices.Contains(hosts, v.name):
		case v.isSecret:
			needs = append(needs, v.name)
		default:
			needs = append(needs, v.name+"="+value)
		}
	}
	return needs
}
