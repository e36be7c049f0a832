package page

import (
	"slices"

	"connbench/results"
)

var boundMeanings = []verdict{
	{string(results.BoundLatency), "the 99th percentile of the response went over the limit, or the rate asked for was not reached"},
	{string(results.BoundErrors), "more than 0.1 % of the requests failed"},
	{string(results.BoundLost), "the server ended connections between requests"},
	{string(results.BoundIdle), "no request came to an end: nothing was measured"},
	{string(results.BoundWorkers), "there were clients that nobody served: all workers had one"},
	{string(results.BoundThreads), "the server could start no more threads"},
	{string(results.BoundDescriptors), "a process could have no more open files, as many as the machine allows or the row itself can do with"},
	{string(results.BoundMemory), "the system had no memory left"},
	{string(results.BoundPorts), "the client had no ports left: the machine's limit, not the row's"},
	{string(results.BoundClient), "the client was the limit, not the server"},
	{string(results.BoundFailure), "the trial came to no figures"},
	{string(results.BoundSearch), "the search was told to go no further"},
}

// boundsIn explains what binds any of the rows.
func boundsIn(profiles []results.Profile) []verdict {
	return slices.DeleteFunc(slices.Clone(boundMeanings), func(v verdict) bool {
		return !slices.ContainsFunc(profiles, func(p results.Profile) bool { return p.Capacity.Probes > 0 && string(p.Capacity.Bound) == v.Name })
	})
}

// limited reports whether what binds a row is not its own limit, so that it may serve more
// elsewhere. Of descriptors it is the machine's where a process may not have more of them.
func limited(c *results.Capacity, goal results.Goal) bool {
	switch c.Bound {
	case results.BoundSearch, results.BoundPorts, results.BoundMemory, results.BoundClient, results.BoundFailure, results.BoundIdle:
		return true
	case results.BoundDescriptors:
		return goal.OpenFiles > 0 && uint64(max(c.Clients, c.At))+results.SpareDescriptors >= goal.OpenFiles
	}
	return false
}
