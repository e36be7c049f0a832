package hosts

import (
	"fmt"
	"regexp"
)

// Every agent listens here for who wants to know of it.
const discovery = "connbench.agents"

// The inboxes, to which replies come, of each kind of key.
const controllersInbox = "connbench.inbox.controller"

func agentsInbox(name string) string { return "connbench.inbox.agent." + name }

// What an agent can be asked for by a controller, the last word of a subject. Frames and
// renewals are told; the others are requests.
const (
	askClaim   = "claim"
	askInfo    = "info"
	askProgram = "program"
	askRelease = "release"
	askStart   = "start"
	tellFrame  = "frame"
	tellRenew  = "renew"
)

// toAgent is the subject of what an agent is asked or told, * for all of them.
func toAgent(name, what string) string { return "connbench.agent." + name + "." + what }

// clockOf is where an agent answers what its clock shows, by a subscription of its own so
// that nothing is before it in the queue.
func clockOf(name string) string { return "connbench.clock." + name }

// nameOf is where agents of one name hear of each other.
func nameOf(name string) string { return "connbench.name." + name }

// fromAgent is the subject of all that an agent says to the controller that has the lease.
func fromAgent(name, lease string) string { return "connbench.host." + name + "." + lease }

// bucketOf is the bucket of the object store for an agent's large lines, both ways.
func bucketOf(name string) string {
	if name == "*" {
		return "*" // a part of a word cannot be any
	}
	return "connbench-" + name
}

// validName is what can be a word of a subject and of a bucket's name.
var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// CheckName reports whether an agent can have a name.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q is no name of a host: letters, digits, - and _, up to 63", name)
	}
	return nil
}

// permissions are what a user of the server may do.
type permissions struct {
	publish, subscribe []string
	responses          bool // to what it is asked, wherever that wants its answer
}

// ofAgents are those of the agent with a name, or with * of all that share a key. An agent
// with a key of its own can neither ask another nor hear what it says or is told; with a
// shared key it could hear what another is told.
func ofAgents(name string) permissions {
	stream := bucketOf(name)
	if name != "*" {
		stream = "OBJ_" + stream
	}
	p := permissions{
		publish: []string{
			fromAgent(name, "*"), nameOf(name),
			"$O." + bucketOf(name) + ".>", "$JS.FC." + stream + ".>",
			"$JS.API.DIRECT.GET." + stream + ".>", "$JS.API.CONSUMER.CREATE." + stream + ".>",
		},
		subscribe: []string{discovery, toAgent(name, "*"), clockOf(name), nameOf(name), agentsInbox(name) + ".>"},
		responses: true,
	}
	for _, api := range []string{"STREAM.CREATE", "STREAM.INFO", "STREAM.MSG.GET", "STREAM.PURGE", "DIRECT.GET", "CONSUMER.CREATE"} {
		p.publish = append(p.publish, "$JS.API."+api+"."+stream)
	}
	for _, api := range []string{"CONSUMER.DELETE", "CONSUMER.INFO"} {
		p.publish = append(p.publish, "$JS.API."+api+"."+stream+".*")
	}
	return p
}

// ofControllers are those of whoever has the controllers' key.
func ofControllers() permissions {
	return permissions{
		publish:   []string{discovery, toAgent("*", "*"), clockOf("*"), "$O.*.>", "$JS.API.>", "$JS.FC.>"},
		subscribe: []string{fromAgent("*", "*"), controllersInbox + ".>"},
	}
}
