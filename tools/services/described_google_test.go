package services_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/services"
)

// googleDescribedBy has Google's descriptions of all its APIs.
const googleDescribedBy = "google.golang.org/api@v0.311.0"

// googleAPIs are those below www.googleapis.com that are still served, and behind
// them some of those that have hosts of their own now, and answer there too.
const googleAPIs = `
calendar/v3 drive/v2 drive/v3 groupssettings/v1 identitytoolkit/v3 oauth2/v2 siteverification/v1 webmasters/v3
admin/directory/v1 admin/datatransfer/v1 bigquery/v2 compute/v1 gmail/v1 storage/v1 tasks/v1 youtube/v3`

// googleLeftOut are described as below www.googleapis.com, and were shut down,
// change nothing, or are an older version of one above.
const googleLeftOut = `
adexchangebuyer/* adexchangeseller/* adsense/* adsensehost/* analytics/v2.4 androidpublisher/* appsactivity/v1 appstate/v1 consumersurveys/v2 content/v2sandbox dfareporting/*
discovery/v1 fusiontables/* mirror/v1 oauth2/v1 pagespeedonline/* plus/v1 plusdomains/v1 qpxexpress/v1 replicapool/* replicapoolupdater/* spectrum/v1explorer storage/v1beta1
surveys/v2 toolresults/v1 urlshortener/v1 youtubeanalytics/v1beta1`

const googleHarmless = `
POST:calendar/v3/calendars PUT:calendar/v3/calendars/* PATCH:calendar/v3/calendars/* calendar/v3/calendars/*/events
DELETE:calendar/v3/calendars/*/events/* PUT:calendar/v3/calendars/*/events/* PATCH:calendar/v3/calendars/*/events/* POST:calendar/v3/calendars/*/events/import POST:calendar/v3/calendars/*/events/quickAdd
calendar/v3/calendars/*/events/*/move calendar/v3/freeBusy calendar/v3/users/me/calendarList
DELETE:calendar/v3/users/me/calendarList/* PUT:calendar/v3/users/me/calendarList/* PATCH:calendar/v3/users/me/calendarList/*
drive/*/files drive/*/files/* drive/*/files/*/comments/** drive/*/files/*/copy drive/*/files/*/modifyLabels drive/*/files/*/approvals* drive/*/files/*/approvals/**
drive/*/files/*/children/** drive/*/files/*/parents/** drive/*/files/*/properties/** drive/v2/files/*/touch drive/v2/files/*/trash drive/v2/files/*/untrash
drive/v3/files/*/download DELETE:drive/*/files/*/revisions/* POST:drive/*/drives drive/*/drives/*/hide drive/*/drives/*/unhide POST:drive/*/teamdrives
upload/** resumable/upload/**
oauth2/v2/tokeninfo siteVerification/v1/token webmasters/v3/**
gmail/v1/users/*/stop gmail/v1/users/*/drafts/** gmail/v1/users/*/labels/** gmail/v1/users/*/messages/** gmail/v1/users/*/threads/**
gmail/v1/users/*/settings/language gmail/v1/users/*/settings/vacation
tasks/v1/**
youtube/v3/abuseReports youtube/v3/captions youtube/v3/channelBanners/insert youtube/v3/channelSections youtube/v3/channels youtube/v3/commentThreads youtube/v3/comments/**
youtube/v3/liveBroadcasts/** youtube/v3/liveChat/bans youtube/v3/liveChat/messages/** youtube/v3/liveStreams youtube/v3/playlistImages youtube/v3/playlistItems
youtube/v3/playlists youtube/v3/subscriptions youtube/v3/tests youtube/v3/thumbnails/set youtube/v3/videos/** youtube/v3/watermarks/*
POST:storage/v1/b storage/v1/b/*/anywhereCaches/** storage/v1/b/*/rapidCaches/** storage/v1/b/*/folders/** storage/v1/b/*/managedFolders storage/v1/b/*/managedFolders/*
POST:storage/v1/b/*/o DELETE:storage/v1/b/*/o/* storage/v1/b/*/o/bulkRestore storage/v1/b/*/o/*/compose storage/v1/b/*/o/*/copyTo/** storage/v1/b/*/o/*/moveTo/**
storage/v1/b/*/o/*/rewriteTo/** storage/v1/b/*/o/*/restore storage/v1/b/*/operations/** storage/v1/b/*/relocate storage/v1/b/*/restore
POST:bigquery/v2/projects/*/datasets bigquery/v2/projects/*/datasets/*:undelete bigquery/v2/projects/*/jobs/** bigquery/v2/projects/*/queries
bigquery/v2/projects/*/datasets/*/models/* bigquery/v2/projects/*/datasets/*/tables bigquery/v2/projects/*/datasets/*/tables/*/insertAll
bigquery/v2/projects/*/datasets/*/routines
DELETE:bigquery/v2/projects/*/datasets/*/tables/* PUT:bigquery/v2/projects/*/datasets/*/tables/* PATCH:bigquery/v2/projects/*/datasets/*/tables/*
DELETE:bigquery/v2/projects/*/datasets/*/routines/* PUT:bigquery/v2/projects/*/datasets/*/routines/*
bigquery/v2/projects/*/datasets/*/*/*:getIamPolicy bigquery/v2/projects/*/datasets/*/*/*:testIamPermissions`

