package services_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/services"
)

// microsoftHarmless are below /users/{id}, for which /me may stand.
const microsoftHarmless = `
activities/** adhocCalls/** checkMember* getMember* cloudClipboard/** cloudPCs/** contactFolders/** contacts/** deviceManagementTroubleshootingEvents/** employeeExperience
events/** extensions/** findMeetingTimes followedSites/* getMailTips inferenceClassification/** insights/** messages/** notes/** onenote/** onlineMeetings/** outlook/**
photo/** photos/** presence/** retryServiceProvisioning sendMail settings/** solutions/** todo/** translateExchangeIds
calendar calendar/events/** calendar/getSchedule calendar/permanentDelete calendarGroups calendarGroups/* calendarGroups/*/calendars calendarGroups/*/calendars/*
calendarGroups/*/calendars/*/events/** calendarGroups/*/calendars/*/getSchedule calendarGroups/*/calendars/*/permanentDelete
calendars calendars/* calendars/*/events/** calendars/*/getSchedule calendars/*/permanentDelete
chats chats/* chats/*/messages/** chats/*/targetedMessages/** chats/*/pinnedMessages/** chats/*/tabs/** chats/*/lastMessagePreview chats/*/markChat*
chats/*/hideForUser chats/*/unhideForUser chats/*/startMigration chats/*/completeMigration chats/*/sendActivityNotification
POST:joinedTeams joinedTeams/*/clone joinedTeams/*/completeMigration joinedTeams/*/operations/** joinedTeams/*/photo/** joinedTeams/*/schedule/**
joinedTeams/*/sendActivityNotification joinedTeams/*/tags joinedTeams/*/tags/*
joinedTeams/*/channels joinedTeams/*/channels/* joinedTeams/*/channels/*/messages/** joinedTeams/*/channels/*/tabs/** joinedTeams/*/channels/*/filesFolder/content
joinedTeams/*/channels/*/*Migration joinedTeams/*/channels/*/removeEmail
joinedTeams/*/primaryChannel joinedTeams/*/primaryChannel/messages/** joinedTeams/*/primaryChannel/tabs/** joinedTeams/*/primaryChannel/filesFolder/content
joinedTeams/*/primaryChannel/*Migration joinedTeams/*/primaryChannel/removeEmail
mailFolders mailFolders/* mailFolders/*/messages/** mailFolders/*/copy mailFolders/*/move mailFolders/*/permanentDelete
mailFolders/*/childFolders mailFolders/*/childFolders/* mailFolders/*/childFolders/*/messages/** mailFolders/*/childFolders/*/copy
mailFolders/*/childFolders/*/move mailFolders/*/childFolders/*/permanentDelete
planner planner/plans planner/plans/* planner/plans/*/buckets/** planner/plans/*/tasks/** DELETE:planner/plans/*/details planner/tasks/**
teamwork teamwork/associatedTeams/** teamwork/deleteTargetedMessage teamwork/sendActivityNotification`

const microsoftSitesHarmless = `
sites/* sites/*/analytics/** sites/*/columns/** sites/*/contentTypes/** sites/*/operations/** sites/*/onenote/** sites/*/termStore/** sites/*/termStores/**
sites/*/pages sites/*/pages/* sites/*/pages/*/graph.sitePage/canvasLayout/** sites/*/pages/*/graph.sitePage/webParts/**
sites/*/lists sites/*/lists/* sites/*/lists/*/columns/** sites/*/lists/*/contentTypes/** sites/*/lists/*/operations/**
sites/*/lists/*/items sites/*/lists/*/items/* sites/*/lists/*/items/*/documentSetVersions/** sites/*/lists/*/items/*/driveItem/** sites/*/lists/*/items/*/fields
sites/*/lists/*/items/*/versions/** sites/*/getByPath*/analytics sites/*/getByPath*/columns sites/*/getByPath*/contentTypes sites/*/getByPath*/lists
sites/*/getByPath*/operations sites/*/getByPath*/pages sites/*/getByPath*/onenote sites/*/getByPath*/termStore*
users/getAvailableExtensionProperties users/getByIds users/validateProperties`

