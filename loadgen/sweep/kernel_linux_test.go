package sweep

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"connbench/results"
)

func TestGained(t *testing.T) {
	before := &results.Kernel{ListenOverflows: 1, ListenDrops: 2, Retransmits: 30, UDPDrops: 4, SynRetransmits: new(int64(5))}
	after := &results.Kernel{ListenOverflows: 11, ListenDrops: 22, Retransmits: 60, UDPDrops: 44, SynRetransmits: new(int64(12))}
	want := &results.Kernel{ListenOverflows: 10, ListenDrops: 20, Retransmits: 30, UDPDrops: 40, SynRetransmits: new(int64(7))}
	if diff := cmp.Diff(want, gained(before, after)); diff != "" {
		t.Error(diff)
	}
}

// TestSampleKernel: SYNs are among the segments, and both are counted since the start of
// the system.
func TestSampleKernel(t *testing.T) {
	k := sampleKernel()
	if k == nil {
		t.Skip("the kernel's counters cannot be read here")
	}
	if k.SynRetransmits == nil || *k.SynRetransmits < 0 || *k.SynRetransmits > k.Retransmits {
		t.Errorf("%+v", k)
	}
}
