package main

import (
	"cmp"

	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/kernel"
)

// askedOf is what a Config asks of the kernel that it may cut.
func askedOf(cfg *models.Config) kernel.SocketOptions {
	return kernel.SocketOptions{RecvBuffer: cfg.RecvBuffer, SendBuffer: cfg.SendBuffer, Backlog: cfg.Backlog}
}

// effective is what a server that listens has of the kernel, nil where that is not known:
// buffers where they were asked for, and of a stream its backlog.
func effective(cfg *models.Config, server models.Server) *kernel.Effective {
	tried, err := kernel.Try(cfg.Network, askedOf(cfg))
	if err != nil {
		return nil
	}
	came, err := kernel.ReadBack(cfg.Network, server.Addr())
	if err != nil {
		came = tried // as of prefork, whose children have the socket
	}
	came.Backlog = cmp.Or(came.Backlog, tried.Backlog)
	if cfg.RecvBuffer == 0 {
		came.RecvBuffer = 0
	}
	if cfg.SendBuffer == 0 {
		came.SendBuffer = 0
	}
	return &came
}

// cuts says which of a plan's knobs the kernel cuts on its network, as far as it says so.
func cuts(plan *sweep.Plan) []string {
	var knobs serverKnobs
	cfg := models.DefaultConfig()
	if knobs.read(plan) != nil {
		return nil // which the rows have refused
	}
	knobs.set(&cfg)
	asked := askedOf(&cfg)
	came, err := kernel.Try(plan.Network, asked)
	if err != nil || asked == (kernel.SocketOptions{}) {
		return nil
	}
	var said []string
	for _, c := range system.Cuts("/", asked, came) {
		said = append(said, c.String())
	}
	return said
}
