package results

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteTunings shows for people what became of each knob: a table for each point, and
// what to set.
func WriteTunings(w io.Writer, tunings []*Tuning, env *Environment) error {
	var b bytes.Buffer
	for _, t := range tunings {
		for i := range t.Points {
			fmt.Fprintf(&b, "%s\n\n%s\n\n", t.heading(&t.Points[i]), t.render(&t.Points[i]))
		}
		fmt.Fprintf(&b, "%s\n", t.advice())
	}
	fmt.Fprintf(&b, "%s\n", tuningLegend(tunings))
	if env != nil {
		if machine := env.Machine(); machine != "" {
			fmt.Fprintf(&b, "machine: %s, same-host\n", machine)
		}
		fmt.Fprintf(&b, "CPUs: %s\n", env.Placement())
		for _, warning := range env.Warnings {
			fmt.Fprintln(&b, warning)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func tuningLegend(tunings []*Tuning) string {
	lines := []string{
		"* the default",
		"rank: the places that a value may have, by the third column; before it are those that are better beyond chance",
		"× first: how many times the first value's, as the median of the ratios within blocks; intervals hold with 95 % each",
	}
	if slices.ContainsFunc(tunings, func(t *Tuning) bool { return t.InFlight != nil }) {
		lines = append(lines,
			"connect p99: ∞ where one client in a hundred was not connected; what became of their requests afterwards does not count",
			"lost: attempts to connect that were refused, reset or timed out; overflows: connections that found the backlog full;",
			"SYNs again: SYNs, and answers to them, that were sent once more. The last two are the kernel's, of the whole host")
	}
	for _, e := range explanations {
		if slices.ContainsFunc(tunings, func(t *Tuning) bool { return t.judged(e[0]) }) {
			lines = append(lines, e[0]+": "+e[1])
		}
	}
	return strings.Join(lines, "\n")
}

// judged reports whether a row is not ranked, and a verdict is among those on it.
func (t *Tuning) judged(verdict string) bool {
	return slices.ContainsFunc(t.Points, func(p TunedPoint) bool {
		return slices.ContainsFunc(p.Standings, func(s Standing) bool {
			return s.First == 0 && slices.Contains(p.verdicts(s.Model), verdict)
		})
	})
}

func (t *Tuning) heading(p *TunedPoint) string {
	parts := []string{t.Model + ": " + t.Knob}
	if t.InFlight != nil {
		return strings.Join(append(parts, fmt.Sprintf("%s connect at once, up to %d handshakes in flight", plural(p.Clients, "client"), t.InFlight[p.Clients])), " · ")
	}
	parts = append(parts, plural(p.Clients, "client"), Bytes(int64(p.PayloadBytes)))
	for _, trials := range p.rows {
		if n := trials[0].Pipeline; n > 1 {
			parts = append(parts, fmt.Sprintf("%d requests in flight each", n))
		}
		break
	}
	if p.Work != "" {
		parts = append(parts, p.Work)
	}
	return strings.Join(append(parts, p.Loop.Label()), " · ")
}

// tuningFigure is a column beside those of the ranking.
type tuningFigure struct {
	name, title string // name as in trials.jsonl
	value       func(*Trial) *float64
	text        func(float64) string
}

// known makes a figure's value of a metric's.
func known(value func(*Trial) (float64, bool)) func(*Trial) *float64 {
	return func(t *Trial) *float64 {
		if v, known := value(t); known {
			return &v
		}
		return nil
	}
}

var (
	loadFigures = []tuningFigure{
		{"server_cpu_ns_per_request", "server\nCPU/req", known(serverCPU), nanosText},
		{"throughput_rps", "\nreq/s", known(throughput), Count},
		{"response_latency_ns.p99", "\np99", known(responseP99), nanosText},
		{"server_rss_bytes", "server\nRSS", known(serverRSS), bytesText},
		{"server_idle_connection.resident_bytes", "idle\nconn", known(idleBytes), bytesText},
	}
	stormFigures = []tuningFigure{
		{"connect_latency_ns.p50", "connect\np50", func(t *Trial) *float64 {
			if t.ConnectLatency == nil {
				return nil
			}
			return (*float64)(&t.ConnectLatency.P50)
		}, nanosText},
		{"unconnected", "\nlost", func(t *Trial) *float64 { n := float64(unconnected(t)); return &n }, Count},
		{"kernel.listen_overflows", "over-\nflows", ofKernel(func(k *Kernel) int64 { return k.ListenOverflows }), Count},
		{"kernel.tcp_syn_retransmits", "SYNs\nagain", synRetransmits, Count},
		{"server_rss_bytes", "server\nRSS", known(serverRSS), bytesText},
	}
)

// figures are the columns beside the one that ranks.
func (t *Tuned) figures() []tuningFigure {
	if t.InFlight != nil {
		return stormFigures
	}
	return slices.DeleteFunc(slices.Clone(loadFigures), func(f tuningFigure) bool { return f.name == t.Metric })
}

// median is a figure's over the valid trials of a row, or if there are none over all.
func (f *tuningFigure) median(trials []*Trial) (float64, bool) {
	if valid := slices.DeleteFunc(slices.Clone(trials), func(t *Trial) bool { return !t.Valid() }); len(valid) > 0 {
		trials = valid
	}
	s, has := spreadWhere(trials, f.value)
	return s.Median, has
}

const whyWidth = 28

func (t *Tuning) render(p *TunedPoint) string {
	w := table.NewWriter()
	header := table.Row{"rank", t.Knob, p.Metric.Title, "× first", "95 %"}
	right := table.ColumnConfig{Align: text.AlignRight, AlignHeader: text.AlignRight, VAlignHeader: text.VAlignBottom}
	figures := t.figures()
	configs := make([]table.ColumnConfig, len(header)+len(figures)+1)
	for i := range configs {
		configs[i] = right
		configs[i].Number = i + 1
	}
	configs[4] = table.ColumnConfig{Number: 5, WidthMax: whyWidth, WidthMaxEnforcer: text.WrapSoft, VAlignHeader: text.VAlignBottom}
	for _, f := range figures {
		header = append(header, f.title)
	}
	w.AppendHeader(append(header, "valid\ntrials"))
	for i := range p.Standings {
		if i == p.Ranked() && i > 0 {
			w.AppendSeparator()
		}
		w.AppendRow(t.row(p, &p.Standings[i], figures))
	}
	w.SetColumnConfigs(configs)
	w.SetStyle(lightLines())
	w.SuppressTrailingSpaces()
	return w.Render()
}

func (t *Tuning) row(p *TunedPoint, s *Standing, figures []tuningFigure) table.Row {
	value := t.value(s.Model)
	if s.Model == t.Default {
		value += "*"
	}
	cells := p.Ranking.row(s)
	row := table.Row{cells[0], value, cells[2], cells[4], cells[5]}
	switch {
	case s.First == 0:
		row[2], row[4] = t.measured(p, s.Model), s.Why
		if verdicts := p.verdicts(s.Model); len(verdicts) > 0 {
			row[4] = s.Why + ": " + strings.Join(verdicts, ", ")
		}
	case s.Best != nil && t.endless(s):
		row[3], row[4] = "∞", ""
	case s.Best != nil:
		row[3], row[4] = timesText(s.Best.Ratio.Estimate), bounds(s.Best.Ratio, timesText)
	}
	valid := 0
	for _, trial := range p.rows[s.Model] {
		if trial.Valid() {
			valid++
		}
	}
	for _, f := range figures {
		cell := absent
		if v, has := f.median(p.rows[s.Model]); has {
			cell = f.text(v)
		}
		row = append(row, cell)
	}
	return append(row, fmt.Sprint(valid))
}

// endless reports whether a row's figure is infinite.
func (t *Tuned) endless(s *Standing) bool {
	return s != nil && t.Metric == ConnectMetric && s.Value.Estimate >= neverConnected
}

// measured is what ranks, of a row that is not ranked.
func (t *Tuning) measured(p *TunedPoint, row string) string {
	f := tuningFigure{value: known(t.metric().value)}
	if v, has := f.median(p.rows[row]); has {
		return p.Metric.text(v)
	}
	return absent
}

// verdicts are those on the trials of a row, each once.
func (p *TunedPoint) verdicts(row string) []string {
	var all []string
	for _, trial := range p.rows[row] {
		all = append(all, trial.Verdicts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// timesText is a ratio, which of latencies may be of thousands.
func timesText(v float64) string {
	if v < 1000 {
		return ratioText(v)
	}
	return Count(v)
}

// value is what a row stands for.
func (t *Tuned) value(row string) string {
	if i := t.setting(row); i >= 0 {
		return t.Settings[i].Value
	}
	return row
}
