package main

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// makeBodies gives what the API answers, by path.
func makeBodies(address string) (map[string]body, error) {
	o := objects{web: address, api: address + apiPath}
	bodies := map[string]body{}
	for path, value := range o.plain() {
		b, err := jsonBody(value)
		if err != nil {
			return nil, err
		}
		bodies[path] = b
	}
	directory, err := jsonBody(object{
		"type": "dir", "size": 0, "name": "tide", "path": "tide", "sha": hash(1), "url": o.api + repoPath + "/contents/tide", "entries": o.entries(), "_links": object{},
	})
	if err != nil {
		return nil, err
	}
	give := func(path, word string, other body) {
		b := bodies[path]
		b.as = map[string]body{word: other}
		bodies[path] = b
	}
	give(repoPath+"/contents/tide", "github.object", directory)
	give(repoPath+"/contents/tide/predict.go", "github.raw", body{kind: "text/plain", text: []byte(source())})
	give(repoPath+"/pulls/7", "diff", body{kind: "text/plain", text: []byte(diff())})
	bodies["/raw/octo-org/harbour/HEAD/tide/predict.go"] = body{kind: "text/plain; charset=utf-8", text: []byte(source())}
	return bodies, nil
}

// plain is what is JSON whatever is asked for.
func (o objects) plain() map[string]any {
	reference := object{"ref": "refs/heads/main", "url": o.api + repoPath + "/git/refs/heads/main", "object": object{"type": "commit", "sha": hash(0)}}
	bodies := map[string]any{
		"/user":                                o.me(),
		"/notifications":                       many(20, o.notification),
		"/search/code":                         object{"total_count": 15, "incomplete_results": false, "items": many(15, o.found)},
		repoPath:                               o.repo(),
		repoPath + "/languages":                object{"Go": 181_204, "Shell": 2_113},
		repoPath + "/pulls":                    many(30, func(i int) object { return o.pull(100+i, hash(i)) }),
		repoPath + "/issues/42":                o.fullIssue(),
		repoPath + "/issues/42/comments":       many(12, o.comment),
		repoPath + "/contents/tide":            o.entries(),
		repoPath + "/contents/tide/predict.go": o.file(),
		repoPath + "/commits":                  many(30, o.commit),
		repoPath + "/git/ref/heads/main":       reference,
		repoPath + "/git/trees/" + hash(0):     o.tree(),
		repoPath + "/git/trees/main":           o.tree(),
		repoPath + "/git/trees/HEAD":           o.tree(),
		repoPath + "/actions/runs/1/jobs":      object{"total_count": 1, "jobs": []object{o.job(1001, failingHead)}},
		"/search/repositories":                 object{"total_count": 1, "incomplete_results": false, "items": []object{o.repo()}},
		repoPath + "/commits/" + hash(0):       o.commit(0),
		repoPath + "/pulls/7":                  o.fullPull(7, failingHead),
		repoPath + "/pulls/8":                  o.fullPull(8, largeHead),
		repoPath + "/actions/jobs/1001":        o.job(1001, failingHead),
		repoPath + "/actions/jobs/1002":        o.job(1002, largeHead),
	}
	for job, sha := range map[int]string{1001: failingHead, 1002: largeHead} {
		bodies[repoPath+"/commits/"+sha+"/check-runs"] = object{"total_count": 1, "check_runs": []object{o.checkRun(job, sha)}}
		bodies[repoPath+"/commits/"+sha+"/status"] = object{"state": "pending", "statuses": []object{}, "sha": sha, "total_count": 0, "repository": o.repo()}
	}
	return bodies
}

func many(n int, one func(i int) object) []object {
	all := make([]object, n)
	for i := range all {
		all[i] = one(i)
	}
	return all
}

func (o objects) entry(path string, size int) object {
	address := o.api + repoPath + "/contents/" + path
	return object{
		"type": "file", "size": size, "name": path[strings.LastIndex(path, "/")+1:], "path": path, "sha": hash(size), "url": address + "?ref=main",
		"git_url": o.api + repoPath + "/git/blobs/" + hash(size), "html_url": o.web + "/octo-org/harbour/blob/main/" + path, "download_url": o.web + "/raw/octo-org/harbour/main/" + path,
		"_links": object{"self": address + "?ref=main", "git": o.api + repoPath + "/git/blobs/" + hash(size), "html": o.web + "/octo-org/harbour/blob/main/" + path},
	}
}

func (o objects) entries() []object {
	return many(40, func(i int) object { return o.entry(fmt.Sprintf("tide/station_%02d.go", i), 4000+i) })
}

func (o objects) file() object {
	f := o.entry("tide/predict.go", len(source()))
	f["encoding"], f["content"] = "base64", base64.StdEncoding.EncodeToString([]byte(source()))
	return f
}

// found is a hit of a code search, with the text around it.
func (o objects) found(i int) object {
	f := o.entry(fmt.Sprintf("tide/station_%02d.go", i), 4000+i)
	fragment := "\theight := tide.PredictHeight(station, at)\n\tif height < 0 {\n\t\treturn fmt.Sprintf(\"%.1f m\", height)\n\t}\n"
	f["repository"], f["score"] = o.repo(), 1.0
	f["text_matches"] = []object{{
		"object_url": f["url"], "object_type": "FileContent", "property": "content", "fragment": fragment,
		"matches": []object{{"text": "PredictHeight", "indices": []int{16, 29}}},
	}}
	return f
}

// tree is a repository of 20,000 files.
func (o objects) tree() object {
	entries := many(20_000, func(i int) object {
		sha := hash(i)
		return object{
			"path": fmt.Sprintf("stations/region_%03d/station_%05d/constants.json", i/200, i), "mode": "100644", "type": "blob", "sha": sha, "size": 500 + i,
			"url": o.api + repoPath + "/git/blobs/" + sha,
		}
	})
	return object{"sha": hash(0), "url": o.api + repoPath + "/git/trees/" + hash(0), "tree": entries, "truncated": false}
}

// source is a file of 500 lines.
func source() string {
	return "package tide\n" + strings.Repeat("\tsum += amplitude * cosine(phase)\n", 499)
}

// diff changes three files.
func diff() string {
	var text strings.Builder
	for _, file := range []string{"tide/predict.go", "tide/predict_test.go", "docs/usage.md"} {
		fmt.Fprintf(&text, "diff --git a/%[1]s b/%[1]s\nindex 7f00000..8f00000 100644\n--- a/%[1]s\n+++ b/%[1]s\n@@ -10,40 +10,80 @@ func PredictHeight(\n", file)
		text.WriteString(strings.Repeat("-\theights = append(heights, round(height))\n+\theights = append(heights, height)\n+\tsigns = append(signs, height < 0)\n \tat = at.Add(step)\n", 40))
	}
	return text.String()
}
