package sweep

import (
	"time"

	"connbench/loadgen"
)

// Load is how the clients of a plan behave, beside their number and payload; see
// [loadgen.Spec].
type Load struct {
	Rates           []Rate           `yaml:"rates" json:"rates,omitempty"` // requests/s of open loops; none for a closed loop
	Arrivals        loadgen.Arrivals `yaml:"arrivals" json:"arrivals"`
	Pipeline        int              `yaml:"pipeline" json:"pipeline"`
	ResponseSize    Size             `yaml:"response-size" json:"response-size"`
	Think           Duration         `yaml:"think" json:"think"`
	Resend          Duration         `yaml:"resend" json:"resend"`
	RequestsPerConn int              `yaml:"requests-per-conn" json:"requests-per-conn"`
	ConnectRate     float64          `yaml:"connect-rate" json:"connect-rate"`
	Active          float64          `yaml:"active" json:"active"`
	Slow            float64          `yaml:"slow" json:"slow"`
	ClientProcesses int              `yaml:"client-processes" json:"client-processes"`
	ClientIO        loadgen.IO       `yaml:"client-io" json:"client-io"`
	Asking          `yaml:",inline"`
}

// Asking is what clients ask for, in protocols in which there is more than one thing to ask; see
// [loadgen.Spec].
type Asking struct {
	Request string   `yaml:"request" json:"request,omitempty"`
	Headers []string `yaml:"header" json:"header,omitempty"`
	Command string   `yaml:"command" json:"command,omitempty"`
	Keys    int      `yaml:"keys" json:"keys,omitempty"`
}

// rates lists the rates to measure at, none being a closed loop.
func (l *Load) rates() []Rate {
	if len(l.Rates) == 0 {
		return []Rate{{}}
	}
	return l.Rates
}

func (l *Load) apply(s *loadgen.Spec, rate Rate) {
	rate.put(s)
	s.Arrivals = l.Arrivals
	s.Pipeline = l.Pipeline
	s.ResponseBytes = int(l.ResponseSize)
	s.Think, s.Resend = time.Duration(l.Think), time.Duration(l.Resend)
	s.RequestsPerConn, s.ConnectRate = l.RequestsPerConn, l.ConnectRate
	s.Active, s.Slow = l.Active, l.Slow
	s.Parts, s.IO = l.ClientProcesses, l.ClientIO
	s.Request, s.Headers, s.Command, s.Keys = l.Request, l.Headers, l.Command, l.Keys
}
