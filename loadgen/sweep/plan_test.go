package sweep

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
)

func TestValidate(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*Plan)
		field  string // of the error; empty where there is none
		says   string
	}{
		{"default", func(*Plan) {}, "", ""},
		{"one of all", func(p *Plan) { p.Models, p.Clients, p.Payloads, p.Trials = p.Models[:1], []int{1}, Sizes(1), 1 }, "", ""},
		{"no warm-up", func(p *Plan) { p.Warmup = 0 }, "", ""},
		{"open loop", func(p *Plan) { p.Rates = Rates(10, 1000) }, "", ""},
		{"no models", func(p *Plan) { p.Models = nil }, "models", "an empty list"},
		{"no clients", func(p *Plan) { p.Clients = []int{} }, "clients", "an empty list"},
		{"no payloads", func(p *Plan) { p.Payloads = nil }, "payloads", "an empty list"},
		{"a model twice", func(p *Plan) { p.Models = []string{"a", "b", "a"} }, "models", "a twice"},
		{"clients twice", func(p *Plan) { p.Clients = []int{4, 4} }, "clients", "4 twice"},
		{"a payload twice", func(p *Plan) { p.Payloads = Sizes(1024, 1<<10) }, "payloads", "1 KiB twice"},
		{"a rate twice", func(p *Plan) { p.Rates = Rates(5, 5) }, "rates", "5 twice"},
		{"a rate of 0", func(p *Plan) { p.Rates = Rates(5, 0) }, "rates", "more than 0"},
		{"a rate that changes", func(p *Plan) {
			p.Duration, p.Rates = Duration(4*time.Second), []Rate{{RPS: 5}, {Profile: "1000,spike=5000@1s+1s"}}
		}, "", ""},
		{"a ramp beyond the window", func(p *Plan) { p.Rates = []Rate{{Profile: "1000..2000/1s"}} }, "rate", "within the window of 300ms"},
		{"a profile with the mean of another rate", func(p *Plan) {
			p.Duration, p.Rates = Duration(4*time.Second), []Rate{{RPS: 2000}, {Profile: "1000,spike=5000@1s+1s"}}
		}, "rates", "beside 2000"},
		{"no trials", func(p *Plan) { p.Trials = 0 }, "trials", "1 to "},
		{"negative trials", func(p *Plan) { p.Trials = -1 }, "trials", "1 to "},
		{"trials for years", func(p *Plan) { p.Trials = maxTrials }, "trials", "for 12 points"},
		{"clients of 0", func(p *Plan) { p.Clients = []int{1, 0} }, "clients", "at least 1"},
		{"clients beyond the descriptors", func(p *Plan) { p.Clients = []int{1 << 30} }, "clients", "ulimit -n"},
		{"a mix", func(p *Plan) { p.Payloads = []Payload{{Size: 64}, {3334, "64B*9+32KiB*1"}} }, "", ""},
		{"a mix beyond the frame", func(p *Plan) { p.Payloads = []Payload{{1 << 20, "64B*1+2097088B*1"}} }, "payload", "64B*1+2097088B*1"},
		{"a mix with the mean of another payload", func(p *Plan) { p.Payloads = []Payload{{Size: 6611}, {6611, "64B*9+64KiB*1"}} }, "payloads", "64B*9+64KiB*1 beside 6.46 KiB"},
		{"payload of 0", func(p *Plan) { p.Payloads = Sizes(64, 0) }, "payload", "1 byte to"},
		{"payload beyond the frame", func(p *Plan) { p.MaxFrame = 1000 }, "payload", "--max-frame"},
		{"payload beyond a datagram", func(p *Plan) { p.Payloads = Sizes(1 << 16) }, "payload", "udp on udp: payload: 65536"},
		{"network", func(p *Plan) { p.Network = "ipx" }, "network", "tcp, unix or udp"},
		{"framing", func(p *Plan) { p.Framing = "xml" }, "framing", "length, raw, line, resp, memcache, http"},
		{"pipeline", func(p *Plan) { p.Pipeline = -1 }, "pipeline", "64"},
		{"duration", func(p *Plan) { p.Duration = 0 }, "duration", "1ms"},
		{"warm-up", func(p *Plan) { p.Warmup = -1 }, "warmup", "0s"},
		{"timeout", func(p *Plan) { p.Timeout = 0 }, "timeout", "1ms"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := DefaultPlan([]string{"goroutine", "udp"})
			row.change(&p)
			err := p.Validate(func(model string) string {
				if model == "udp" {
					return "udp"
				}
				return p.Network
			})
			if row.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var wrong *loadgen.SpecError
			if !errors.As(err, &wrong) || wrong.Field != row.field || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want one about %s that says %q", err, row.field, row.says)
			}
		})
	}
}

// A payload is recorded where it is sent, or is the answer's; else the plan measures once, without.
func TestPayloadsOfPlans(t *testing.T) {
	plain := []int{64, 4096}
	for _, tt := range []struct {
		name   string
		change func(*Plan)
		want   []int // recorded
		bare   bool
	}{
		{"an echo", func(*Plan) {}, plain, false},
		{"a command with it", func(p *Plan) { p.Framing, p.Command = "resp", "SET k {payload}" }, plain, false},
		{"a command without", func(p *Plan) { p.Framing, p.Command = "resp", "PING" }, []int{0}, true},
		{"a get of one value", func(p *Plan) { p.Framing, p.Command = "memcache", "get k" }, []int{0}, true},
		{"a get of those that are put", func(p *Plan) { p.Framing, p.Command = "memcache", "get {n}" }, plain, false},
		{"what is at /", func(p *Plan) { p.Framing = "http" }, plain, false},
		{"at / of another length", func(p *Plan) { p.Framing, p.ResponseSize = "http", 100 }, []int{100}, false},
		{"its head", func(p *Plan) { p.Framing, p.Request = "http", "HEAD /" }, []int{0}, true},
		{"elsewhere", func(p *Plan) { p.Framing, p.Request = "http", "GET /x" }, []int{0}, true},
		{"elsewhere, of a length", func(p *Plan) { p.Framing, p.Request, p.ResponseSize = "http", "GET /x", 7 }, []int{7}, false},
		{"a body", func(p *Plan) { p.Framing, p.Request, p.ResponseSize = "http", "POST /x", 7 }, plain, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := DefaultPlan([]string{"a"})
			p.Clients, p.Trials = []int{1}, 1
			tt.change(&p)
			if err := p.Validate(func(string) string { return p.Network }); err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, trial := range p.points() {
				s := p.Spec(trial, "tcp", "127.0.0.1:0")
				recorded := loadgen.NoResult().Trial(&s).PayloadBytes
				if at := trial.at().PayloadBytes; at != recorded {
					t.Errorf("a point of %d bytes is recorded with %d", at, recorded)
				}
				got = append(got, recorded)
			}
			if !slices.Equal(got, tt.want) || p.Bare() != tt.bare {
				t.Errorf("recorded with %v, bare %v, want %v, %v", got, p.Bare(), tt.want, tt.bare)
			}
		})
	}
}
