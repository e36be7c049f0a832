package main

import (
	"path/filepath"
	"slices"
	"strconv"

	"connbench/loadgen/sweep"
	"connbench/models"
)

// rows are the servers of a plan's models, each checked against what the model
// honours. Unix sockets are made in the folder sockets.
func rows(plan sweep.Plan, executable, sockets string) (map[string]sweep.Row, error) {
	rows := map[string]sweep.Row{}
	for _, name := range plan.Models {
		m, err := models.Find(name)
		if err != nil {
			return nil, usage(err)
		}
		cfg := models.DefaultConfig()
		cfg.Network, cfg.Work, cfg.MaxFrame = plan.Network, models.Work(plan.Work), int(plan.MaxFrame)
		cfg.Framing = models.Framing(plan.Framing)
		if slices.Equal(m.Networks, []string{"udp"}) {
			cfg.Network, cfg.Framing = "udp", models.Length
		}
		if cfg.Network == "unix" {
			cfg.Address = filepath.Join(sockets, name)
		}
		if err := m.Check(cfg); err != nil {
			return nil, err
		}
		rows[name] = sweep.Row{Name: name, Network: cfg.Network, Command: []string{
			executable, "serve", name, "--network", cfg.Network, "--addr", cfg.Address,
			"--framing", string(cfg.Framing), "--work", string(cfg.Work), "--max-frame", strconv.Itoa(cfg.MaxFrame),
		}}
	}
	return rows, nil
}
