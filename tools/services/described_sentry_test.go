package services_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/services"
)

// sentryHarmless: alerts go where the organization has let them go already.
const sentryHarmless = `
organizations/*/alert-rules/** organizations/*/dashboards/** organizations/*/detectors/** organizations/*/discover/** organizations/*/issues/** organizations/*/monitors/**
organizations/*/notifications/** organizations/*/prevent/owner/*/repositories/sync organizations/*/releases/** organizations/*/spike-protections organizations/*/workflows/**
projects/*/*/environments/* projects/*/*/files/** projects/*/*/filters/* projects/*/*/issues projects/*/*/monitors/* projects/*/*/ownership projects/*/*/releases/**
projects/*/*/replays/* projects/*/*/rules/** projects/*/*/user-feedback
sentry-app-installations/*/external-issues/** teams/*/*/projects`

// sentryUndescribed are what Sentry's own pages ask for, which it doesn't publish.
const sentryUndescribed = `
DELETE:organizations/* organizations/*/invite-requests/** organizations/*/access-requests/** organizations/*/org-auth-tokens/** organizations/*/api-keys/**
organizations/*/auth-provider*/** organizations/*/sentry-app*/** organizations/*/repos/** organizations/*/plugins/**
projects/*/*/transfer projects/*/*/plugins/** sentry-app-installations/* sentry-app-installations/*/authorizations/**
users/** api-tokens/** api-applications/** internal/** accept-invite/** accept-transfer/** auth/**`

// TestSentryDescribed holds the table against every request of Sentry's client.
func TestSentryDescribed(t *testing.T) {
	t.Parallel()
	needReal(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "real", "node_modules", "@sentry", "api", "dist", "index.js"))
	if err != nil {
		t.Fatalf("%v; npm ci --prefix testdata/real installs it", err)
	}
	d := description{service: services.Sentry(), from: "@sentry/api", harmless: sentryHarmless, undescribed: sentryUndescribed, operations: map[operation]bool{}}
	calls := regexp.MustCompile(`client\)\.([a-z]+)\(\{\n(?:  .*\n)*?  url: "/api/0/(.*)"`).FindAllStringSubmatch(string(text), -1)
	if all := strings.Count(string(text), `?? client).`); len(calls) != all {
		t.Errorf("of %d calls %d could be read", all, len(calls))
	}
	for _, call := range calls {
		if method := strings.ToUpper(call[1]); method != "GET" {
			d.operations[operation{method, regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(call[2], "1")}] = true
		}
	}
	d.check(t, 100)
}
