package models

import "slices"

// choices says what the knobs without a range may be.
var choices = map[Knob]string{
	KnobFraming:     "length or raw",
	KnobNoDelay:     "true or false",
	KnobReuseAddr:   "true or false",
	KnobReusePort:   "true or false",
	KnobTLS:         "true or false",
	KnobIdleTimeout: "0 for never, or up to 24h",
	KnobSpread:      "acceptor or reuseport",
	KnobTrigger:     "level or edge",
}

// Allowed says what the knob may be set to, in a few words.
func (k Knob) Allowed() string {
	for _, n := range numbers {
		if n.knob == string(k) {
			return n.allowed
		}
	}
	return choices[k]
}

// Knobs lists the knobs that not every model honours.
func Knobs() []Knob {
	var knobs []Knob
	for _, o := range optional {
		knobs = append(knobs, o.knob)
	}
	return knobs
}

// Honours reports whether the model has a knob.
func (m Model) Honours(k Knob) bool { return slices.Contains(m.Knobs, k) }

// lacks says why the model refuses a knob.
func (m Model) lacks(k Knob) string {
	switch {
	case k != KnobTLS:
		return m.Name + " has no such knob"
	case slices.Contains(m.Networks, "tcp"):
		return m.Name + " reads its descriptors itself, beneath crypto/tls"
	default:
		return m.Name + " serves datagrams, and TLS is of streams"
	}
}
