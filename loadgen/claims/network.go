package claims

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"connbench/loadgen/process"
	"connbench/loadgen/sweep"
	"connbench/results"
)

// network is two namespaces of their own, one of clients and one of a server, and a link between
// them. Both are gone with the two processes that hold them, and these with this process. The
// addresses are of those that RFC 2544 sets aside for benchmarks.
type network struct{ clients, server *process.Process }

const (
	linkName      = "path0"
	clientAddress = "198.18.0.1"
	serverAddress = "198.18.0.2"
)

// What a packet passes on its way to the server, as tc(8) makes it.
var (
	// oneLink sends one packet after the other, and drops what comes while its queue is full.
	oneLink = []string{"qdisc add dev path0 root tbf rate 20mbit burst 4kb limit 8kb"}
	// twoLinks spreads packets over two links of unequal speed, one by one: by the last bit of the
	// number that each has. Their queues have room for all that is in flight.
	twoLinks = []string{
		"qdisc add dev path0 root handle 1: htb default 1",
		"class add dev path0 parent 1: classid 1:1 htb rate 100mbit quantum 1514",
		"class add dev path0 parent 1: classid 1:2 htb rate 10mbit quantum 1514",
		"qdisc add dev path0 parent 1:1 pfifo limit 1000",
		"qdisc add dev path0 parent 1:2 pfifo limit 1000",
		"filter add dev path0 parent 1: protocol ip u32 match u16 0x0001 0x0001 at 4 flowid 1:2",
	}
)

// openNetwork makes one whose link to the server has the given queue. The error says what of that
// this system does not let this process do.
func openNetwork(ctx context.Context, queue []string) (n *network, err error) {
	n = &network{}
	defer func() {
		if err != nil {
			n.close()
			err = fmt.Errorf("make a network of two namespaces: %w", err)
		}
	}()
	for _, end := range []**process.Process{&n.clients, &n.server} {
		if *end, err = process.Start([]string{"unshare", "--net", "sh", "-c", "echo 1; exec cat"}, nil); err != nil {
			return n, err
		}
		var ready int
		if err = (*end).Hear(&ready); err != nil {
			return n, err
		}
	}
	steps := [][]string{within(n.clients, fmt.Sprintf("ip link add name %[1]s type veth peer name %[1]s netns %d", linkName, n.server.PID()))}
	for _, end := range []struct {
		process *process.Process
		address string
	}{{n.clients, clientAddress}, {n.server, serverAddress}} {
		steps = append(steps, within(end.process, "ip addr add "+end.address+"/30 dev "+linkName), within(end.process, "ip link set "+linkName+" up"))
	}
	for _, step := range queue {
		steps = append(steps, within(n.clients, "tc "+step))
	}
	for _, step := range steps {
		if err = do(ctx, step); err != nil {
			return n, err
		}
	}
	return n, nil
}

// within is a command as one of the namespace that a process holds.
func within(p *process.Process, command string) []string {
	return append([]string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", p.PID()), "--"}, strings.Fields(command)...)
}

func do(ctx context.Context, command []string) error {
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command[min(3, len(command)):], " "), err, process.Plain(string(out)))
	}
	return nil
}

// serves is a row whose server, of ours, is in the namespace for it.
func (n *network) serves(row sweep.Row) (sweep.Row, error) {
	i := slices.Index(row.Command, "--addr")
	if i < 0 || i+1 == len(row.Command) {
		return row, fmt.Errorf("%s is not told where to listen", row.Name)
	}
	command := slices.Clone(row.Command)
	command[i+1] = serverAddress + ":0"
	row.Command = append(within(n.server, ""), command...)
	return row, nil
}

func (n *network) close() {
	for _, p := range []*process.Process{n.clients, n.server} {
		if p != nil {
			p.Stop(patience)
		}
	}
}

// across are trials by a plan of the servers of UDP and TCP over a network with the given queue,
// whose rows are called after it.
func (b *Bench) across(ctx context.Context, queue []string, called string, p sweep.Plan) ([]results.Trial, error) {
	n, err := openNetwork(ctx, queue)
	if err != nil {
		return nil, err
	}
	defer n.close()
	rows := map[string]sweep.Row{}
	for _, model := range []string{acrossUDP, acrossTCP} {
		row, err := b.Row(ctx, model, nil)
		if err == nil {
			row, err = n.serves(row)
		}
		if err != nil {
			return nil, err
		}
		row.Name = model + called
		rows[row.Name], p.Models = row, append(p.Models, row.Name)
	}
	return b.Trials(ctx, p, rows, within(n.clients, "")...)
}
