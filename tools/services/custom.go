package services

import (
	"fmt"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// Custom is a service that its person's variables describe: <NAME>_API_URL and
// either a key or endpoints. The error says what is wrong with the name.
func Custom(name string) (tools.Service, error) {
	// Each stands for something else: in variables, in stores, in commands, or on
	// Windows' file systems.
	reserved := []string{"valet", "valetkey", "doctor", "identity", "all", "con", "prn", "aux", "nul"}
	switch {
	case slices.Contains(reserved, name):
		return tools.Service{}, fmt.Errorf("%q can't be the name of a service: it stands for something else", name)
	case name == "" || len(name) > rest.Longest || name[0] < 'a' || name[0] > 'z' || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return tools.Service{}, fmt.Errorf("%.60q can't be the name of a service: write up to %d of a-z, 0-9 and _, beginning with a letter", name, rest.Longest)
	}
	return provider{name: name, title: strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")}.service(), nil
}
