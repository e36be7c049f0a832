package doctor

import (
	"fmt"
	"math"
	"slices"

	"connbench/loadgen/system"
)

func (m machine) cpus(allowed []int, p system.Placement) []Check {
	virtual, err := m.virtual()
	return []Check{
		judgePlacement(allowed, p), m.siblings(p, err != nil || virtual), m.quota(len(p.Used())),
		m.governor(p.Used()), m.boost(), m.clockSource(), virtualisation(virtual, err),
	}
}

func judgePlacement(allowed []int, p system.Placement) Check {
	c := Check{Subject: placementSubject, Value: fmt.Sprintf("CPU %s and %s of %s", system.FormatCPUs(p.Server), system.FormatCPUs(p.Client), system.FormatCPUs(allowed))}
	switch {
	case !p.Shared():
		c.Verdict, c.Advice = OK, "neither takes time from the other"
	case len(allowed) == 1:
		c.Verdict, c.Advice = Bad, "each takes time from the other: only CPU time per request means something; allow more CPUs (taskset, `docker run --cpuset-cpus`)"
	default:
		c.Verdict, c.Advice = Bad, "each takes time from the other: only CPU time per request means something; --server-cpus and --client-cpus keep them apart"
	}
	return c
}

const (
	placementSubject = "server and client"
	siblingsSubject  = "hyperthreads"
	quotaSubject     = "CPU quota"
)

// Apart are the checks of a machine that is to have servers or clients, and the others elsewhere.
func (r *Report) Apart() []Check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c Check) bool { return c.Subject == placementSubject || c.Subject == siblingsSubject })
}

// siblings checks whether the two sides share cores; hidden is whether the system
// may not know.
func (m machine) siblings(p system.Placement, hidden bool) Check {
	judge := func(system.Cores) Check { return judgeSiblings(p, hidden) }
	return judged(siblingsSubject, "`lscpu -e` on the host says which CPUs are of one core", judge)(system.ReadCores(m.root, p.Server))
}

func judgeSiblings(p system.Placement, hidden bool) Check {
	c := Check{Subject: siblingsSubject}
	switch {
	case len(p.Siblings) > 0:
		c.Value, c.Verdict = "shared: CPU "+p.SiblingsText(), Bad
		c.Advice = "server and client are on one core and slow each other by up to half: give each whole cores by --server-cpus and --client-cpus"
	case hidden:
		c.Value, c.Verdict = "not shared, says the hypervisor", Unknown
		c.Advice = "it may show hyperthreads as cores of their own: ask the provider whether a virtual CPU is a core"
	default:
		c.Value, c.Verdict, c.Advice = "not shared", OK, "server and client have cores of their own"
	}
	return c
}

func (m machine) quota(used int) Check {
	judge := func(q system.Quota) Check { return judgeQuota(q, used) }
	return judged(quotaSubject, "cpu.max of the container's control group says it, as `docker inspect` does", judge)(m.cgroups().Quota())
}

func judgeQuota(q system.Quota, used int) Check {
	c := Check{Subject: quotaSubject, Value: "none", Verdict: OK, Advice: "no control group stops a run for using too much"}
	if math.IsInf(q.CPUs, 1) {
		return c
	}
	c.Value = fmt.Sprintf("%.3g CPUs", q.CPUs)
	if q.Throttled > 0 {
		c.Value += fmt.Sprintf(", throttled %d times so far", q.Throttled)
	}
	switch {
	case q.CPUs < float64(used):
		c.Verdict = Bad
		c.Advice = fmt.Sprintf("less than the %d that a run uses: it is stopped for the rest of each period, which adds up to 100 ms to a latency; "+
			"raise it (`docker run --cpus`) or use fewer CPUs", used)
	case q.Throttled > 0:
		c.Verdict = Warning
		c.Advice = "others in the control group use it too: what throttles them stops a run; raise it (`docker run --cpus`)"
	default:
		c.Advice = fmt.Sprintf("enough for the %d that a run uses, if nothing else is in the control group", used)
	}
	return c
}
