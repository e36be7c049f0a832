package loadgen

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"connbench/loadgen/message"
	"connbench/loadgen/pace"
)

// mixOf is a mix of sizes and weights in turn.
func mixOf(pairs ...int) (m message.Mix) {
	for i := 0; i < len(pairs); i += 2 {
		m = append(m, message.Share{PayloadBytes: pairs[i], Weight: pairs[i+1]})
	}
	return m
}

func profileOf(text string) (p pace.Profile) {
	if err := p.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return p
}

func TestSpecValidate(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*Spec)
		field string // of the error; empty for none
		says  string
	}{
		{"default", func(*Spec) {}, "", ""},
		{"unix", func(s *Spec) { s.Network, s.Address = "unix", "/tmp/s" }, "", ""},
		{"largest datagram", func(s *Spec) { s.Network, s.PayloadBytes = "udp", 65507 }, "", ""},
		{"largest frame", func(s *Spec) { s.PayloadBytes = s.MaxFrame }, "", ""},
		{"no network", func(s *Spec) { s.Network = "sctp" }, "network", "tcp, unix or udp"},
		{"no port", func(s *Spec) { s.Address = "localhost" }, "address", "host:port"},
		{"a path of 107 bytes", func(s *Spec) { s.Network, s.Address = "unix", "/"+strings.Repeat("x", 106) }, "", ""},
		{"a path of 108 bytes", func(s *Spec) { s.Network, s.Address = "unix", "/"+strings.Repeat("x", 107) }, "address", "up to 107 bytes"},
		{"a path on tcp", func(s *Spec) { s.Address = "/tmp/s" }, "address", "--network unix"},
		{"a path with a colon on udp", func(s *Spec) { s.Network, s.Address = "udp", "./a:1" }, "address", "--network unix"},
		{"no path", func(s *Spec) { s.Network, s.Address = "unix", "" }, "address", "path"},
		{"framing", func(s *Spec) { s.Framing = "smtp" }, "framing", "length, raw, line, resp, memcache, http"},
		{"no payload", func(s *Spec) { s.PayloadBytes = 0 }, "payload", "1 byte to"},
		{"payload beyond the frame", func(s *Spec) { s.PayloadBytes = s.MaxFrame + 1 }, "payload", "1 MiB"},
		{"answers at the limit", func(s *Spec) { s.PayloadBytes, s.ResponseBytes, s.Pipeline = 64, 16<<10, 64 }, "", ""},
		{"answers beyond the limit", func(s *Spec) { s.PayloadBytes, s.ResponseBytes, s.Pipeline = 64, 16<<10+1, 64 }, "response-size", "up to 16384 bytes"},
		{"payload beyond the datagram", func(s *Spec) { s.Network, s.PayloadBytes = "udp", 65508 }, "payload", "65507"},
		{"no clients", func(s *Spec) { s.Clients = 0 }, "clients", "at least 1"},
		{"clients beyond the descriptors", func(s *Spec) { s.Clients = 1 << 30 }, "clients", "ulimit -n"},
		{"negative pipeline", func(s *Spec) { s.Pipeline = -1 }, "pipeline", "1 to 64"},
		{"pipeline beyond the socket buffer", func(s *Spec) { s.Network, s.PayloadBytes, s.Pipeline = "udp", 65507, 64 }, "pipeline", "receive buffer"},
		{"open loop", func(s *Spec) { s.Rate, s.Arrivals = 1000, Constant }, "", ""},
		{"the lowest rate", func(s *Spec) { s.Rate = 1e-6 }, "", ""},
		{"a request in 3000 years", func(s *Spec) { s.Rate = 1e-11 }, "rate", "from 1e-6"},
		{"hardly a rate", func(s *Spec) { s.Rate = 1e-320 }, "rate", "from 1e-6"},
		{"negative rate", func(s *Spec) { s.Rate = -1 }, "rate", "from 1e-6"},
		{"rate not a number", func(s *Spec) { s.Rate = math.NaN() }, "rate", "from 1e-6"},
		{"a mix", func(s *Spec) { s.Mix = mixOf(64, 9, 64<<10, 1) }, "", ""},
		{"a mix beyond the frame", func(s *Spec) { s.Mix = mixOf(64, 9, 2<<20, 1) }, "payload", "64B*9+2MiB*1 is not allowed (1 byte to the maximum frame of 1 MiB"},
		{"a mix with nothing", func(s *Spec) { s.Mix = mixOf(0, 9, 64, 1) }, "payload", "1 byte to"},
		{"a mix of one", func(s *Spec) { s.Mix = mixOf(64, 9) }, "payload", "2 to 16 sizes"},
		{"a mix that never has one", func(s *Spec) { s.Mix = mixOf(64, 0, 65, 1) }, "payload", "1 to 1000000 times"},
		{"a mix of the same", func(s *Spec) { s.Mix = mixOf(64, 1, 64, 1) }, "payload", "each size once"},
		{"a mix of answers", func(s *Spec) { s.Framing, s.Mix = "http", mixOf(64, 1, 65, 1) }, "payload", "one size with 'GET /'"},
		{"a mix of datagrams", func(s *Spec) { s.Network, s.Mix = "udp", mixOf(64, 1, 65507, 1) }, "", ""},
		{"a mix beyond the datagram", func(s *Spec) { s.Network, s.Mix = "udp", mixOf(64, 1, 65508, 1) }, "payload", "65507"},
		{"a mix beyond the socket buffer", func(s *Spec) { s.Network, s.Mix, s.Pipeline = "udp", mixOf(64, 9, 65507, 1), 64 }, "pipeline", "receive buffer"},
		{"a mix too short for the answer's size", func(s *Spec) { s.Mix, s.ResponseBytes = mixOf(2, 1, 65, 1), 100 }, "payload", "at least 4 bytes"},
		{"a ramp and a spike", func(s *Spec) { s.Profile = profileOf("1000..20000/5s,spike=50000@3s+1s") }, "", ""},
		{"a ramp beyond the window", func(s *Spec) { s.Profile = profileOf("1000..20000/10s") }, "rate", "within the window of 5s"},
		{"a rate beside a profile", func(s *Spec) { s.Rate, s.Profile = 5, profileOf("1..2/1s") }, "rate", "none beside a profile"},
		{"thinking at a rate that changes", func(s *Spec) { s.Profile, s.Think = profileOf("1..2/1s"), 1 }, "think", "closed loop"},
		{"connections in no time", func(s *Spec) { s.ConnectRate = 1e-320 }, "connect-rate", "1 clients within"},
		{"infinitely many connections", func(s *Spec) { s.ConnectRate = math.Inf(1) }, "connect-rate", "up to 1e8"},
		{"arrivals", func(s *Spec) { s.Rate, s.Arrivals = 1, "uniform" }, "arrivals", "constant or poisson"},
		{"thinking in an open loop", func(s *Spec) { s.Rate, s.Think = 1, 1 }, "think", "closed loop"},
		{"no active clients", func(s *Spec) { s.Active = 0 }, "active", "up to 1"},
		{"more active than clients", func(s *Spec) { s.Active = 1.5 }, "active", "up to 1"},
		{"all slow", func(s *Spec) { s.Clients, s.Slow = 2, 0.9 }, "slow", "one is not slow"},
		{"slow datagrams", func(s *Spec) { s.Network, s.Clients, s.Slow = "udp", 4, 0.5 }, "slow", "streams"},
		{"churn of datagrams", func(s *Spec) { s.Network, s.RequestsPerConn = "udp", 1 }, "requests-per-conn", "streams"},
		{"connections too slow", func(s *Spec) { s.Clients, s.ConnectRate = 1000, 0.1 }, "connect-rate", "1000 clients"},
		{"deep pipeline", func(s *Spec) { s.Pipeline = 65 }, "pipeline", "1 to 64"},
		{"threads", func(s *Spec) { s.Threads = -1 }, "threads", "one a CPU"},
		{"no duration", func(s *Spec) { s.Duration = 0 }, "duration", "1ms"},
		{"a week", func(s *Spec) { s.Duration, s.Warmup = 7*24*time.Hour, time.Hour }, "", ""},
		{"endless", func(s *Spec) { s.Duration = 7*24*time.Hour + 1 }, "duration", "1ms to 168h0m0s"},
		{"a long timeout", func(s *Spec) { s.Timeout = time.Hour }, "timeout", "10m0s"},
		{"warmup", func(s *Spec) { s.Warmup = -1 }, "warmup", "0s"},
		{"timeout", func(s *Spec) { s.Timeout = 0 }, "timeout", "1ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := DefaultSpec()
			s.Address = "127.0.0.1:1"
			tt.spoil(&s)
			err := s.Validate()
			if tt.field == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			var spec *SpecError
			if !errors.As(err, &spec) || spec.Field != tt.field || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want one about %s that says %q", err, tt.field, tt.says)
			}
		})
	}
}

