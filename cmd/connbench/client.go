package main

import (
	"context"

	"connbench/loadgen"
)

type clientCommand struct{}

func (clientCommand) Run(ctx context.Context, s streams) error {
	return loadgen.Serve(ctx, s.in, s.out)
}
