package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"fmt"
	"math"

	"github.com/alecthomas/kong"
)

type cpuFlags struct {
	ServerCPUs string `json:"server-cpus,omitempty" name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `json:"client-cpus,omitempty" name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`
}

// place chooses CPUs among those that are allowed. It reports sets that there are not.
func (f *cpuFlags) place() (allowed []int, placed system.Placement, err error) {
	return system.PlaceHere(f.ServerCPUs, f.ClientCPUs)
}

func (f *cpuFlags) check([]string) error {
	_, _, err := f.place()
	return err
}

// seedFlag is of every command that runs trials in an order of chance.
type seedFlag struct {
	Seed uint64 `help:"Seed of the order and the payloads." default:"1"`
}

type outFlag struct {
	Out string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
}

// resumeFlags are those of a run that can be gone on with.
type resumeFlags struct {
	outFlag `embed:""`
	Resume  string `help:"Go on with the run in this folder, as it was planned." placeholder:"DIR"`
}

// trialFlags are of the commands whose trials run where flags say, and can be gone on with.
type trialFlags struct {
	cpuFlags    `embed:""`
	Fleet       fleet.Flags `embed:""`
	resumeFlags `embed:""`
	formFlags   `embed:""`
	quietFlag   `embed:""`
}

type rowFlags struct {
	Models []string `help:"Models to compare; by default all that can run here." placeholder:"NAME"`
	Exec   []string `help:"A server from elsewhere to compare too (repeatable): its command, split at spaces and quotes but read by no shell, with {addr}, or {host} and {port}, in the place of its address. It echoes, and SIGTERM ends it. On udp: NAME@udp=COMMAND. With --processes it sets SO_REUSEPORT. Or a server that is known, configured to be comparable: nginx or haproxy (with http framing), redis (with resp), memcached (with memcache), or all of those that are installed." sep:"none" placeholder:"'NAME=COMMAND ... {addr}'"`
}

// networkFlag is of the commands that measure rows of streams and of datagrams.
type networkFlag struct {
	Network string `help:"Network of the stream models: tcp or unix; by default tcp. Models of udp are on udp." default:"tcp" placeholder:"tcp|unix"`
}

// workFlag is of everything that starts a server.
type workFlag struct {
	Work string `help:"What the server does for each request: echo, cpu:D or sleep:D; by default echo, nothing more." default:"echo" placeholder:"WORK"`
}

// processesFlag is of the commands that tell servers no other knob.
type processesFlag struct {
	Processes int `help:"Processes that share the port by SO_REUSEPORT, each the same server; 0 for one. A command of --exec has to set it itself." default:"0" placeholder:"N"`
}

// put tells it to the servers of a plan.
func (f processesFlag) put(plan *sweep.Plan) {
	if f.Processes != 0 {
		plan.Knobs = map[string]string{string(models.KnobProcesses): strconv.Itoa(f.Processes)}
	}
}

// frameFlags are what server and client have to agree on.
type frameFlags struct {
	Framing  string     `help:"Protocol of streams: length, 4 bytes of big-endian length before each payload; raw, none, as for any echo server; line, a newline behind it; resp, that of Redis; memcache, the text protocol of memcached; http, HTTP/1.1. By default length." default:"length" placeholder:"PROTOCOL"`
	MaxFrame sweep.Size `help:"The longest payload of a request." default:"1MiB"`
}

// askFlags say what clients ask for, where the protocol has more than one thing to ask.
type askFlags struct {
	Request string   `help:"Of http: method and path; by default 'GET /', whose answer is as long as --payload or --response-size says. 'POST /echo' sends the payload and wants it back." placeholder:"'METHOD PATH'"`
	Headers []string `name:"header" help:"Of http: a further field of requests (repeatable)." sep:"none" placeholder:"'NAME: VALUE'"`
	Command string   `help:"Of resp and memcache: the command in words, of which {payload} stands for the payload and {n} for the number of a key; by default 'ECHO {payload}', and 'set key:{n} {payload}', whose flags and expiry are 0 unless they are said before the payload." placeholder:"'SET key:{n} {payload}'"`
	Keys    int      `help:"Keys from which {n} is drawn; by default 10,000." default:"0" placeholder:"N"`
}

// protocolFlags are of everything that loads servers.
type protocolFlags struct {
	frameFlags `embed:""`
	askFlags   `embed:""`
}

// clientFlags say how clients behave, beside their number and payload.
type clientFlags struct {
	Arrivals        loadgen.Arrivals `help:"Of an open loop: constant or poisson; by default poisson." default:"poisson" placeholder:"ARRIVALS"`
	Pipeline        int              `help:"Requests that a client may have unanswered; 0 for 1 in a closed loop and of http, 64 in an open one." default:"0"`
	ResponseBytes   sweep.Size       `name:"response-size" help:"Bytes of payload in an answer: with length framing of connbench's own models, with http of what is at /; 0 for those of the request." default:"0"`
	Think           time.Duration    `help:"Of a closed loop: pause from an answer to the client's next request." default:"0s"`
	Resend          time.Duration    `help:"On udp: how long until an unanswered request is sent again, before a round trip is known; then from those (RFC 6298), doubled each time; 0 for never." default:"50ms"`
	RequestsPerConn int              `help:"Connect anew after so many requests; 0 for never." default:"0"`
	ConnectRate     float64          `help:"Connections a second in the beginning; 0 for as fast as they come." default:"0"`
	Active          float64          `help:"Share of the clients that send; the others stay idle." default:"1"`
	Slow            float64          `help:"Share of the active clients that send and read slowly, measured apart." default:"0"`
	Parts           int              `name:"client-processes" help:"Processes to spread the clients over; 0 for as many as the limit of open files asks for." default:"0"`
	IO              loadgen.IO       `name:"client-io" help:"How the client reaches its sockets: auto (by io_uring where there is one) or epoll; by default auto." default:"auto" placeholder:"auto|epoll"`
}

// windowFlags say how long a trial measures, by default as the command that embeds them
// sets duration and warmup.
type windowFlags struct {
	Duration time.Duration `help:"How long a trial measures, up to 168h; by default ${duration}." placeholder:"D"`
	Warmup   time.Duration `help:"How long before that, discarded; by default ${warmup}." placeholder:"D"`
}

type patienceFlags struct {
	Timeout      time.Duration `help:"How long to wait for an answer; by default 1s." placeholder:"D"`
	StartTimeout time.Duration `help:"How long a server may take until it listens; by default 10s." placeholder:"D"`
}

// overlay puts the given flags over a plan: each into the field that has its name in a
// plan's file. A flag without such a field, or of another kind than that, is one of the
// command's own, and is left to it.
func overlay(plan, flags any, given []string) {
	fields := map[string]reflect.Value{}
	planFields(reflect.ValueOf(plan).Elem(), fields)
	for _, flag := range flagsOf(flags) {
		field, has := fields[flag.Name]
		value := flag.Target
		switch {
		case !has || !slices.Contains(given, flag.Name) || !value.CanConvert(field.Type()):
		case value.Kind() == reflect.Slice && value.IsNil(): // given as empty, which is not to be left out
			field.Set(reflect.MakeSlice(field.Type(), 0, 0))
		default:
			field.Set(value.Convert(field.Type()))
		}
	}
}

// assign puts each flag into the field of its name.
func assign(to, flags any) {
	fields, from := reflect.ValueOf(to).Elem(), reflect.ValueOf(flags).Elem()
	for _, flag := range reflect.VisibleFields(from.Type()) {
		if field := fields.FieldByName(flag.Name); field.IsValid() {
			field.Set(from.FieldByIndex(flag.Index).Convert(field.Type()))
		}
	}
}

func planFields(plan reflect.Value, into map[string]reflect.Value) {
	for i := range plan.NumField() {
		name, inline, _ := strings.Cut(plan.Type().Field(i).Tag.Get("yaml"), ",")
		if inline == "inline" {
			planFields(plan.Field(i), into)
		} else if name != "" {
			into[name] = plan.Field(i)
		}
	}
}

// flagsOf are the flags of a command, or of what several embed.
func flagsOf(flags any) []*kong.Flag {
	model := newParser(flags).Model
	return slices.DeleteFunc(model.Flags, func(f *kong.Flag) bool { return f == model.HelpFlag })
}

// checked is a command that can say of itself what cannot be done, before it does
// anything: no process is started then, and no file made. Given are the names of the
// flags on the command line. What depends on the rows and the machine comes later.
type checked interface {
	check(given []string) error
}

// check reports the first thing in a command line that can be read and not be meant.
func check(k *kong.Context) error {
	for _, p := range k.Path {
		switch {
		case p.Flag != nil && !p.Resolved:
			if err := checkValue(p.Flag.Value, "a value; without --"+p.Flag.Name+" it has its default"); err != nil {
				return err
			}
		case p.Positional != nil && !p.Positional.Passthrough: // whose words are those of another line
			if err := checkValue(p.Positional, p.Positional.Help); err != nil {
				return err
			}
		}
	}
	if c, ok := k.Selected().Target.Addr().Interface().(checked); ok {
		return c.check(givenFlags(k))
	}
	return nil
}

// checkValue refuses what is never meant: nothing, what is no number, and the same twice.
func checkValue(v *kong.Value, allowed string) error {
	wrong := func(value, allowed string) error {
		return &loadgen.SpecError{Field: v.Name, Value: value, Allowed: allowed}
	}
	target := reflect.Indirect(v.Target)
	switch {
	case target.Kind() == reflect.String && target.Len() == 0:
		return wrong("", allowed)
	case target.Kind() == reflect.Float64 && !finiteNumber(target):
		return wrong(fmt.Sprint(target), "a finite number")
	case target.Kind() != reflect.Slice:
		return checkRange(v.Name, v.Tag.Get("range"), target)
	case target.Len() == 0 && v.Name == "models": // none beside those of --exec; a plan says whether that is enough
		return nil
	case target.Len() == 0:
		return wrong("an empty list", "at least one")
	case v.Tag.Sep == -1: // a text each, which says more than this could
		return nil
	}
	var before []any
	for i := range target.Len() {
		element := target.Index(i)
		switch {
		case element.Kind() == reflect.String && element.Len() == 0:
			return wrong("", "a value between two commas")
		case element.Kind() == reflect.Float64 && !finiteNumber(element):
			return wrong(fmt.Sprint(element), "a finite number")
		case slices.Contains(before, element.Interface()):
			return wrong(fmt.Sprintf("%v twice", element), "list each once")
		}
		before = append(before, element.Interface())
	}
	return nil
}

// checkRange refuses a whole number or a duration out of its flag's range, a tag like
// range:"50ms to 1m" or range:"0s or more".
func checkRange(name, allowed string, v reflect.Value) error {
	low, high, bounded := strings.Cut(strings.TrimSuffix(allowed, " or more"), " to ")
	bound := func(text string) int64 {
		if d, err := time.ParseDuration(text); err == nil {
			return int64(d)
		}
		n, _ := strconv.ParseInt(text, 10, 64)
		return n
	}
	if allowed != "" && (v.Int() < bound(low) || bounded && v.Int() > bound(high)) {
		return &loadgen.SpecError{Field: name, Value: v.Interface(), Allowed: allowed}
	}
	return nil
}

// checkRanges is checkRange of the flags of those names, which a folder has filled in.
func checkRanges(flags any, names ...string) error {
	for _, f := range flagsOf(flags) {
		if slices.Contains(names, f.Name) {
			if err := checkRange(f.Name, f.Tag.Get("range"), f.Target); err != nil {
				return err
			}
		}
	}
	return nil
}

func finiteNumber(v reflect.Value) bool { return !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0) }

// checkPlan reports the first thing in a plan that no row could do, here or anywhere.
func checkPlan(plan *sweep.Plan, f *fleet.Flags) error {
	p := *plan
	return checkRows(&p, f, p.Validate)
}

// checkRows is checkPlan of what validate checks, given the network of its rows, of which p is a part.
func checkRows(p *sweep.Plan, f *fleet.Flags, validate func(network func(string) string) error) error {
	if p.Models == nil || len(p.Exec) > 0 { // there are rows, whatever their names
		p.Models = []string{"all"}
	}
	if err := checkServers(p, f); err != nil {
		return err
	}
	return validate(func(string) string { return p.Network })
}

// checkServers reports the first thing in a plan that no server could be told, and CPUs
// that there are not, or what of it is not for the other machines that flags name.
func checkServers(p *sweep.Plan, f *fleet.Flags) error {
	for _, text := range p.Exec {
		if _, err := parseExec(text); err != nil {
			return err
		}
	}
	var k serverKnobs
	if err := k.read(p); err != nil {
		return err
	}
	cfg := models.DefaultConfig()
	cfg.Work, cfg.MaxFrame = models.Work(p.Work), int(p.MaxFrame)
	cfg.Knobs = k.Knobs
	any := models.Model{Name: "all", Networks: []string{cfg.Network}, Knobs: models.AllKnobs()}
	if err := any.Check(cfg); err != nil {
		return err
	}
	if f.Hosts != "" {
		return checkApart(p)
	}
	_, _, err := (&cpuFlags{p.ServerCPUs, p.ClientCPUs}).place()
	return err
}
