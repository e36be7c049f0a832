package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/python"
	"connbench/results"
	"connbench/results/read"
)

type tunable struct {
	knob    models.Knob
	what    string   // of tune
	values  []string // by default
	usual   string   // what holds where nobody sets it
	zero    string   // what 0 stands for, if not for 0
	metric  string   // that ranks
	frugal  bool     // see [read.Tuned]
	parse   func(string) (tunedValue, error)
	network string            // of the server
	line    string            // of Go, with %s for the value
	lines   map[string]string // by value, where it is another
}

// tunedValue is a value of a knob as its flag takes it, for people, and in Go.
type tunedValue struct {
	text, label, code string
	order             int
}

// buffer is the size of a socket's buffer, which method sets.
func buffer(knob models.Knob, method, limits string) tunable {
	return tunable{
		knob: knob, what: "buffers", usual: "0B", zero: "automatic", metric: "throughput_rps", parse: sizeSetting,
		values: []string{"0", "16KiB", "64KiB", "256KiB", "1MiB", "4MiB"},
		line:   "conn.(*net.TCPConn)." + method + "(%s)",
		lines:  map[string]string{"0B": "nothing to set: the kernel sizes it as needed (net.ipv4." + limits + ")"},
	}
}

// on is the knob of a server on a network.
func (k tunable) on(network string) tunable {
	k.network = network
	conn, socketBuffer := map[string]string{"udp": "*net.UDPConn", "unix": "*net.UnixConn"}[network], k.zero == "automatic"
	if conn == "" {
		return k
	}
	k.line = strings.ReplaceAll(k.line, "*net.TCPConn", conn)
	if socketBuffer {
		k.zero, k.lines = "the system's", map[string]string{"0B": "nothing to set: it is that of net.core.rmem_default and wmem_default"}
	}
	return k
}

func tunables() []tunable {
	const throughput, cpu = "throughput_rps", "server_cpu_ns_per_request"
	return []tunable{
		{knob: models.KnobReadBuffer, what: "buffers", usual: "16KiB", metric: cpu, frugal: true, parse: sizeSetting,
			values: []string{"256B", "1KiB", "4KiB", "16KiB", "64KiB", "256KiB", "1MiB"},
			line:   "r := bufio.NewReaderSize(conn, %s)"},
		buffer(models.KnobRecvBuffer, "SetReadBuffer", "tcp_rmem"),
		buffer(models.KnobSendBuffer, "SetWriteBuffer", "tcp_wmem"),
		{knob: models.KnobNoDelay, what: "buffers", usual: "true", metric: throughput, parse: switchSetting, values: []string{"true", "false"},
			line: "conn.(*net.TCPConn).SetNoDelay(%s)", lines: map[string]string{"true": "nothing to set: Go's connections have SetNoDelay(true)"}},
		{knob: models.KnobBacklog, what: "backlog", usual: "0", zero: "somaxconn", metric: results.ConnectP99.Name, parse: countSetting,
			values: []string{"1", "5", "16", "128", "1024", "0"},
			line:   "unix.Listen(fd, %s), once more on the descriptor of net.Listen, which has taken net.core.somaxconn",
			lines:  map[string]string{"0": "nothing to set: net.Listen takes net.core.somaxconn"}},
		{knob: models.KnobWorkers, what: "workers", usual: strconv.Itoa(models.DefaultWorkers), zero: "its default", metric: throughput, frugal: true, parse: countSetting,
			values: []string{"1", "4", "16", "64", "256"}, line: "group.SetLimit(%s) of an errgroup.Group, or as many goroutines that take from one channel"},
		{knob: models.KnobLoops, what: "loops", usual: "0", zero: "its default", metric: throughput, frugal: true, parse: countSetting,
			values: []string{"1", "2", "4", "0"}, line: "for range %s { go loop() }",
			lines: map[string]string{"0": "for range runtime.GOMAXPROCS(0) { go loop() }"}},
	}
}

func names(knobs []tunable) []models.Knob {
	return results.Map(knobs, func(k tunable) models.Knob { return k.knob })
}

func tunedModel(name string) (models.Model, error) {
	if others := python.Names(python.Rows()); slices.Contains(others, name) {
		return models.Model{}, &models.ConfigError{Knob: "model", Value: name, Allowed: "one in Go: a program in Python has no knobs to tune"}
	}
	return findModel(name, python.Names(python.Rows())...)
}

// knobs are those to tune, all of which the model has.
func (c *tuneCommand) knobs(m models.Model) ([]tunable, error) {
	all := slices.DeleteFunc(tunables(), func(k tunable) bool { return k.what != c.What })
	chosen := slices.DeleteFunc(slices.Clone(all), func(k tunable) bool { return c.Knob != "" && string(k.knob) != c.Knob })
	if len(chosen) == 0 {
		return nil, &loadgen.SpecError{Field: "knob", Value: c.Knob, Allowed: "of " + c.What + ": " + list(names(all))}
	}
	if c.Exec != "" {
		for i := range chosen {
			chosen[i].network, chosen[i].usual = m.Networks[0], "" // which nobody knows
		}
		return execKnob(c.What, chosen)
	}
	had := slices.DeleteFunc(slices.Clone(chosen), func(k tunable) bool {
		return !m.Honours(k.knob) || k.knob == models.KnobNoDelay && c.Network == "unix" && c.Knob == "" // which has no such thing
	})
	if len(had) == 0 {
		return nil, &models.ConfigError{Knob: "model", Value: m.Name, Allowed: fmt.Sprintf("one with %s; %s has %s", list(names(chosen)), m.Name, list(m.Knobs))}
	}
	network := c.Network
	if datagrams(m.Networks) {
		network = "udp"
	}
	for i := range had {
		had[i] = had[i].on(network)
	}
	return had, nil
}

