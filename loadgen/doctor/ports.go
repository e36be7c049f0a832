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

func (m machine) readPorts() (low, high int, err error) {
	ends, err := m.sysctls(portRange, 2)
	if err != nil {
		return 0, 0, err
	}
	return ends[0], ends[1], nil
}

func (m machine) ports() Check {
	low, high, err := m.readPorts()
	if err != nil {
		return unknown(portsSubject, err, howToSeePorts)
	}
	return judgePorts(low, high)
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
	low, high, err := m.readPorts()
	if err != nil {
		return unknown(timeWaitSubject, err, howToSeePorts)
	}
	return judgeTimeWait(waiting, high-low+1)
}

func (m machine) readTimeWait() (int, error) {
	proc, err := m.proc()
	if err != nil {
		return 0, err
	}
	stat, err := proc.NetSockstat()
	if err != nil {
		return 0, err
	}
	return timeWaitOf(stat)
}

func timeWaitOf(stat *procfs.NetSockstat) (int, error) {
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