// googleResource is a part of a discovery document.
// https://developers.google.com/discovery/v1/reference/apis
type googleResource struct {
	Methods map[string]struct {
		HTTPMethod, Path, FlatPath string
		MediaUpload                struct {
			Protocols map[string]struct{ Path string }
		}
	}
	Resources map[string]googleResource
}

// TestGoogleDescribed holds the table against every method of the APIs that there
// are below its address, and of some that moved away from it.
func TestGoogleDescribed(t *testing.T) {
	t.Parallel()
	needReal(t)
	d := description{service: services.Google(), from: googleDescribedBy, harmless: googleHarmless, operations: map[operation]bool{}}
	dir := moduleDir(t, googleDescribedBy)
	var files []string
	for _, folders := range []string{"*/*", "*/*/*"} {
		found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(folders), "*-api.json"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	apis, leftOut := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path, err := filepath.Rel(dir, filepath.Dir(name))
		if err != nil {
			t.Fatal(err)
		}
		api := filepath.ToSlash(path)
		if slices.Contains(strings.Fields(googleAPIs), api) {
			d.addGoogle(t, text)
			apis[api] = true
			continue
		}
		if !strings.Contains(string(text), `"rootUrl": "https://www.googleapis.com/"`) {
			continue
		}
		word := slices.IndexFunc(strings.Fields(googleLeftOut), func(word string) bool { return parsed(t, word).Allow("", api) })
		if word < 0 {
			t.Errorf("%s is below the API's address, and neither held against the table nor left out", api)
			continue
		}
		leftOut[strings.Fields(googleLeftOut)[word]] = true
	}
	for words, found := range map[string]map[string]bool{googleAPIs: apis, googleLeftOut: leftOut} {
		if want := slices.Sorted(slices.Values(strings.Fields(words))); !slices.Equal(slices.Sorted(maps.Keys(found)), want) {
			t.Errorf("of %s there are only %s", want, slices.Sorted(maps.Keys(found)))
		}
	}
	d.check(t, 1000)
}

func (d description) addGoogle(t *testing.T, text []byte) {
	t.Helper()
	var api struct {
		ServicePath, BatchPath string
		googleResource
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	filled := func(path string) string {
		return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(strings.TrimPrefix(path, "/"), "1")
	}
	d.operations[operation{"POST", api.BatchPath}] = true
	for resources := []googleResource{api.googleResource}; len(resources) > 0; resources = resources[1:] {
		for _, method := range resources[0].Methods {
			if method.HTTPMethod == "GET" {
				continue
			}
			if method.FlatPath != "" {
				method.Path = method.FlatPath
			}
			d.operations[operation{method.HTTPMethod, filled(api.ServicePath + method.Path)}] = true
			for _, protocol := range method.MediaUpload.Protocols {
				d.operations[operation{method.HTTPMethod, filled(protocol.Path)}] = true
			}
		}
		resources = slices.AppendSeq(resources, maps.Values(resources[0].Resources))
	}
}
