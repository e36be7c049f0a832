package hosts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"connbench/loadgen/process"
)

const (
	inlineLine     = 64 << 10            // bytes of the longest line that goes in a message
	largestMessage = inlineLine + 16<<10 // bytes of any message
	largestLine    = 256 << 20           // bytes of a line
	largestProgram = 1 << 30             // bytes of a program that is shipped
)

// Holder is the controller that an agent works for.
type Holder struct {
	Who   string    `json:"who"`   // user@machine and the process
	Since time.Time `json:"since"` // by the agent's clock
}

// claim asks for the lease of an agent. A controller that has it already gets a new one,
// and what ran under the old one is stopped.
type claim struct {
	Controller string `json:"controller"` // tells controllers apart
	Who        string `json:"who"`
	Protocol   int    `json:"protocol"`
}

type claimed struct {
	Lease string  `json:"lease,omitempty"`
	Busy  *Holder `json:"busy,omitempty"` // refused: this one has it
	Error string  `json:"error,omitempty"`
}

// renewal keeps a lease. The agent answers it with a beat, on the lease's subject.
type renewal struct {
	Lease string         `json:"lease"`
	Said  map[int]uint64 `json:"said,omitempty"` // frames that were sent to each process that has not ended
}

// start asks for a process. Its number is the controller's choice, so that it knows
// what frames are of it before it has the answer.
type start struct {
	Lease   string `json:"lease"`
	Process int    `json:"process"`
	Kind    string `json:"kind"`
}

// program ships a program, or all of them are there, for the time of a lease.
type program struct {
	Lease  string `json:"lease"`
	Name   string `json:"name"`
	Object object `json:"object"`
}

type release struct {
	Lease string `json:"lease"`
}

// answer is that to a start, a program or a release.
type answer struct {
	Error string `json:"error,omitempty"`
}

// saying is one message of an agent on its lease's subject: one of its fields.
type saying struct {
	Frame *frame  `json:"frame,omitempty"`
	Beat  *beat   `json:"beat,omitempty"`
	Gone  *string `json:"gone,omitempty"` // why the agent has ended what ran under the lease
}

type beat struct {
	Said map[int]uint64 `json:"said,omitempty"` // frames that each process has sent
}

// telling is a frame for a process.
type telling struct {
	Lease string `json:"lease"`
	Frame frame  `json:"frame"`
}

// encode is v as JSON. What this package says of itself can always be written; a line is
// valid JSON or refused.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err == nil && len(data) > largestMessage {
		err = fmt.Errorf("a message of %d bytes, over %d", len(data), largestMessage)
	}
	return data, err
}

// decode reads a message of a known version strictly: of bounded length, with no field
// that is not known, and nothing behind it.
func decode(data []byte, v any) error {
	if len(data) > largestMessage {
		return fmt.Errorf("a message of %d bytes, over %d", len(data), largestMessage)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something behind the message")
	}
	return nil
}

// decodePlain reads what may come from another version, as far as it is understood, with
// all text in it as [process.Plain] has it: it is shown and stored.
func decodePlain(data []byte, v any) error {
	if len(data) > largestMessage {
		return fmt.Errorf("a message of %d bytes, over %d", len(data), largestMessage)
	}
	var all any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return err
	}
	plain, err := json.Marshal(plainText(all))
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}

func plainText(v any) any {
	switch v := v.(type) {
	case string:
		return process.Plain(v)
	case []any:
		for i := range v {
			v[i] = plainText(v[i])
		}
	case map[string]any:
		plain := make(map[string]any, len(v))
		for key, value := range v {
			plain[process.Plain(key)] = plainText(value)
		}
		return plain
	}
	return v
}
