package results

import (
	"bytes"
	"testing"
)

func TestWriteResources(t *testing.T) {
	trials := race(3, map[string]float64{"goroutine": 5000, "python-threading": 9000}, "goroutine", "python-threading")
	value := func(v float64) *float64 { return &v }
	for i := range trials {
		u := trials[i].ServerUsage
		u.ServerPeakRSSBytes, u.ServerVoluntary, u.ServerInvoluntary = 20<<20, 1500, 12
		trials[i].Kernel = &Kernel{ListenOverflows: 3, ListenDrops: 4}
		u.ServerIdle = &IdleMemory{Connections: 1000, ResidentBytes: 7000, KernelBytes: value(2304), SocketBytes: value(2304)}
		if trials[i].Model == "goroutine" {
			u.ServerIdle.HeapBytes, u.ServerIdle.StackBytes, u.ServerSyscalls = value(900), value(2048), value(2.03)
			u.ServerRuntime = &Runtime{GOMAXPROCS: 1, Goroutines: 1004, GCCycles: 2, GCPauseNS: 61e3}
		}
	}
	more := race(1, map[string]float64{"goroutine": 5000}, "goroutine")
	more[0].Trial, more[0].Clients = 100, 128
	points := Summarize(append(trials, more...), []string{"goroutine", "python-threading"})
	var b bytes.Buffer
	if err := WriteResources(&b, points); err != nil {
		t.Fatal(err)
	}
	golden(t, "resources.txt", b.String())
}
