package credentials

import (
	"time"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
)

// only are the outcomes of a fault that some operations run into.
func only(read, write, deletes Outcome) [3]Outcome { return [3]Outcome{read, write, deletes} }

// rows are the faults: those of the collection, of prompts, of single calls,
// and of the service and the bus as a whole.
func rows() []row {
	var table []row
	for _, part := range [][]row{collectionRows(), promptRows(), keepingRows(), hangRows(), errorRows(), typeRows(), endRows()} {
		table = append(table, part...)
	}
	return table
}

func collectionRows() []row {
	type f = secretservice.Fault
	return []row{
		{name: "none", serving: all(Ready), interactive: all(Ready)},
		{name: "no collection", fault: f{NoCollection: true}, serving: all(Absent), interactive: all(Absent)},
		{name: "locked, a person unlocks it", fault: f{Locked: true}, serving: all(Locked), interactive: all(Ready), prompts: [2]int{0, 1}},
		{name: "locked, the prompt is dismissed", fault: f{Locked: true, Prompt: secretservice.Dismissed}, serving: all(Locked), interactive: all(Declined), prompts: [2]int{0, 1}},
		{name: "locked, nobody answers the prompt", fault: f{Locked: true, Prompt: secretservice.Ignored}, serving: all(Locked), interactive: all(Locked), prompts: [2]int{0, 1}},
		{name: "locked, a foreign signal", fault: f{Locked: true, Prompt: secretservice.Foreign}, serving: all(Locked), interactive: all(Declined), prompts: [2]int{0, 1}},
	}
}

// promptRows are prompts of a collection that says it is open, as those of
// KeePassXC for each access.
func promptRows() []row {
	declined := map[string][2][3]Outcome{
		"Unlock":     {all(Locked), all(Declined)},
		"CreateItem": {only(Ready, Declined, Ready), only(Ready, Declined, Ready)},
		"Delete":     {only(Ready, Ready, Declined), only(Ready, Ready, Declined)},
	}
	locked := map[string][3]Outcome{"Unlock": all(Locked), "CreateItem": only(Ready, Locked, Ready), "Delete": only(Ready, Ready, Locked)}
	var table []row
	for _, at := range []string{"Unlock", "CreateItem", "Delete"} {
		for _, ending := range []secretservice.Ending{secretservice.Dismissed, secretservice.Ignored, secretservice.Foreign} {
			outcomes := declined[at]
			if ending == secretservice.Ignored {
				outcomes = [2][3]Outcome{locked[at], locked[at]}
			}
			fault := secretservice.Fault{At: at, Prompt: ending}
			table = append(table, row{name: at + " prompts: " + string(ending), fault: fault, serving: outcomes[0], interactive: outcomes[1], prompts: [2]int{1, 1}})
		}
	}
	return table
}

func keepingRows() []row {
	declined := only(Ready, Declined, Ready)
	return []row{
		{name: "CreateItem keeps nothing", fault: secretservice.Fault{Forgets: true}, serving: declined, interactive: declined},
		{name: "CreateItem keeps something else", fault: secretservice.Fault{Mangles: true}, serving: declined, interactive: declined},
	}
}

// perCall are the operations that run into a fault at a call, with an outcome.
// A delete looks for the entry and, when it's gone, opens no session; without a
// person, the probe asks for the lock too.
func perCall(at string, o Outcome) (serving, interactive [3]Outcome) {
	switch at {
	case "Locked":
		return all(o), all(Ready)
	case "OpenSession", "GetSecret":
		return only(o, o, Ready), only(o, o, Ready)
	case "CreateItem":
		return only(Ready, o, Ready), only(Ready, o, Ready)
	case "Delete":
		return only(Ready, Ready, o), only(Ready, Ready, o)
	}
	return all(o), all(o)
}

func callRows(what string, o Outcome, fault secretservice.Fault, calls ...string) []row {
	var table []row
	for _, at := range calls {
		fault.At = at
		serving, interactive := perCall(at, o)
		table = append(table, row{name: at + what, fault: fault, serving: serving, interactive: interactive, deletes: fault.Odd && at == "Delete"})
	}
	return table
}

func hangRows() []row {
	return callRows(" hangs", Locked, secretservice.Fault{Hang: true}, "Collections", "Locked", "OpenSession", "Unlock", "CreateItem", "SearchItems", "GetSecret", "Delete")
}

func errorRows() []row {
	table := callRows(" answers an error", Broken, secretservice.Fault{Error: "org.example.Failed"},
		"Collections", "Locked", "OpenSession", "Unlock", "CreateItem", "SearchItems", "GetSecret", "Delete")
	return append(table, callRows(" answers IsLocked", Locked, secretservice.Fault{Error: "org.freedesktop.Secret.Error.IsLocked"},
		"CreateItem", "GetSecret", "Delete")...)
}

func typeRows() []row {
	table := callRows(" answers a wrong type", Broken, secretservice.Fault{Odd: true}, "Collections", "OpenSession", "Unlock", "CreateItem", "SearchItems", "GetSecret", "Delete")
	for _, ending := range []secretservice.Ending{secretservice.NotBool, secretservice.Empty, secretservice.NotPaths} {
		outcome := Broken
		if ending == secretservice.NotPaths {
			outcome = Declined
		}
		fault := secretservice.Fault{Locked: true, Prompt: ending}
		table = append(table, row{name: "the prompt's answer: " + string(ending), fault: fault, serving: all(Locked), interactive: all(outcome), prompts: [2]int{0, 1}})
	}
	return table
}

// endRows are a service and a bus that are slow or go away.
func endRows() []row {
	table := callRows(": the service dies", Broken, secretservice.Fault{Dies: true}, "Collections", "Unlock", "CreateItem", "SearchItems", "GetSecret", "Delete")
	table = append(table, callRows(": the service leaves", Broken, secretservice.Fault{Leaves: true}, "Unlock", "SearchItems")...)
	for _, r := range callRows(": the bus ends", Broken, secretservice.Fault{Dies: true}, "Collections", "Unlock", "CreateItem", "SearchItems", "GetSecret", "Delete") {
		r.do, r.lift = endBus, restartBus
		table = append(table, r)
	}
	dies := secretservice.Fault{At: "Unlock", Prompt: secretservice.Ignored}
	return append(table,
		row{name: "the service dies, its prompt is open", fault: dies, serving: all(Locked), interactive: all(Locked), prompts: [2]int{1, 1}, ends: true, after: killService},
		row{name: "the bus ends, a prompt is open", fault: dies, serving: all(Locked), interactive: all(Locked), prompts: [2]int{1, 1}, ends: true, after: endBus, lift: restartBus},
		slowRow())
}

func killService(c *cell) { must(c.T, c.service.Die()) }

func endBus(c *cell) { c.bus.end() }

func restartBus(c *cell) {
	endBus(c)
	// A connection to a bus that was killed is as good as closed.
	_ = c.service.Die()
	c.bus.start()
}

// slowRow is a service that takes 1.9 seconds for each call, by a clock of its
// own.
func slowRow() row {
	return row{name: "slow by 1.9 s at each call", serving: all(Locked), interactive: all(Ready), do: func(c *cell) {
		c.elapsed += 1900 * time.Millisecond
		if c.elapsed > c.keyring.timeout() {
			c.late(errNoAnswer)
		}
	}}
}
