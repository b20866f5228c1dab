package gate

import (
	"encoding/json"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// graphQL is the path of that API.
const graphQL = "graphql"

// mayGovern refuses what a model chose itself, is no proven read and would change who
// may do what.
func (g *Gate) mayGovern(r *http.Request, call *Call) error {
	if !call.ByPath || g.NoAdmin == nil || !g.governs(r) {
		return nil
	}
	below, _ := g.below(r.URL)
	return &Refused{byRole, g.Service + ": " + r.Method + " " + ours(r, below) + " changes, or may change, who may do what: " + g.NoAdmin.Error()}
}

// governs tells whether a request changes who may do what, also if nobody can tell.
func (g *Gate) governs(r *http.Request) bool {
	below, isOwn := g.below(r.URL)
	if !isOwn || overrides(r) {
		return true
	}
	if !isGraphQL(below) || g.Mutations == nil {
		return g.Admin.May(r.Method, below)
	}
	names, known := g.Mutations(r)
	return !known || len(names) > maxMutations || slices.ContainsFunc(names, func(name string) bool { return g.Admin.May(r.Method, graphQL+"/"+name) })
}

// isGraphQL tells that path however it is written: a server may take it escaped, in
// capitals and with a slash behind it.
func isGraphQL(below string) bool {
	plain, err := url.PathUnescape(below)
	return err == nil && strings.EqualFold(strings.Trim(plain, "/ "), graphQL)
}

// maxMutations is how many of one request are looked through, since that takes time. One
// with more counts as one that changes who may do what.
const maxMutations = 100

// methodHeaders are those by which a server may take a request for one with another
// method.
//
// https://docs.cloud.google.com/endpoints/docs/openapi/extensions#x-http-method-override
// https://expressjs.com/en/resources/middleware/method-override.html
func methodHeaders() []string {
	return []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}
}

// overrides tells whether a server could take the request for one with another
// method: by a header, by its query or, as those of Ruby and PHP do, by a field of its
// body.
//
// https://github.com/rack/rack/blob/main/lib/rack/method_override.rb
// https://laravel.com/docs/routing#form-method-spoofing
func overrides(r *http.Request) bool {
	named := slices.ContainsFunc(methodHeaders(), func(name string) bool { return r.Header.Get(name) != "" })
	query, err := url.ParseQuery(r.URL.RawQuery)
	if named || err != nil || hasMethod(maps.Keys(query)) {
		return true
	}
	mediaType := strings.ToLower(r.Header.Get("Content-Type"))
	isForm := strings.HasPrefix(mediaType, "application/x-www-form-urlencoded")
	if !isForm && !strings.Contains(mediaType, "json") || r.Body == nil || r.Body == http.NoBody {
		return false
	}
	if r.GetBody == nil {
		return true
	}
	body, err := r.GetBody()
	if err != nil {
		return true
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil || len(content) > maxBody {
		return true
	}
	if !isForm {
		var fields map[string]json.RawMessage
		// What isn't an object has no fields.
		return json.Unmarshal(content, &fields) == nil && hasMethod(maps.Keys(fields))
	}
	form, err := url.ParseQuery(string(content))
	return err != nil || hasMethod(maps.Keys(form))
}

// hasMethod tells whether one of the parameters is, or could be read as, one that
// stands for the method: _method, Google's, or a header's name. PHP leaves out blanks
// before a name and what follows a NUL, makes an underscore of each other blank and of
// a dot, and ends a name at a bracket; some servers take capitals.
//
// https://developer.wordpress.org/rest-api/using-the-rest-api/global-parameters/
// https://www.php.net/manual/en/language.variables.external.php
// https://github.com/google/closure-library/blob/master/closure/goog/net/rpc/httpcors.js
func hasMethod(parameters iter.Seq[string]) bool {
	known := append(methodHeaders(), "_method", "_http_method", "$httpMethod", "$httpHeaders")
	for name := range parameters {
		name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "\x00")
		name, _, _ = strings.Cut(name, "[")
		name = strings.NewReplacer(" ", "_", ".", "_").Replace(name)
		if slices.ContainsFunc(known, func(other string) bool { return strings.EqualFold(name, other) }) {
			return true
		}
	}
	return false
}
