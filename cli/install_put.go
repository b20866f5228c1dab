package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/hosts"
)

// putIn puts valetkey into the hosts and, if a person is there, goes on to the
// sign-in.
func (i *installation) putIn(ctx context.Context, places []hosts.Place) error {
	command, args, err := ownCommand()
	if err != nil {
		return err
	}
	adopted, err := i.adoptAll(ctx, places)
	if err != nil {
		return err
	}
	if err := i.askForClients(ctx, adopted); err != nil {
		return err
	}
	if err := checkWritten(i.variables()); err != nil {
		return err
	}
	err = i.eachHost(ctx, places, func(config *hosts.Config) error {
		server := hosts.Server{Command: command, Args: args}
		i.furnish(&server, config, adopted)
		if lacks := config.Lacks(server); len(lacks) > 0 {
			i.say("%s hands no variables on, and secrets aren't written: it won't have %s.", config.Title, strings.Join(lacks, ", "))
		}
		return errors.Join(adopted.takeFrom(config), config.Set(server))
	}, adopted.hide)
	if err != nil {
		return err
	}
	i.sayRotate(adopted)
	if err := i.signIn(ctx); err != nil {
		return err
	}
	i.sayNotes()
	return nil
}

// sayNotes says at the end what a person should know and would have missed before.
func (i *installation) sayNotes() {
	for _, s := range i.opened {
		if i.lacksClient(s) {
			i.notes = append(i.notes, fmt.Sprintf("%s has no client id, so nobody can sign in: set %s_CLIENT_ID, and run this again.", s.Title, strings.ToUpper(s.Name)))
		}
	}
	for _, note := range i.notes {
		i.say("Note: %s", note)
	}
}

// furnish gives a server the variables it needs: those that are set now, before
// those that its entry has already.
func (i *installation) furnish(server *hosts.Server, config *hosts.Config, adopted *adoption) {
	server.Env = map[string]string{}
	existing, _ := config.Server(hosts.Entry)
	maps.Copy(server.Env, existing.Env)
	maps.DeleteFunc(server.Env, func(name, value string) bool { return value == "" || adopted.has(config.File, hosts.Entry, name) })
	for _, v := range i.variables() {
		if existing.Name != "" && i.isBorrowed(v.name) {
			// It is another host's, and this one has its own.
			continue
		}
		if v.isSecret {
			server.Pass = append(server.Pass, v.name)
			continue
		}
		server.Env[v.name] = v.value
	}
	if names := i.namesOfServices(existing.Env[servicesVariable], adopted); len(names) > 0 {
		server.Env[servicesVariable] = strings.Join(names, ",")
	}
}

// namesOfServices are the services that an entry should name, none for the usual one:
// those that are set now, or those it has, with those whose tokens were adopted.
func (i *installation) namesOfServices(existing string, adopted *adoption) []string {
	names := credentials.Words(strings.ToLower(credentials.Given(i.own.Services)))
	if len(names) == 0 {
		names = credentials.Words(strings.ToLower(credentials.Given(existing)))
	}
	usual := namesIn(builtIn()[:1])
	if len(names) == 0 {
		names = usual
	}
	for _, name := range adopted.services() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if existing == "" && slices.Equal(names, usual) {
		return nil
	}
	return names
}

// variables are all that are set for valetkey and its services, as a host should
// have them. What only leads to a secret is none.
func (i *installation) variables() []variable {
	var all []variable
	for _, s := range i.opened {
		for _, v := range variablesOf(strings.ToUpper(s.Name), reflect.ValueOf(s.options.Settings)) {
			if v.name == strings.ToUpper(s.Name)+"_TOKEN" && s.options.Settings.KeyVariable != "" {
				v.name = s.options.Settings.KeyVariable
			}
			all = append(all, v)
		}
	}
	for _, v := range variablesOf("VALET", reflect.ValueOf(i.own)) {
		if v.name != servicesVariable {
			all = append(all, v)
		}
	}
	if i.own.Dir == "" && runtime.GOOS == "linux" && os.Getenv("XDG_CONFIG_HOME") != "" {
		// Not every host hands that one on, and all should find the same directory.
		all = append(all, variable{name: "VALET_DIR", value: i.own.base()})
	}
	usual := map[string]string{"VALET_STORE": "auto", "VALET_BROWSER": "auto", "VALET_KEYRING": credentials.KeyringName}
	all = slices.DeleteFunc(all, func(v variable) bool {
		value := credentials.Given(v.value)
		return value == "" || value == usual[v.name]
	})
	for n, v := range all {
		all[n].isSecret = v.isSecret && !leadsToSecret(v.name)
		if strings.HasSuffix(v.name, "_COMMAND") {
			all[n].value = wholeCommand(v.value)
		}
	}
	return all
}

// wholeCommand gives a command line the whole path of its program, which hosts with a
// short PATH wouldn't find.
func wholeCommand(line string) string {
	program, rest, _ := strings.Cut(line, " ")
	path, err := exec.LookPath(program)
	if strings.ContainsAny(program, `/\'"`) || err != nil || !filepath.IsAbs(path) {
		return line
	}
	quote := ""
	if strings.ContainsAny(path, " \t'") {
		quote = `"`
	}
	return strings.TrimSpace(quote + path + quote + " " + rest)
}

