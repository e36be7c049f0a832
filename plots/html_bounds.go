package plots

import (
	"slices"


	"connbench/results/read"
)

var boundMeanings = []verdict{
	{string(read.BoundLatency), "the 99th percentile of the response went over the limit, or the rate asked for was not reached"},
	{string(read.BoundErrors), "more than 0.1 % of the requests failed"},
	{string(read.BoundLost), "the server ended connections between requests"},
	{string(read.BoundIdle), "no request came to an end: nothing was measured"},
	{string(read.BoundWorkers), "there were clients that nobody served: all workers had one"},
	{string(read.BoundThreads), "the server could start no more threads"},
	{string(read.BoundDescriptors), "a process could have no more open files, as many as the machine allows or the row itself can do with"},
	{string(read.BoundMemory), "the system had no memory left"},
	{string(read.BoundPorts), "the client had no ports left: the machine's limit, not the row's"},
	{string(read.BoundClient), "the client was the limit, not the server"},
	{string(read.BoundFailure), "the trial came to no figures"},
	{string(read.BoundSearch), "the search was told to go no further"},
}

// boundsIn explains what binds any of the rows.
func boundsIn(profiles []read.Profile) []verdict {
	return slices.DeleteFunc(slices.Clone(boundMeanings), func(v verdict) bool {
		return !slices.ContainsFunc(profiles, func(p read.Profile) bool { return p.Capacity.Probes > 0 && string(p.Capacity.Bound) == v.Name })
	})
}

// limited reports whether what binds a row is not its own limit, so that it may serve more
// elsewhere. Of descriptors it is the machine's where a process may not have more of them.
func limited(c *read.Capacity, goal read.Goal) bool {
	switch c.Bound {
	case read.BoundSearch, read.BoundPorts, read.BoundMemory, read.BoundClient, read.BoundFailure, read.BoundIdle:
		return true
	case read.BoundDescriptors:
		return goal.OpenFiles > 0 && uint64(max(c.Clients, c.At))+read.SpareDescriptors >= goal.OpenFiles
	}
	return false
}
