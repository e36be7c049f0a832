package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/results"
)

// settings are the checks of the kernel's; root may do more under some. Tried is, by the
// setting that limits them, what tune tries by default.
func (m machine) settings(root bool, tried map[string][]int) []Check {
	var checks []Check
	for _, s := range numbers {
		checks = append(checks, m.number(s, tried[s.key]))
	}
	for _, key := range []string{"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"} {
		checks = append(checks, m.automatic(key))
	}
	congestion := judged(congestionKey, howToSysctl(congestionKey), judgeCongestion)(m.line("proc/sys/net/ipv4/tcp_congestion_control"))
	return append(checks, congestion, m.number(uring(root), nil), m.hugePages(), m.number(perf(root), nil), m.tracefs())
}

type number struct {
	key   string
	judge func(key string, value int) (Verdict, string)
	bytes bool   // how it is shown
	how   string // to have it where it cannot be read, if there is more to say than howToSysctl does
}

const (
	// wantedBacklog is Linux's own default since 5.4.
	wantedBacklog = 4096
	// wantedHandshakes leaves room for someClients at once in the three quarters that
	// Linux fills without SYN cookies.
	wantedHandshakes = 512
	// wantedBuffer is well above the 212992 bytes that sockets get by default, so that
	// sizes on both sides of it can be compared.
	wantedBuffer = 1 << 20
	// defaultBuffer is what Linux gives a socket, unless told otherwise.
	defaultBuffer = 212992
	// datagramCharge is what a datagram of 64 B takes of a receive buffer: measured, 256
	// of them fill the default one.
	datagramCharge = 832
)

var numbers = []number{
	{"net.core.somaxconn", atLeast(wantedBacklog,
		"a longer --backlog is cut to it; who comes when as many wait for accept tries again after 1 s"), false, ""},
	{"net.ipv4.tcp_max_syn_backlog", atLeast(wantedHandshakes,
		"handshakes under way at most, where SYN cookies are off"), false, ""},
	{"net.ipv4.tcp_syncookies", judgeCookies, false, ""},
	{"net.core.rmem_max", atLeast(wantedBuffer, "a larger --rcvbuf is cut to it"), true, ""},
	{"net.core.wmem_max", atLeast(wantedBuffer, "a larger --sndbuf is cut to it"), true, ""},
	{"net.core.rmem_default", judgeDatagrams, true, ""},
	{"net.ipv4.tcp_tw_reuse", judgeReuse, false, ""},
}

func (m machine) number(n number, tried []int) Check {
	judge := func(value int) Check { return n.check(value, tried) }
	return judged(n.key, cmp.Or(n.how, howToSysctl(n.key)), judge)(m.sysctl(n.key))
}

func (n number) check(value int, tried []int) Check {
	c := Check{Subject: n.key, Value: fmt.Sprint(value)}
	if n.bytes {
		c.Value = results.Bytes(int64(value))
	}
	c.Verdict, c.Advice = n.judge(n.key, value)
	c.Advice += cutOf(tried, value, n.bytes)
	return c
}

// cutOf says which of the values that are tried a limit cuts; empty if it cuts none.
func cutOf(tried []int, limit int, bytes bool) string {
	var cut []string
	for _, v := range tried {
		switch {
		case v <= limit:
		case bytes:
			cut = append(cut, results.Bytes(int64(v)))
		default:
			cut = append(cut, fmt.Sprint(v))
		}
	}
	if cut == nil {
		return ""
	}
	return fmt.Sprintf("; of what `connbench tune` tries, %s come to it", strings.Join(cut, ", "))
}

func (m machine) automatic(key string) Check {
	sizes, err := m.sysctls(key, 3)
	if err != nil {
		return unknown(key, err, howToSysctl(key))
	}
	c := Check{Subject: key, Verdict: OK, Value: fmt.Sprintf("%s to %s", results.Bytes(int64(sizes[0])), results.Bytes(int64(sizes[2]))),
		Advice: fmt.Sprintf("TCP sizes a buffer itself, beginning with %s, unless a knob gives a size, which this does not limit", results.Bytes(int64(sizes[1])))}
	if sizes[2] < wantedBuffer {
		c.Verdict = Warning
		c.Advice += fmt.Sprintf("; so small it limits large payloads: `sysctl -w %s='%d %d %d'`", key, sizes[0], sizes[1], 4*wantedBuffer)
	}
	return c
}

// howToSysctl is where to read a setting that a container or another system hides.
func howToSysctl(key string) string { return fmt.Sprintf("`sysctl %s` on the host says it", key) }

func set(key string, value any) string { return fmt.Sprintf("`sysctl -w %s=%v`", key, value) }

func atLeast(wanted int, meaning string) func(string, int) (Verdict, string) {
	return func(key string, value int) (Verdict, string) {
		if value < wanted {
			return Warning, meaning + ": " + set(key, wanted)
		}
		return OK, meaning
	}
}

func judgeCookies(key string, value int) (Verdict, string) {
	switch value {
	case 1:
		return OK, "only a backlog that overflows is answered with SYN cookies"
	case 0:
		return Warning, "off: while a backlog overflows, SYNs are dropped and those clients try again after 1 s: " + set(key, 1)
	}
	return Warning, "always on: every connection takes a path through the kernel that others do not take: " + set(key, 1)
}

func judgeDatagrams(key string, value int) (Verdict, string) {
	meaning := fmt.Sprintf("a UDP socket holds about %d datagrams of 64 B, and a burst beyond is lost", value/datagramCharge)
	if value < defaultBuffer {
		return Warning, meaning + ": --rcvbuf, or " + set(key, defaultBuffer)
	}
	return OK, meaning + ", unless --rcvbuf asks for more"
}

func judgeReuse(key string, value int) (Verdict, string) {
	if value == 0 {
		return Warning, "off: --requests-per-conn ends where the ports in TIME_WAIT are used up: " + set(key, 2)
	}
	return OK, "a connection over loopback may take a port in TIME_WAIT after 1 s"
}

const (
	congestionKey = "net.ipv4.tcp_congestion_control"
	hugePagesKey  = "transparent hugepages"
)

func judgeCongestion(current string) Check {
	c := Check{Subject: congestionKey, Value: current, Verdict: OK, Advice: "costs next to nothing over loopback"}
	switch {
	case current == "bbr":
		c.Verdict = Warning
		c.Advice = "paces each segment by a timer, which costs CPU time: the same for all rows, so ratios shrink; " + set(congestionKey, "cubic")
	case !slices.Contains([]string{"cubic", "reno"}, current):
		c.Advice = "the same for all rows; say so beside absolute figures"
	}
	return c
}

// uring is who may run rows on io_uring.
func uring(root bool) number {
	return number{key: "kernel.io_uring_disabled", how: "kernels before 6.6 have no such setting; `connbench models` lists what runs here", judge: func(key string, value int) (Verdict, string) {
		switch {
		case value == 0:
			return OK, "rows on io_uring may run"
		case value == 1 && root:
			return OK, "rows on io_uring may run, since root runs them"
		case value == 1:
			return Warning, "only root and the group of kernel.io_uring_group may run rows on io_uring: " + set(key, 0)
		}
		return Warning, "rows on io_uring do not run: " + set(key, 0)
	}}
}