// checkWritten refuses variables whose values look like a secret in the wrong place,
// and commands of programs that aren't there.
func checkWritten(all []variable) error {
	for _, v := range all {
		program, _, _ := strings.Cut(v.value, " ")
		if strings.HasSuffix(v.name, "_COMMAND") && !strings.ContainsAny(program, `/\'"`) {
			return fmt.Errorf("%s: there is no program %.60q on the PATH; give its whole path", v.name, program)
		}
		for _, service := range builtIn() {
			if !v.isSecret && tokenOf(service, hosts.Text{Path: []string{"value"}, Value: v.value}) != "" {
				return fmt.Errorf("%s holds what looks like a token of %s, so it isn't written anywhere; put it into %s", v.name, service.Title, service.KeyVariables[0])
			}
		}
	}
	return nil
}

// goBuild are the folders that go run builds in.
var goBuild = regexp.MustCompile(`^go-build\d+$`)

// ownCommand is how a host starts this program: by a whole path, since many have a
// short PATH, and one that an update leaves where it is.
func ownCommand() (command string, args []string, err error) {
	path, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("where this program lies can't be found: %w", err)
	}
	switch folders := strings.Split(filepath.ToSlash(path), "/"); {
	case slices.ContainsFunc(folders, func(f string) bool { return goBuild.MatchString(f) }):
		return "", nil, errors.New("this program was started by go run, and is gone when it ends; run: go install github.com/valetkey/valetkey@latest")
	case slices.Contains(folders, "_npx"):
		npx, err := exec.LookPath("npx")
		if err != nil {
			return "", nil, fmt.Errorf("npx can't be found: %w; run: npm install -g valetkey", err)
		}
		return npx, []string{"-y", "valetkey"}, nil
	}
	// A package manager's link stays where it is, its target doesn't.
	if linked, err := exec.LookPath("valetkey"); err == nil && filepath.IsAbs(linked) && isSameFile(linked, path) {
		path = linked
	}
	return path, nil, nil
}

func isSameFile(one, other string) bool {
	first, err := os.Stat(one)
	second, otherErr := os.Stat(other)
	return err == nil && otherErr == nil && os.SameFile(first, second)
}

// askForClients asks for the client ids without which nobody can sign in.
func (i *installation) askForClients(ctx context.Context, adopted *adoption) error {
	if i.yes || i.dryRun {
		return nil
	}
	for n := range i.opened {
		s := &i.opened[n]
		if !i.lacksClient(*s) || adopted.of(s.Name) != nil {
			continue
		}
		if status, err := s.credential.Status(ctx); err == nil && status.SignedIn {
			continue
		}
		i.say("%s: to sign in, valetkey needs the client id of %s:\n  %s", s.Title, s.at.RegistrationHint, s.at.RegistrationURL)
		if err := i.askForClient(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// lacksClient reports whether a service has nothing to sign in with, and no key.
func (i *installation) lacksClient(s service) bool {
	return !s.credential.HasClient() && !s.options.Settings.HasKey() && s.at.RegistrationURL != ""
}

// askForClient asks for a client id, or for the name of a program that the person is
// signed in with already.
func (i *installation) askForClient(ctx context.Context, s *service) error {
	program, question := "", "Client id (Enter: without one): "
	for _, name := range slices.Sorted(maps.Keys(s.at.KeyCommands)) {
		if _, err := exec.LookPath(name); err == nil {
			program = name
			question = fmt.Sprintf("Client id (Enter: without one; %s: use the sign-in of %s): ", name, name)
		}
	}
	for {
		answer, err := i.ask(ctx, question)
		if err != nil || answer == "" {
			return err
		}
		given := s.options.Settings
		if answer == program {
			given.TokenCommand = program
		} else {
			given.ClientID = answer
		}
		if err := given.Check(s.Name); err != nil {
			i.say("%v.", err)
			continue
		}
		s.options.Settings = given
		*s = s.forAccount(given.Account)
		return nil
	}
}

// signIn offers the sign-in that is all that is missing, and says what else is.
func (i *installation) signIn(ctx context.Context) error {
	if i.dryRun || i.failed > 0 || i.done+i.idle == 0 {
		return nil
	}
	for _, s := range i.opened {
		if !s.credential.HasClient() || s.options.Settings.HasKey() {
			continue
		}
		status, err := s.credential.Status(ctx)
		switch {
		case err != nil:
			i.notes = append(i.notes, err.Error())
		case status.SignedIn:
		case status.Store == credentials.SourceMemory:
			i.notes = append(i.notes, fmt.Sprintf("a sign-in to %s lasts only while a host runs valetkey: %s.", s.Title, status.StoreNote))
		case i.yes:
			i.notes = append(i.notes, fmt.Sprintf("to sign in to %s now, run: %s", s.Title, s.credential.LoginCommand()))
		default:
			if err := i.offerSignIn(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *installation) offerSignIn(ctx context.Context, s service) error {
	agreed, err := i.agree(ctx, fmt.Sprintf("Sign in to %s now?", s.Title))
	if err != nil || !agreed {
		return err
	}
	var needs []string
	return i.login(ctx, s, i.own, loginOptions{needs: &needs})
}
