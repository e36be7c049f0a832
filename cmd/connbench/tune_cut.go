package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/kernel"
)

// prober is [kernel.Try], or a kernel of a test.
type prober func(network string, o kernel.SocketOptions) (kernel.Effective, error)

// allows reports a value that the model refuses, which is so before the kernel is asked.
func (k *tunable) allows(m models.Model, value int) error {
	o, of := k.options(value)
	if of == nil || k.usual == "" { // of a server from elsewhere
		return nil
	}
	cfg := models.DefaultConfig()
	cfg.Network = cmp.Or(k.network, m.Networks[0])
	cfg.RecvBuffer, cfg.SendBuffer, cfg.Backlog = o.RecvBuffer, o.SendBuffer, o.Backlog
	if cfg.Network == "unix" {
		cfg.Address = "unix" // which is not looked at
	}
	return m.Check(cfg)
}

// settle makes each setting what the kernel makes of it, and one of those that come to the
// same: that of nobody's setting it, if it is among them. Said is why, a line for each
// that something else comes to. Where the kernel does not say, all stay as they are.
func (k *tunable) settle(settings []tunedValue, try prober) (left []tunedValue, said []string) {
	given := map[string][]string{} // what came to a text, where it was not that
	whys := map[string]string{}
	for _, asked := range settings {
		came, why := k.come(asked, try)
		if came.text != asked.text {
			given[came.text] = append(given[came.text], asked.label)
			whys[came.text] = cmp.Or(why, whys[came.text])
		}
		if !slices.ContainsFunc(left, func(o tunedValue) bool { return o.text == came.text }) {
			left = append(left, came)
		}
	}
	for _, s := range left {
		if asked := given[s.text]; asked != nil {
			if s.order == 0 {
				s.label = k.zero
			}
			verb := "comes"
			if len(asked) > 1 {
				verb = "come"
			}
			said = append(said, fmt.Sprintf("%s %s to %s: %s", strings.Join(asked, ", "), verb, s.label, cmp.Or(whys[s.text], "it is what a socket has by default")))
		}
	}
	return left, said
}

// come is a setting as the kernel makes it of one, and why it is another, if that is not
// that a socket has it by default.
func (k *tunable) come(asked tunedValue, try prober) (came tunedValue, why string) {
	options, of := k.options(asked.order)
	if of == nil || asked.order <= 0 {
		return asked, ""
	}
	e, err := try(k.network, options)
	if err != nil || of(e) == 0 {
		return asked, ""
	}
	for _, c := range system.Cuts("/", options, e) {
		why = c.Why()
	}
	if k.usual != "" && k.zero != "automatic" { // TCP's own size is none that can be asked for
		nothing, _ := k.options(0)
		if usual, err := try(k.network, nothing); err == nil && of(usual) == of(e) {
			came, _ = k.parse(k.usual)
			return came, why
		}
	}
	came, _ = k.parse(strconv.Itoa(of(e)))
	return came, why
}

// options are those of a socket with a value of the knob, and where the kernel says what
// came of it; nil if the knob is none that it may cut.
func (k *tunable) options(value int) (o kernel.SocketOptions, of func(kernel.Effective) int) {
	switch k.knob {
	case models.KnobRecvBuffer:
		return kernel.SocketOptions{RecvBuffer: value}, func(e kernel.Effective) int { return e.RecvBuffer }
	case models.KnobSendBuffer:
		return kernel.SocketOptions{SendBuffer: value}, func(e kernel.Effective) int { return e.SendBuffer }
	case models.KnobBacklog:
		return kernel.SocketOptions{Backlog: value}, func(e kernel.Effective) int { return e.Backlog }
	}
	return o, nil
}

// triedByDefault is what tune tries by default, by the setting of the kernel that limits it.
func triedByDefault() map[string][]int {
	limits := map[models.Knob]string{
		models.KnobRecvBuffer: "net.core.rmem_max", models.KnobSendBuffer: "net.core.wmem_max", models.KnobBacklog: "net.core.somaxconn",
	}
	tried := map[string][]int{}
	for _, k := range tunables() {
		if limit, ok := limits[k.knob]; ok {
			for _, text := range k.values {
				if v, err := k.parse(text); err == nil {
					tried[limit] = append(tried[limit], v.order)
				}
			}
		}
	}
	return tried
}
