package sweep

import (
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"connbench/loadgen"
)

// Exec is a server from elsewhere: a command, as the flag --exec and a plan's exec
// have it.
type Exec struct {
	Name    string
	Network string // tcp, unix or udp; empty for that of the plan
	Command []string
}

// What stands in a command for the address: host:port or the path of a Unix
// socket, or its parts; for the length of an answer that the server has, in bytes; and for the
// number of clients that it will have.
const (
	SizeMark    = "{size}"
	ClientsMark = "{clients}"

	addrMark = "{addr}"
	hostMark = "{host}"
	portMark = "{port}"
)

var execName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// ParseExec reads NAME=COMMAND or NAME@NETWORK=COMMAND. Errors are
// [*loadgen.SpecError].
func ParseExec(text string) (Exec, error) {
	wrong := func(value, format string, args ...any) (Exec, error) {
		return Exec{}, &loadgen.SpecError{Field: "exec", Value: value, Allowed: fmt.Sprintf(format, args...)}
	}
	name, command, found := strings.Cut(text, "=")
	if !found {
		return wrong(fmt.Sprintf("%q", text), "NAME=COMMAND ... {addr}, or NAME@udp=COMMAND ... {addr}")
	}
	name, network, given := strings.Cut(name, "@")
	if !execName.MatchString(name) {
		return wrong(fmt.Sprintf("%q", name), "a name of letters, digits, - _ . before the =")
	}
	if given && !slices.Contains([]string{"tcp", "unix", "udp"}, network) {
		return wrong(fmt.Sprintf("%s on %q", name, network), "tcp, unix or udp behind the @")
	}
	words, err := splitWords(command)
	switch {
	case err != nil:
		return wrong(fmt.Sprintf("the command of %s", name), "%v", err)
	case len(words) == 0:
		return wrong(fmt.Sprintf("%s without a command", name), "NAME=COMMAND ... {addr}")
	case !mentions(words, addrMark) && !mentions(words, portMark):
		return wrong(fmt.Sprintf("the command of %s", name), "with {addr} where the address goes, or with {host} and {port}")
	}
	return Exec{name, network, words}, nil
}

func mentions(words []string, mark string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, mark) })
}

// Row is the server as a row of the plan. Its Unix socket, if it is to have one, is
// made in the folder sockets. Errors say what of the plan it cannot do, or that
// there is no such command.
func (e Exec) Row(p *Plan, sockets string) (Row, error) {
	row := Row{Name: e.Name, Network: e.Network, Command: e.Command, Foreign: true, Sockets: sockets}
	if row.Network == "" {
		row.Network = p.Network
	}
	if row.Network == "unix" && (mentions(e.Command, hostMark) || mentions(e.Command, portMark)) {
		return row, &loadgen.SpecError{Field: "exec", Value: "the command of " + e.Name, Allowed: "{addr} alone, on unix sockets"}
	}
	if err := p.CheckForeign(e.Name, row.Network); err != nil {
		return row, err
	}
	row.Processes = p.processes()
	if _, err := exec.LookPath(e.Command[0]); err != nil {
		return row, &loadgen.SpecError{Field: "exec", Value: "the command of " + e.Name, Allowed: fmt.Sprintf("one that is there: %v", err)}
	}
	return row, nil
}

// ForeignError is something in a plan that a server from elsewhere cannot do.
type ForeignError struct {
	Name string
	Err  *loadgen.SpecError
}

func (e *ForeignError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns the error of the plan.
func (e *ForeignError) Unwrap() error { return e.Err }

// processesKnob is the one knob that a foreign server has: its command runs so many times.
const (
	processesKnob = "processes"
	mostProcesses = 1024
)

// processes is of how many a server is where the plan says so, else 0.
func (p *Plan) processes() int {
	n, _ := strconv.Atoi(p.Knobs[processesKnob])
	return n
}

// CheckForeign reports what of the plan a server that is none of ours cannot do on a network, as
// a [*ForeignError].
func (p *Plan) CheckForeign(name, network string) error {
	cannot := func(field string, value any, allowed string) error {
		return &ForeignError{name, &loadgen.SpecError{Field: field, Value: value, Allowed: allowed}}
	}
	if p.Work != echoWork {
		return cannot("work", p.Work, "echo: a foreign server does no work of ours")
	}
	asked := p.Spec(Trial{Clients: 1}, network, "")
	if p.ResponseSize != 0 && !asked.Message().Fills() {
		return cannot("response-size", int(p.ResponseSize), "none: a foreign server answers with the request")
	}
	for _, knob := range slices.Sorted(maps.Keys(p.Knobs)) {
		if knob != processesKnob {
			return cannot(knob, p.Knobs[knob], "none: of our knobs a foreign server has processes alone")
		}
	}
	switch n := p.processes(); {
	case n < 0 || n > mostProcesses:
		return cannot(processesKnob, n, fmt.Sprintf("0 for one, or 1 to %d", mostProcesses))
	case n > 1 && network == "unix":
		return cannot(processesKnob, n, "one on the unix network, which has no SO_REUSEPORT")
	}
	return nil
}
