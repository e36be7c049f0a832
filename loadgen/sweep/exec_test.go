package sweep

import (
	"errors"
	"strings"
	"testing"

	"connbench/loadgen"

	"github.com/google/go-cmp/cmp"
)

func TestParseExec(t *testing.T) {
	for text, want := range map[string]Exec{
		"a=b {addr}":                         {"a", "", []string{"b", "{addr}"}},
		"a-1_B.c=b --x=y:{addr}":             {"a-1_B.c", "", []string{"b", "--x=y:{addr}"}},
		"n@udp=b {host} {port}":              {"n", "udp", []string{"b", "{host}", "{port}"}},
		"n@unix=b {addr}":                    {"n", "unix", []string{"b", "{addr}"}},
		"n@tcp=b -p {port}":                  {"n", "tcp", []string{"b", "-p", "{port}"}},
		`n= sh -c 'exec b "$0" 2>&1' {addr}`: {"n", "", []string{"sh", "-c", `exec b "$0" 2>&1`, "{addr}"}},
	} {
		got, err := ParseExec(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v, %s", text, err, diff)
		}
	}
	for text, says := range map[string]string{
		"":                "NAME=COMMAND",
		"a":               `"a" is not allowed (NAME=COMMAND`,
		"=b {addr}":       `"" is not allowed (a name of letters`,
		"a b=c {addr}":    `"a b" is not allowed (a name of letters`,
		"a/b=c {addr}":    "a name of letters",
		"ä=c {addr}":      "a name of letters",
		"@udp=c {addr}":   "a name of letters",
		"a@=c {addr}":     "tcp, unix or udp behind the @",
		"a@ipx=c {addr}":  `a on "ipx" is not allowed`,
		"a@b@c=d {addr}":  "tcp, unix or udp",
		"a=":              "a without a command",
		"a=  ":            "a without a command",
		"a=b":             "with {addr} where the address goes",
		"a=b {adr}":       "with {addr} where the address goes",
		"a=b {host}":      "with {addr} where the address goes",
		"a=b '{addr}":     "a quotation mark without its other one",
		"a=b {addr} | c":  "no shell reads this",
		"a=b {addr} 2>&1": "no shell reads this",
	} {
		var wrong *loadgen.SpecError
		e, err := ParseExec(text)
		if !errors.As(err, &wrong) || wrong.Field != "exec" || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v; want %q", text, e, err, says)
		}
	}
}

func TestExecRow(t *testing.T) {
	for _, row := range []struct {
		name   string
		exec   Exec
		change func(*Plan)
		field  string // of the error
		says   string
	}{
		{"tcp", Exec{Command: []string{"sh", "{host}:{port}"}}, func(*Plan) {}, "", "tcp"},
		{"unix", Exec{Command: []string{"sh", "{addr}"}}, func(p *Plan) { p.Network = "unix" }, "", "unix"},
		{"udp beside unix", Exec{Network: "udp", Command: []string{"sh", "{addr}"}}, func(p *Plan) { p.Network = "unix" }, "", "udp"},
		{"raw", Exec{Command: []string{"sh", "{addr}"}}, func(p *Plan) { p.Framing = "raw" }, "", "tcp"},
		{"port on unix", Exec{Command: []string{"sh", "{addr}", "{port}"}}, func(p *Plan) { p.Network = "unix" }, "exec", "{addr} alone"},
		{"work", Exec{Command: []string{"sh", "{addr}"}}, func(p *Plan) { p.Work = "cpu:1ms" }, "work", "x: work: cpu:1ms is not allowed (echo:"},
		{"answers", Exec{Command: []string{"sh", "{addr}"}}, func(p *Plan) { p.ResponseSize = 1 }, "response-size", "x: response-size: 1 is not allowed (none:"},
		{"no such command", Exec{Command: []string{"/none/such", "{addr}"}}, func(*Plan) {}, "exec", "/none/such"},
		{"not in the path", Exec{Command: []string{"none-such", "{addr}"}}, func(*Plan) {}, "exec", `"none-such": executable file not found`},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := DefaultPlan([]string{"x"})
			row.change(&p)
			row.exec.Name = "x"
			got, err := row.exec.Row(&p, "/sockets")
			if row.field == "" {
				want := Row{Name: "x", Network: row.says, Command: row.exec.Command, Foreign: true, Sockets: "/sockets"}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v, %s", err, diff)
				}
				return
			}
			var wrong *loadgen.SpecError
			if !errors.As(err, &wrong) || wrong.Field != row.field || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%+v, %v; want %s: %s", got, err, row.field, row.says)
			}
		})
	}
}

func FuzzParseExec(f *testing.F) {
	for _, text := range []string{"a=b {addr}", "a@udp=b {host}:{port}", "a=b 'c", "=", "a@=b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExec(text)
		var wrong *loadgen.SpecError
		switch {
		case err == nil && (e.Name == "" || len(e.Command) == 0):
			t.Errorf("%q is read as %+v", text, e)
		case err != nil && !errors.As(err, &wrong):
			t.Errorf("%q: %v", text, err)
		}
	})
}
