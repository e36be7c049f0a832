//go:build !hosts

package fleet

import "context"

// becomeHosts makes this process that of connbench-hosts, with the same arguments. It
// returns only if that fails.
func becomeHosts() error {
	path, err := Beside(Binary, "other machines")
	if err != nil {
		return err
	}
	return Become(path)
}

// Team claims the machines of the flags, nil where they name none: connbench-hosts does.
func (f *Flags) Team(context.Context, Streams, bool) (*Team, error) {
	if f.Hosts == "" {
		return nil, nil
	}
	return nil, becomeHosts()
}

// Run runs an agent.
func (a *Agent) Run(context.Context, Streams) error { return becomeHosts() }

// Run lists the agents.
func (l *List) Run(context.Context, Streams) error { return becomeHosts() }

// Run makes keys.
func (k *Keys) Run(context.Context, Streams) error { return becomeHosts() }
