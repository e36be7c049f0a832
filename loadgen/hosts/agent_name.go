package hosts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connbench/loadgen/process"

	"github.com/nats-io/nats.go"
)

// naming is what agents of one name ask each other.
type naming struct {
	Incarnation string `json:"incarnation"`
	Where       string `json:"where"` // see [whoAmI]
}

// nameTimeout is how long another agent of the name has to speak up. Where there is none the
// server says so at once.
const nameTimeout = 5 * time.Second

// register makes sure that no other agent has the name.
func (s *serving) register(ctx context.Context) error {
	s.mu.Lock()
	s.registered = false
	s.mu.Unlock()
	question, err := encode(naming{s.Info.Incarnation, whoAmI()})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	reply, err := s.conn.RequestWithContext(limited, nameOf(s.Info.Name), question)
	var other naming
	switch {
	case err == nil && decode(reply.Data, &other) == nil:
		return fmt.Errorf("an agent called %s runs already as %s: give this one another --name", s.Info.Name, process.Plain(other.Where))
	case err != nil && !errors.Is(err, nats.ErrNoResponders) && !errors.Is(err, context.DeadlineExceeded):
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registered = true
	return nil
}

// onName speaks up when another agent asks for the name: the one that has it, or of two
// that ask at once the one whose incarnation is first in the alphabet.
func (s *serving) onName(m *nats.Msg) {
	var other naming
	if decode(m.Data, &other) != nil || other.Incarnation == s.Info.Incarnation {
		return
	}
	s.mu.Lock()
	taken := s.registered || strings.Compare(s.Info.Incarnation, other.Incarnation) < 0
	s.mu.Unlock()
	if taken {
		s.respond(m, naming{s.Info.Incarnation, whoAmI()})
	}
}