// microsoftUndescribed are of parts that aren't published, on the pages that the table
// names, or write what there is described in the other way.
const microsoftUndescribed = `
**/*invite* **/owners*/** **/*retention*/** **/acceptedSenders*/** **/rejectedSenders*/** **/allowedUsers*/** **/allowedGroups*/** PATCH:**/plans*/details
applications*/** servicePrincipals*/** directory*/** roleManagement/** identity*/** policies/** invitations/** domains*/** organization*/** groupSettings*/** groups*/**/settings*/** appCatalogs/**
device*/** admin/** security/** tenantRelationships/** agreements*/** certificate*/** POST:groups $batch PATCH:me DELETE:me POST:me/restore
PATCH:users* PATCH:groups* PATCH:groups/* PATCH:teams* PATCH:teams/* PATCH:**/joinedTeams*
**/convertExternalToInternalMemberUser **/presenters*/** **/staffMembers*/** **/teachers*/** **/team education/schools*/** education/users*/**
teamwork/** DELETE:**/microsoft.graph.* PATCH:**/microsoft.graph.* DELETE:education/classes/*
DELETE:users* DELETE:groups* DELETE:groups/* DELETE:teams* DELETE:teams/* DELETE:**/joinedTeams*`

// TestMicrosoftDescribed holds the table against every request of Microsoft's library
// for people and sites. Its parts for drives, groups and directories aren't published.
func TestMicrosoftDescribed(t *testing.T) {
	t.Parallel()
	needReal(t)
	harmless := microsoftSitesHarmless
	for _, word := range strings.Fields(microsoftHarmless) {
		method, path, found := strings.Cut(word, ":")
		if !found {
			harmless += " users/*/" + word
			continue
		}
		harmless += " " + method + ":users/*/" + path
	}
	d := description{
		service: services.Microsoft(), from: "@microsoft/msgraph-sdk-users and -sites", harmless: harmless, undescribed: microsoftUndescribed, operations: map[operation]bool{},
	}
	modules := newMicrosoftModules()
	for _, part := range []string{"users", "sites"} {
		root := filepath.Join("..", "..", "testdata", "real", "node_modules", "@microsoft", "msgraph-sdk-"+part, part)
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Name() != "index.js" {
				return err
			}
			text, err := os.ReadFile(name)
			if err == nil {
				modules.add(t, d.operations, name, string(text))
			}
			return err
		})
		if err != nil {
			t.Fatalf("%v; npm ci --prefix testdata/real installs it", err)
		}
	}
	d.check(t, 1200)
}

// microsoftModules read modules that Microsoft's generator wrote.
type microsoftModules struct{ template, parameter, requests, method *regexp.Regexp }

func newMicrosoftModules() microsoftModules {
	return microsoftModules{
		template:  regexp.MustCompile(`(?m)^export const (\w+)UriTemplate = "\{\+baseurl\}/([^?"]*?)(?:\{?\?.*)?";`),
		parameter: regexp.MustCompile(`\{[^}]*\}`),
		requests:  regexp.MustCompile(`(?ms)^export const (\w+)RequestsMetadata = \{(.*?)^\};`),
		method:    regexp.MustCompile(`(?m)^    (\w+): \{`),
	}
}

// add adds the requests of a module: for each of its builders a template of
// addresses, and what there is to ask for there.
func (m microsoftModules) add(t *testing.T, operations map[operation]bool, name, text string) {
	t.Helper()
	paths := map[string]string{}
	for _, found := range m.template.FindAllStringSubmatch(text, -1) {
		paths[found[1]] = m.parameter.ReplaceAllString(found[2], "1")
	}
	for _, found := range m.requests.FindAllStringSubmatch(text, -1) {
		path, known := paths[found[1]]
		if !known {
			t.Errorf("%s: %s has no template", name, found[1])
		}
		for _, method := range m.method.FindAllStringSubmatch(found[2], -1) {
			if method[1] != "get" {
				operations[operation{strings.ToUpper(method[1]), path}] = true
			}
		}
	}
}
