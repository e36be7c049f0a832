package hosts

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Invitation is what to do on another machine so that its agent joins, a line each: copy
// the key, start the agent.
func (c *Controller) Invitation() []string {
	url := c.options.NATS
	if c.server != nil {
		url = c.server.url()
	}
	var lines []string
	invite := func(name, machine string) {
		key := c.keys.keyOf(name)
		lines = append(lines, "scp "+key+" "+machine+":", "connbench agent --join "+url+" --key "+filepath.Base(key)+" --name "+name)
	}
	for _, name := range c.keys.Agents {
		invite(name, name)
	}
	if lines == nil {
		invite("NAME", "OTHER-MACHINE")
	}
	return lines
}

// Between two answers to the question who is there, and for all of them.
const (
	discoveryPause = 300 * time.Millisecond
	discoveryLimit = 3 * time.Second
)

// Hosts are all agents that answer now, by name.
func (c *Controller) Hosts(ctx context.Context) ([]Info, error) {
	inbox := c.conn.NewRespInbox()
	answers, err := c.conn.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer answers.Unsubscribe()
	if err := c.conn.PublishRequest(discovery, inbox, nil); err != nil {
		return nil, err
	}
	all, cancel := context.WithTimeout(ctx, discoveryLimit)
	defer cancel()
	var found []Info
	for {
		next, done := context.WithTimeout(all, discoveryPause)
		m, err := answers.NextMsgWithContext(next)
		done()
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, context.DeadlineExceeded) {
			slices.SortFunc(found, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
			return found, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if info, err := readInfo(m.Data); err == nil {
			found = append(found, info)
		}
	}
}

func readInfo(data []byte) (info Info, err error) {
	if err = decodePlain(data, &info); err == nil {
		err = CheckName(info.Name)
	}
	return info, err
}

// ask asks an agent and waits for its answer, which is decoded strictly.
func (c *Controller) ask(ctx context.Context, name, what string, question, answer any) error {
	data, err := encode(question)
	if err != nil {
		return err
	}
	m, err := c.conn.RequestWithContext(ctx, toAgent(name, what), data)
	if err != nil {
		return err
	}
	return decode(m.Data, answer)
}
