package cli

// greet tells a person who has typed the bare name what to do next: only a host has
// anything to say to the server.
func (a *app) greet() {
	a.say("valetkey signs an AI assistant in, once, for every host on this machine.")
	a.say("")
	a.say("Next:")
	a.say("  1. valetkey demo       see the whole story here, without an account")
	a.say("  2. valetkey install    %s", a.whereToInstall())
	a.say("  3. valetkey login      sign in, and look with: valetkey status")
	a.say("")
	a.say("All commands: valetkey --help. What hosts start: valetkey serve")
}