// tuned is the knob at values, as results reads it: each at what the kernel makes of it.
func (k *tunable) tuned(m models.Model, values []string, try prober) (read.Tuned, error) {
	t := read.Tuned{Model: m.Name, Knob: string(k.knob), Metric: k.metric, Frugal: k.frugal, Default: k.row(k.usual)}
	if k.knob == models.KnobWorkers && strings.HasPrefix(m.Unit, "thread") {
		t.Default = k.row("0") // as many as the system has room for
	}
	if len(values) < 2 {
		return t, &loadgen.SpecError{Field: "values", Value: cmp.Or(list(values), "an empty list"), Allowed: "two or more, to be compared"}
	}
	var settings []tunedValue
	for _, text := range values {
		s, err := k.parse(text)
		if err != nil {
			return t, &loadgen.SpecError{Field: "values", Value: text, Allowed: fmt.Sprintf("%s: %v", k.knob, err)}
		}
		if slices.ContainsFunc(settings, func(o tunedValue) bool { return o.text == s.text }) {
			return t, &loadgen.SpecError{Field: "values", Value: text + " twice", Allowed: "list each once"}
		}
		if err := k.allows(m, s.order); err != nil {
			return t, err
		}
		settings = append(settings, s)
	}
	settings, t.Cut = k.settle(settings, try)
	if len(settings) < 2 {
		return t, &loadgen.SpecError{Field: "values", Value: list(values), Allowed: "two or more that differ here; " + strings.Join(t.Cut, "; ")}
	}
	for _, s := range results.Each(settings) {
		if s.order == 0 && k.zero != "" {
			s.label, s.order = k.zero, math.MaxInt
		}
	}
	slices.SortStableFunc(settings, func(a, b tunedValue) int { return cmp.Compare(a.order, b.order) })
	t.Settings = results.Map(settings, func(s tunedValue) read.Setting {
		return read.Setting{Row: k.row(s.text), Value: s.label, Go: k.code(s)}
	})
	return t, nil
}

func (k *tunable) row(text string) string { return string(k.knob) + "=" + text }

func (k *tunable) code(s tunedValue) string {
	if line, ok := k.lines[s.text]; ok {
		return line
	}
	return fmt.Sprintf(k.line, s.code)
}

func sizeSetting(text string) (tunedValue, error) {
	var size sweep.Size
	if err := size.UnmarshalText([]byte(text)); err != nil {
		return tunedValue{}, err
	}
	canonical, err := size.MarshalText()
	return tunedValue{string(canonical), size.String(), strconv.Itoa(int(size)), int(size)}, err
}

func countSetting(text string) (tunedValue, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return tunedValue{}, fmt.Errorf("%q is not a whole number", text)
	}
	text = strconv.Itoa(n)
	return tunedValue{text, text, text, n}, nil
}

func switchSetting(text string) (tunedValue, error) {
	switch text {
	case "true":
		return tunedValue{text, text, text, 1}, nil
	case "false":
		return tunedValue{text, text, text, 2}, nil
	}
	return tunedValue{}, fmt.Errorf("%q is neither true nor false", text)
}

// valueMark is where the value of a knob goes in the command of a server from
// elsewhere: a size in bytes, anything else as the flag has it.
const valueMark = "{value}"

// tunedExec is a server from elsewhere as the model to tune.
func tunedExec(text, network string) (models.Model, error) {
	if name, on, _ := presetName(text); name != "" {
		return models.Model{Name: name, Networks: []string{cmp.Or(on, network)}}, nil
	}
	e, err := sweep.ParseExec(text)
	if err != nil {
		return models.Model{}, err
	}
	refused := func(value, allowed string) (models.Model, error) {
		return models.Model{}, &loadgen.SpecError{Field: "exec", Value: value, Allowed: allowed}
	}
	if slices.Contains(known(), e.Name) {
		return refused(e.Name, "a name that is not that of a model")
	}
	if !slices.ContainsFunc(e.Command, func(word string) bool { return strings.Contains(word, valueMark) }) {
		return refused("the command of "+e.Name, "with "+valueMark+" where the value of the knob goes")
	}
	return models.Model{Name: e.Name, Networks: []string{cmp.Or(e.Network, network)}}, nil
}

func execKnob(what string, chosen []tunable) ([]tunable, error) {
	if len(chosen) > 1 {
		return nil, &loadgen.SpecError{Field: "knob", Value: "none", Allowed: fmt.Sprintf("which of %s %s stands for: %s", what, valueMark, list(names(chosen)))}
	}
	return chosen, nil
}

// withValue is the text of --exec with the value of a row of ours in its place.
func withValue(exec, row string) string {
	_, value, _ := strings.Cut(row, "=")
	if size, err := sizeSetting(value); err == nil {
		value = size.code
	}
	return strings.ReplaceAll(exec, valueMark, value)
}
