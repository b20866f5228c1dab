package services_test

import (
	"os"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools/services"
)

// TestBlocksOfVariables: the blocks in docs/services.md are complete, and each
// variable in them means something.
func TestBlocksOfVariables(t *testing.T) {
	page, err := os.ReadFile("../../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	var tried int
	for i, part := range strings.Split(string(page), "```") {
		block, found := strings.CutPrefix(part, "sh\n")
		if i%2 == 0 || !found {
			continue
		}
		for group := range strings.SplitSeq(strings.TrimSpace(block), "\n\n") {
			title, _, _ := strings.Cut(strings.TrimPrefix(group, "# "), "\n")
			tried++
			t.Run(title, func(t *testing.T) { tryBlock(t, group) })
		}
	}
	if tried < 9 {
		t.Errorf("only %d blocks were found", tried)
	}
}

func tryBlock(t *testing.T, group string) {
	name := ""
	var endpoints []string
	for line := range strings.Lines(group) {
		variable, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if strings.HasPrefix(line, "#") || !found {
			continue
		}
		prefix, suffix, _ := strings.Cut(variable, "_")
		name = strings.ToLower(prefix)
		t.Setenv(variable, strings.Trim(value, `"`))
		if strings.HasSuffix(suffix, "_URL") && suffix != "API_URL" || suffix == "ISSUER" {
			endpoints = append(endpoints, strings.Trim(value, `"`))
		}
	}
	if name == "acme" {
		t.Setenv("ACME_API_URL", "https://api.acme.example/")
	}
	given, err := credentials.LoadSettings(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	service, err := services.Custom(name)
	if err != nil {
		t.Fatal(err)
	}
	at, err := service.At(given)
	if err != nil {
		t.Fatal(err)
	}
	used := strings.Join([]string{at.Issuer, at.Endpoint.AuthURL, at.Endpoint.DeviceAuthURL, at.Endpoint.TokenURL, at.RevocationURL}, "\n")
	for _, endpoint := range endpoints {
		if !strings.Contains(used, endpoint) {
			t.Errorf("%s isn't used:\n%s", endpoint, used)
		}
	}
	if len(endpoints) == 0 {
		t.Error("it names no endpoint")
	}
}
