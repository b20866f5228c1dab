package cli

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

// stopFile is the name of the file that halts all changes.
const stopFile = "stopped"

// makeRules answers those of all services.
func (s settings) makeRules() (*gate.Rules, error) {
	confirm, err := gate.ParseConfirm(strings.ToLower(credentials.Given(s.Confirm)))
	if err != nil {
		return nil, err
	}
	minute, err := countOf("VALET_WRITES_PER_MINUTE", s.WritesPerMinute)
	if err != nil {
		return nil, err
	}
	session, err := countOf("VALET_WRITES_PER_SESSION", s.WritesPerSession)
	if err != nil {
		return nil, err
	}
	return &gate.Rules{
		Confirm: confirm, Stop: filesIn(stopPlaces(s.Dir)), Own: filepath.Join(s.base(), stopFile), OutOfReach: outOfReach(s.Dir), Budget: &gate.Budget{PerMinute: minute, PerSession: session}, Untrusted: &gate.Untrusted{},
	}, nil
}

// countOf reads a variable that is a number from 1 on; 0 for "".
func countOf(variable, text string) (int, error) {
	if text = credentials.Given(text); text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s=%.60q is not a number from 1 on; unset it for any number", variable, text)
	}
	return n, nil
}

// guarded is the client of a service's tools, behind the gate.
func (s service) guarded(rules *gate.Rules) *http.Client {
	admin, err := policy.ParsePaths(s.Admin)
	if s.Admin != "" && err != nil {
		panic("cli: " + s.Name + ": " + err.Error())
	}
	way := &gate.Gate{
		Service: s.Name, Base: s.at.APIURL,
		Reads: s.Reads, Place: s.Place, Public: s.Public, Rules: rules,
		Paths: s.paths, Admin: admin, Mutations: s.Mutations, NoAdmin: s.policy.Check(tools.Administration(s.Name)),
	}
	client := s.credential.ClientIf(way.MaySend)
	way.Next, client.Transport = client.Transport, told{s.options.Log, way}
	return client
}
