package main

import (
	"bytes"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// reader reads command lines as run does, up to where a command would begin.
type reader struct {
	parser *kong.Kong
	errOut bytes.Buffer
}

func newReader(t *testing.T) *reader {
	r := &reader{}
	r.parser = commandParser(t.Context(), streams{strings.NewReader(""), io.Discard, &r.errOut})
	return r
}

// parsed returns the exit status with what was said on standard error.
func (r *reader) parsed(t *testing.T, args []string) (status int, said string) {
	r.errOut.Reset()
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exit: // of --help
			status, said = int(e), r.errOut.String()
		default:
			t.Errorf("%q: panic: %v", args, e)
		}
	}()
	_, err := parseBy(r.parser, args)
	return say(&r.errOut, err), r.errOut.String()
}

// refusal reports what is wrong with how a command line was refused, and whether it was.
func (r *reader) refusal(t *testing.T, args []string) (refused bool) {
	status, said := r.parsed(t, args)
	line, more, ended := strings.Cut(said, "\n")
	switch {
	case status == exitDone && said == "":
	case status != exitUsage || !ended || more != "" || !strings.HasPrefix(line, "connbench: "):
		t.Errorf("%q: status %d, and said %q; want done, or status 2 and one line", args, status, said)
	}
	return status == exitUsage
}

// refusedValues are by kind of a flag what no flag of it takes.
var refusedValues = map[reflect.Kind][]string{
	reflect.Float64: {"nan", "inf", "-inf", "1e309", "x", ""},
	reflect.String:  {""},
	reflect.Int:     {"-1", "1.5", "1e3", "9223372036854775808", "x", ""},
	reflect.Uint64:  {"-1", "1.5", "18446744073709551616", ""},
	reflect.Bool:    {"maybe"},
	reflect.Int64:   {"-1s", "5", "nan", "1e9h", "2562048h", ""},
}

// Whatever the flag and the command: a value that is none is refused. Those of a
// Duration and a sweep.Size are of the kinds Int64 and Int.
func TestFlagsRefuse(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere what is measured is refused")
	}
	least := map[string][]string{
		"serve": {"goroutine"}, "load": {"127.0.0.1:1"}, "tune": {"backlog"}, "report": {"x"},
		"compare": {"x", "y"}, "why": {"x", "y"}, "janitor": {"x"}, "preset": {"redis", "127.0.0.1:1", "x"},
		"agent": {"--join", "tls://x", "--key", "x"}, "completion": {"bash"},
	}
	one := newReader(t) // making one takes a hundred times as long as reading with it
	for _, command := range one.parser.Model.Children {
		for _, flag := range command.Flags {
			kind := reflect.Indirect(flag.Target).Kind()
			if flag.Target.Kind() == reflect.Pointer {
				kind = flag.Target.Type().Elem().Kind()
			}
			values := refusedValues[kind]
			if kind == reflect.Slice {
				values = []string{"", ",", "a,,b", "nan,nan"}
			}
			for _, value := range values {
				args := append([]string{command.Name}, append(least[command.Name], "--"+flag.Name+"="+value)...)
				if !one.refusal(t, args) {
					t.Errorf("%q: not refused", args)
				}
			}
		}
		if args := append([]string{command.Name}, least[command.Name]...); one.refusal(t, args) {
			t.Errorf("%q: refused, whatever the flag", args)
		}
	}
}

// FuzzCommandLine has any list of arguments, the zero byte between them, end in one line
// and status 2, or be one that a command would begin with.
func FuzzCommandLine(f *testing.F) {
	for _, line := range []string{
		"load 127.0.0.1:1 --clients 4 --payload 64B --duration 1s --rate 1e-11 --arrivals poisson",
		"load /s --network unix --tls --think 5ms --active 0.5 --slow=0.1 --pipeline 3 --connect-rate nan",
		"run --models goroutine,pool --clients 1,16 --payloads 64B,4KiB --rates 1e3,inf --trials 6 --precision 5% --max-time 1m --knobs",
		"run --exec a=cat\t{addr} --work cpu:20us --tls --spread reuseport --server-cpus 0-1,3 --client-io epoll --resume x",
		"table --slo 10ms --client-rate 1e-320 --max-clients 5 --saturating 2 --json --csv",
		"choose --slo p99<1us --idle 0.5 --rate -0 --no-change --network udp",
		"tune buffers --knob rcvbuf --values 1MiB,8MiB --model udp --exec a=b\t{addr}{value}",
		"claims --only 1,2 --trials 8 --duration 1h --markdown",
		"calibrate --service 1ms --repetitions 0 --quick --seed -1",
		"compare a b:c --fail-on-regression 1e9% --force",
		"serve prefork --addr :0 --network udp --no-nodelay --idle-timeout 1h --processes 2 --drain-timeout -1s",
		"doctor --duration 1h --server-cpus 0-1023", "report x --resources --json", "models x --json", "client", "janitor /tmp/x",
		"calibration-server --distribution fixed --service 5", "leaking-server --closes=no", "--help", "load --help", "no-such", "",
	} {
		f.Add(strings.NewReplacer(" ", "\x00", "\t", " ").Replace(line))
	}
	f.Fuzz(func(t *testing.T, line string) { newReader(t).refusal(t, strings.Split(line, "\x00")) })
}

// Each command that is shown has two examples or more in its help, and each of them can be given.
func TestExamples(t *testing.T) {
	r := newReader(t)
	for _, leaf := range r.parser.Model.Leaves(true) {
		_, after, _ := strings.Cut(leaf.Detail, "Examples:\n\n")
		lines := strings.Split(strings.TrimSpace(after), "\n")
		if len(lines) < 2 {
			t.Errorf("%s has the examples %q", leaf.FullPath(), lines)
		}
		for _, line := range lines {
			line, _, _ = strings.Cut(line, "  # ")
			line, _, _ = strings.Cut(line, " > ")
			args := words(strings.TrimSpace(line))
			if args[0] != "connbench" {
				t.Errorf("%q is not ours", line)
				continue
			}
			if status, said := r.parsed(t, args[1:]); status != exitDone {
				t.Errorf("%q: status %d, %s", line, status, said)
			}
		}
	}
}
