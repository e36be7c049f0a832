package doctor

import (
	"errors"
	"fmt"

	"github.com/prometheus/procfs"
)

const (
	portRange        = "net.ipv4.ip_local_port_range"
	portsSubject     = "ephemeral ports"
	timeWaitSubject  = "sockets in TIME_WAIT"
	timeWaitSeconds  = 60 // for which a closed connection keeps its port; fixed in Linux
	someTimeWait     = 0.25
	muchTimeWait     = 0.75 // of the ports: a run of many short connections does not find enough
	widePortRange    = "10240 60999"
	howToSeePorts    = "`sysctl " + portRange + "` says it where the client runs"
	howToSeeTimeWait = "`ss -s` says it"
)

func (m machine) ports() Check {
	judge := func(ends []int) Check { return judgePorts(ends[0], ends[1]) }
	return judged(portsSubject, howToSeePorts, judge)(m.sysctls(portRange, 2))
}

func judgePorts(low, high int) Check {
	n := max(0, high-low+1)
	c := Check{Subject: portsSubject, Value: fmt.Sprintf("%d, from %d to %d", n, low, high), Verdict: OK,
		Advice: fmt.Sprintf("as many connections from one address to one server: more take `sysctl -w %s=%q`", portRange, widePortRange)}
	switch {
	case n < someClients:
		c.Verdict = Bad
	case n < manyClients:
		c.Verdict = Warning
	}
	return c
}

func (m machine) timeWait() Check {
	waiting, err := m.readTimeWait()
	if err != nil {
		return unknown(timeWaitSubject, err, howToSeeTimeWait)
	}
	judge := func(ends []int) Check { return judgeTimeWait(waiting, ends[1]-ends[0]+1) }
	return judged(timeWaitSubject, howToSeePorts, judge)(m.sysctls(portRange, 2))
}

func (m machine) readTimeWait() (int, error) {
	stat, err := fromProc(m, procfs.FS.NetSockstat)
	if err != nil {
		return 0, err
	}
	for _, p := range stat.Protocols {
		if p.Protocol == "TCP" && p.TW != nil {
			return *p.TW, nil
		}
	}
	return 0, errors.New("no tw of TCP in /proc/net/sockstat")
}

func judgeTimeWait(waiting, ports int) Check {
	c := Check{
		Subject: timeWaitSubject,
		Value:   fmt.Sprint(waiting),
		Verdict: graded(float64(waiting), someTimeWait*float64(ports), muchTimeWait*float64(ports)),
		Advice:  fmt.Sprintf("what closed connections have left: each keeps a port for %d s", timeWaitSeconds),
	}
	if c.Verdict != OK {
		c.Advice += fmt.Sprintf(", and there are %d; wait a minute before a run that connects often (--requests-per-conn)", ports)
	}
	return c
}
