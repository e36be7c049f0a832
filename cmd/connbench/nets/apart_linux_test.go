//go:build hostsdemo || hostsmeasure

package nets

import (
	"fmt"

	"connbench/loadgen/process"
	"connbench/loadgen/system"
)

// apart starts the agents so that servers have a CPU of their own, and returns the CPUs. With one
// CPU in all it is everybody's.
func (f *fleet) apart() (servers, clients string) {
	f.t.Helper()
	allowed, err := process.AllowedCPUs()
	if err != nil {
		f.t.Fatal(err)
	}
	others := allowed[1:]
	if len(others) == 0 {
		others = allowed
	}
	servers, clients = system.FormatCPUs(allowed[:1]), system.FormatCPUs(others)
	for _, host := range f.members() {
		cpus := clients
		if host == server {
			cpus = servers
		}
		fmt.Printf("%8s$ connbench agent --join %s --key agent.key --name %s --cpus %s\n", host, f.url(), host, cpus)
		f.agent(host, "--cpus", cpus)
	}
	return servers, clients
}