func TestSpecLongest(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Spec)
		want   time.Duration
	}{
		{"a handshake, the load, the last answer", func(*Spec) {}, 5*time.Second + 500*time.Millisecond + 3*time.Second + 2*time.Second},
		{"without warm-up", func(s *Spec) { s.Warmup = 0 }, 10 * time.Second},
		{"as many clients as shake hands at once", func(s *Spec) { s.Clients = 64 }, 10500 * time.Millisecond},
		{"one more", func(s *Spec) { s.Clients = 65 }, 10565 * time.Millisecond},
		{"of two processes", func(s *Spec) { s.Clients, s.Parts = 128, 2 }, 10500 * time.Millisecond},
		{"of two processes that differ", func(s *Spec) { s.Clients, s.Parts = 129, 2 }, 10629 * time.Millisecond},
		{"many clients, which have no round each", func(s *Spec) { s.Clients = 10_000 }, 20500 * time.Millisecond},
		{"idle clients, which are asked in the end", func(s *Spec) { s.Clients, s.Active = 10, 0.5 }, 12505 * time.Millisecond},
		{"connected slowly", func(s *Spec) { s.Clients, s.ConnectRate = 10, 2 }, 15500 * time.Millisecond},
		{"with a probe", func(s *Spec) { s.ResponseBytes = 128 }, 17500 * time.Millisecond},
		{"another timeout", func(s *Spec) { s.Timeout = time.Minute }, 68500 * time.Millisecond},
		{"another connect timeout", func(s *Spec) { s.ConnectTimeout = time.Second }, 6500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := DefaultSpec()
			s.Warmup, s.Duration, s.Timeout, s.ConnectTimeout = 500*time.Millisecond, 3*time.Second, 2*time.Second, 5*time.Second
			s.Parts = 1 // else the limit of descriptors decides
			tt.change(&s)
			if got := s.Longest(); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
