package doctor

import (
	"math"
	"strings"
	"testing"

	"connbench/loadgen/system"
)

const unlimited = math.MaxUint64

// TestJudgements: of each value the verdict, and what the advice names.
func TestJudgements(t *testing.T) {
	apart := system.Placement{Server: []int{0}, Client: []int{1}}
	oneCore := system.Placement{Server: []int{0}, Client: []int{1}, Siblings: []system.Pair{{Server: 0, Client: 1}}}
	shared := system.Placement{Server: []int{0}, Client: []int{0}}
	for _, row := range []struct {
		name  string
		check Check
		want  Verdict
		says  string // in value or advice
	}{
		{"files", judgeOpenFiles(20000, 20000), OK, "10064"},
		{"files without end", judgeOpenFiles(unlimited, unlimited), OK, "unlimited"},
		{"files just enough", judgeOpenFiles(10064, 10064), OK, ""},
		{"files too few", judgeOpenFiles(1024, 20000), Warning, "holds 960 connections, and needs 10064 for 10000: `ulimit -n 10064`"},
		{"files few, and no more", judgeOpenFiles(4096, 4096), Warning, "hard limit, by nofile"},
		{"files for next to nothing", judgeOpenFiles(256, 256), Bad, "holds 192"},
		{"files for less", judgeOpenFiles(10, 10), Bad, "holds 0"},

		{"clients", judgeClients([]bound{{"memory", 2_900_000, "x"}, {"fs.file-max", 1_200_000, "y"}}), OK, "about 1.2M (fs.file-max)"},
		{"fewer clients", judgeClients([]bound{{"memory", 9_000, "x"}, {"fs.file-max", 1_200_000, "y"}}), Warning, "more take x"},
		{"hardly any", judgeClients([]bound{{"memory", 90, "x"}}), Bad, "about 90 (memory)"},

		{"threads", judgeThreads([]bound{{"a", 32768, "x"}, {"b", 100000, "y"}}), OK, "32768 (a)"},
		{"threads of the second", judgeThreads([]bound{{"a", 32768, "x"}, {"b", 4096, "y"}}), Warning, ": y"},
		{"threads with none to spare", judgeThreads([]bound{{"a", 10000, "x"}}), Warning, ": x"},
		{"threads without end", judgeThreads([]bound{{"a", unlimited, "x"}}), OK, "unlimited"},
		{"threads of a small container", judgeThreads([]bound{{"a", 100, "x"}}), Bad, "x"},

		{"ports", judgePorts(32768, 60999), OK, "28232, from 32768 to 60999"},
		{"few ports", judgePorts(60000, 60999), Warning, "ip_local_port_range=\"10240 60999\""},
		{"a port", judgePorts(60999, 60999), Bad, "1, from"},
		{"no port", judgePorts(2, 1), Bad, "0, from"},
		{"time wait", judgeTimeWait(7000, 28232), OK, "60 s"},
		{"much time wait", judgeTimeWait(7100, 28232), Warning, "28232"},
		{"time wait all over", judgeTimeWait(22000, 28232), Bad, "wait a minute"},

		{"memory", judgeMemory(20<<30, 24<<30), OK, "20 GiB of 24 GiB"},
		{"little memory", judgeMemory(512<<20, 24<<30), Warning, "fewer clients"},
		{"no memory", judgeMemory(64<<20, 24<<30), Bad, ""},
		{"no swap", judgeSwap(0, 0), OK, "none"},
		{"swap idle", judgeSwap(1<<30, 1<<30), OK, "none in use of 1 GiB"},
		{"swap in use", judgeSwap(1<<30, 1<<29), Warning, "swapoff"},

		{"bbr", judgeCongestion("bbr"), Warning, "=cubic"},
		{"cubic", judgeCongestion("cubic"), OK, ""},
		{"dctcp", judgeCongestion("dctcp"), OK, "absolute"},
		{"io_uring", uring(false).check(0, nil), OK, "may run"},
		{"io_uring for root", uring(true).check(1, nil), OK, "root"},
		{"io_uring for others", uring(false).check(1, nil), Warning, "io_uring_group"},
		{"no io_uring", uring(true).check(2, nil), Warning, "do not run"},
		{"perf", perf(false).check(1, nil), OK, ""},
		{"perf for root", perf(true).check(4, nil), OK, "root"},
		{"perf for others", perf(false).check(2, nil), Warning, "perf_event_paranoid=1"},
		{"huge pages always", judgeHugePages("always"), Warning, "madvise"},
		{"huge pages never", judgeHugePages("never"), OK, ""},

		{"apart", judgePlacement([]int{0, 1}, apart), OK, "CPU 0 and 1 of 0-1"},
		{"shared by choice", judgePlacement([]int{0, 1}, shared), Bad, "--server-cpus"},
		{"shared by need", judgePlacement([]int{0}, shared), Bad, "cpuset"},
		{"cores", judgeSiblings(apart, false), OK, "not shared"},
		{"cores, they say", judgeSiblings(apart, true), Unknown, "provider"},
		{"one core", judgeSiblings(oneCore, true), Bad, "CPU 0 with 1"},
		{"no quota", judgeQuota(system.Quota{CPUs: math.Inf(1), Throttled: 3}, 2), OK, "none"},
		{"quota", judgeQuota(system.Quota{CPUs: 2}, 2), OK, "2 CPUs"},
		{"quota too small", judgeQuota(system.Quota{CPUs: 1.5, Throttled: 7}, 2), Bad, "1.5 CPUs, throttled 7 times"},
		{"quota of others", judgeQuota(system.Quota{CPUs: 4, Throttled: 7}, 2), Warning, "others"},

		{"performance", judgeGovernors([]string{"performance"}), OK, ""},
		{"powersave", judgeGovernors([]string{"performance", "powersave"}), Warning, "performance, powersave"},
		{"tsc", judgeClock("tsc", nil), OK, ""},
		{"kvm-clock", judgeClock("kvm-clock", nil), OK, ""},
		{"hpet beside tsc", judgeClock("hpet", []string{"hpet", "tsc"}), Bad, "echo tsc >"},
		{"acpi_pm alone", judgeClock("acpi_pm", []string{"acpi_pm"}), Bad, "dmesg"},
		{"xen", judgeClock("xen", nil), Warning, "time to read it"},
		{"virtual", virtualisation(true, nil), Warning, "rows of one run"},
		{"iron", virtualisation(false, nil), OK, ""},
		{"who knows", virtualisation(false, errNotShown), Unknown, "systemd-detect-virt"},
	} {
		c := row.check
		if c.Verdict != row.want || !strings.Contains(c.Value+" "+c.Advice, row.says) {
			t.Errorf("%s: %+v; want %s, %q", row.name, c, row.want, row.says)
		}
		if c.Subject == "" || c.Advice == "" || c.Value == "" && c.Verdict != Unknown {
			t.Errorf("%s is not complete: %+v", row.name, c)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, row := range []struct {
		key   string
		value int
		want  Verdict
		says  string
	}{
		{"net.core.somaxconn", 4096, OK, ""},
		{"net.core.somaxconn", 128, Warning, "`sysctl -w net.core.somaxconn=4096`"},
		{"net.ipv4.tcp_max_syn_backlog", 512, OK, ""},
		{"net.ipv4.tcp_max_syn_backlog", 128, Warning, "=512`"},
		{"net.ipv4.tcp_syncookies", 0, Warning, "=1`"},
		{"net.ipv4.tcp_syncookies", 1, OK, ""},
		{"net.ipv4.tcp_syncookies", 2, Warning, "=1`"},
		{"net.core.rmem_max", 4 << 20, OK, ""},
		{"net.core.rmem_max", 212992, Warning, "=1048576`"},
		{"net.core.wmem_max", 212992, Warning, "--sndbuf"},
		{"net.core.rmem_default", 212992, OK, "256 datagrams"},
		{"net.core.rmem_default", 65536, Warning, "78 datagrams"},
		{"net.ipv4.tcp_tw_reuse", 0, Warning, "=2`"},
		{"net.ipv4.tcp_tw_reuse", 1, OK, ""},
		{"net.ipv4.tcp_tw_reuse", 2, OK, ""},
	} {
		for _, n := range numbers {
			if n.key != row.key {
				continue
			}
			if v, advice := n.judge(n.key, row.value); v != row.want || advice == "" || !strings.Contains(advice, row.says) {
				t.Errorf("%s = %d: %s, %s", row.key, row.value, v, advice)
			}
		}
	}
}
