package doctor

import (
	"os"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

// sample is a report of some checks of each group.
func sample() *Report {
	r := &Report{Environment: results.Environment{CPU: "Some CPU", Cores: 2, Kernel: "6.18"}}
	r.add(limitsGroup, judgeOpenFiles(1024, 4096), judgePorts(32768, 60999), judgeTimeWait(20_000, 28232))
	r.add(settingsGroup, judgeCongestion("bbr"), judgeTracing(noTracefs), uring(false).check(0, nil))
	r.add(cpusGroup, unknown(governorSubject, os.ErrNotExist, noFrequency), judgeClock("tsc", nil))
	r.add(noiseGroup, judgeSteal(0), judgeInterruptions([]Interruption{
		{CPU: 0, PerSecond: 402, MedianNS: 25_000, LongestNS: 4_030_000, LostFraction: 0.0103},
		{CPU: 1, PerSecond: 1390, MedianNS: 24_600, LongestNS: 3_030_000, LostFraction: 0.058},
	}))
	return r
}

func TestDocument(t *testing.T) {
	var b strings.Builder
	d := sample().Document()
	if err := d.Text(&b, 0); err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, "report.txt", b.String())
}

// What is bad stands above what is not, whatever it is of.
func TestWorstFirst(t *testing.T) {
	d, r := sample().Document(), sample()
	subjects := []string{}
	for _, b := range d.Blocks {
		if b.Table == nil {
			continue
		}
		for _, row := range b.Table.Rows {
			subjects = append(subjects, row.Cells[1].Text)
		}
	}
	if len(subjects) != len(r.Checks) {
		t.Fatalf("%d of %d checks", len(subjects), len(r.Checks))
	}
	last := Bad
	for _, subject := range subjects {
		c := results.Find(r.Checks, func(c *Check) bool { return c.Subject == subject })
		if c.Verdict.rank() > last.rank() {
			t.Errorf("%s, %s, is below what is %s", subject, c.Verdict, last)
		}
		last = c.Verdict
	}
}

func TestWorst(t *testing.T) {
	for _, row := range []struct {
		all  []Verdict
		want Verdict
	}{
		{nil, OK},
		{[]Verdict{OK, Unknown}, Unknown},
		{[]Verdict{Warning, Unknown, OK}, Warning},
		{[]Verdict{Warning, Bad, Unknown}, Bad},
	} {
		if got := worst(row.all...); got != row.want {
			t.Errorf("%v: %s, want %s", row.all, got, row.want)
		}
	}
	if r := sample(); r.Verdict != Bad {
		t.Errorf("a report with a bad check is %s", r.Verdict)
	}
}
