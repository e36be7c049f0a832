package all_test

import (
	"strings"
	"testing"

	"connbench/models"
	"connbench/models/all"
	"connbench/models/blocking"
	"connbench/models/datagram"
	"connbench/models/readiness"
)

func TestKnobsSayWhatIsAllowed(t *testing.T) {
	for _, k := range models.AllKnobs() {
		if k.Allowed() == "" {
			t.Errorf("%s does not say what it may be", k)
		}
	}
	if got := models.Knob("nosuch").Allowed(); got != "" {
		t.Errorf("a knob that there is not allows %q", got)
	}
}

func TestModelsHonourKnobsThatThereAre(t *testing.T) {
	known := map[models.Knob]bool{}
	for _, k := range models.AllKnobs() {
		known[k] = true
	}
	for _, m := range all.Models() {
		for _, k := range m.Knobs {
			if !known[k] || !m.Honours(k) {
				t.Errorf("%s honours %s, which is no knob", m.Name, k)
			}
		}
		if m.Honours("nosuch") {
			t.Errorf("%s honours a knob that there is not", m.Name)
		}
	}
}

func TestTLSIsRefusedWithTheReason(t *testing.T) {
	for m, reason := range map[*models.Model]string{
		&blocking.Thread:        "thread reads its descriptors itself",
		&blocking.GoroutineLean: "goroutine-lean reads its descriptors itself",
		&readiness.Reactor:      "reactor reads its descriptors itself",
		&datagram.UDP:           "udp serves datagrams",
	} {
		cfg := configFor(*m)
		cfg.TLS = true
		err := m.Check(cfg)
		wantRefusal(t, err, "tls")
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("got %q, want the reason %q", err, reason)
		}
	}
}
