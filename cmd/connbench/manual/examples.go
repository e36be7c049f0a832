package manual

import (
	"strings"

	"github.com/alecthomas/kong"
)

// examples are lines of each command by its path, without the program's name; # begins a remark.
var examples = map[string][]string{
	"models":   {"models", "models uring  # all about one", "models --json"},
	"serve":    {"serve goroutine --addr 127.0.0.1:7000", "serve reactor --framing http --response-size 1KiB", "serve pool --workers 64 --work sleep:2ms"},
	"load":     {"load 127.0.0.1:7000 --clients 64 --payload 1KiB", "load 127.0.0.1:7000 --clients 64 --rate 10000 --arrivals poisson  # an open loop", "load 127.0.0.1:6379 --framing resp --command 'GET key:{n}' --fill 64B"},
	"run":      {"run --models goroutine,reactor --clients 1,64,1000 --payloads 64B,64KiB --trials 5", "run --clients 64 --payloads 64B --rates 5000,20000,80000  # latency at given rates", "run --models reactor --exec 'mine=./my-server --listen {addr}'  # beside a server of yours", "run --models goroutine,reactor --profile 1s  # and why they differ; see why"},
	"table":    {"table", "table --tutorial  # the tutorial's rows alone, in five minutes", "table --framing http --models reactor,nethttp --exec nginx"},
	"scale":    {"scale", "scale --models uring,prefork"},
	"choose":   {"choose --clients 1000 --payload 1KiB --rate 20000 --slo 'p99<10ms'", "choose --clients 64 --payload 64B --work sleep:5ms"},
	"tune":     {"tune buffers --model goroutine", "tune backlog --model goroutine", "tune workers --model pool"},
	"claims":   {"claims", "claims --only 4,5"},
	"report":   {"report runs/20261122-120000", "report runs/20261122-120000 --resources  # and what the servers took", "report runs  # what has changed over the runs there"},
	"baseline": {"baseline v1 runs/20261122-120000  # a name for a run", "baseline  # the names", "baseline v1 --remove"},
	"compare":  {"compare runs/a runs/b", "compare v1 runs/b  # by a name; see baseline", "compare runs/a:reactor runs/a:goroutine  # two rows of a run", "compare runs/a runs/b --fail-on-regression 10%  # for CI"},
	"why":      {"why runs/a goroutine reactor", "why runs/a  # where the time of each row goes", "why runs/a python-asyncio python-selectors --markdown"},
	"calibrate": {
		"calibrate", "calibrate --quick", "calibrate --quick --server-cpus 0 --client-cpus 1",
	},
	"doctor":     {"doctor", "doctor --duration 10s --json"},
	"agent":      {"agent --join tls://10.0.0.1:4222 --key agent.key", "agent --join tls://10.0.0.1:4222 --key agent.key --cpus 2-3 --allow-exec"},
	"hosts list": {"hosts list", "hosts list --host-keys keys --host-wait 10s --json"},
	"hosts keys": {"hosts keys keys  # a folder for them", "hosts keys keys --address 10.0.0.1"},
	"completion": {"completion bash > ~/.local/share/bash-completion/completions/connbench", "completion zsh > \"${fpath[1]}/_connbench\"", "completion fish > ~/.config/fish/completions/connbench.fish"},
	"version":    {"version", "version --json"},
}

// AddExamples puts the examples of each command below what its help says.
func AddExamples(app *kong.Application) {
	for _, leaf := range app.Leaves(true) {
		lines := examples[path(leaf)]
		if len(lines) == 0 {
			continue
		}
		leaf.Detail = strings.TrimSpace(leaf.Detail + "\n\nExamples:\n\n\t" + app.Name + " " + strings.Join(lines, "\n\t"+app.Name+" "))
	}
}

// path is a command's without the program's name and its arguments.
func path(n *kong.Node) string {
	var names []string
	for ; n != nil && n.Type == kong.CommandNode; n = n.Parent {
		names = append([]string{n.Name}, names...)
	}
	return strings.Join(names, " ")
}
