package results

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteResources shows for people what the servers of points took: a table for each
// workload, as [WriteTable] has them. What no row of it has, or nothing but zero, is left
// out.
func WriteResources(w io.Writer, points []Point) error {
	var b bytes.Buffer
	for _, group := range workloads(points) {
		fmt.Fprintf(&b, "What the servers take · %s\n\n%s\n\n", heading(group), renderResources(group))
	}
	b.WriteString(resourcesLegend + "\n\n")
	_, err := w.Write(b.Bytes())
	return err
}

const resourcesLegend = `medians of valid trials; switches, GC and the kernel's counters over a trial, the last of all sockets of the host
idle conn: growth by a connection that has sent nothing, from none to all clients; kernel: its socket and buffers
syscalls/req: in the warm-up, where tracefs is mounted`

func renderResources(points []Point) string {
	shown := slices.DeleteFunc(slices.Clone(Resources), func(r Resource) bool {
		return !slices.ContainsFunc(points, func(p Point) bool { return p.Resources[r.Name].Max != 0 || p.Resources[r.Name].Min != 0 })
	})
	t := table.NewWriter()
	header := table.Row{"clients", modelTitle}
	configs := []table.ColumnConfig{
		{Number: 1, Align: text.AlignRight, AlignHeader: text.AlignRight, VAlignHeader: text.VAlignBottom},
		{Number: 2, WidthMax: minModelWidth, WidthMaxEnforcer: wrapName, VAlignHeader: text.VAlignBottom},
	}
	for i, r := range shown {
		header = append(header, r.Title)
		configs = append(configs, table.ColumnConfig{Number: i + 3, Align: text.AlignRight, AlignHeader: text.AlignRight, VAlignHeader: text.VAlignBottom})
	}
	t.AppendHeader(header)
	for i := range points {
		if i > 0 && byLoad(points[i-1], points[i]) != 0 {
			t.AppendSeparator()
		}
		t.AppendRow(resourceRow(&points[i], shown))
	}
	t.SetColumnConfigs(configs)
	style := lightLines()
	style.Box.PaddingLeft = "" // so many columns leave no room
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t.Render()
}

func resourceRow(p *Point, shown []Resource) table.Row {
	row := table.Row{p.Clients, modelCell(p)}
	for _, r := range shown {
		cell := absent
		if s, has := p.Resources[r.Name]; has {
			cell = r.text(s.Median)
		}
		row = append(row, cell)
	}
	return row
}
