package all_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/all"
	"connbench/models/blocking"
)

// configFor is a valid Config of m.
func configFor(m models.Model) models.Config {
	cfg := models.DefaultConfig()
	cfg.Network = m.Networks[0]
	return cfg
}

// turned are values that differ from the default, one a knob.
var turned = func() map[models.Knob]func(*models.Config) {
	all := map[models.Knob]func(*models.Config){
		models.KnobFraming: func(c *models.Config) { c.Framing = models.Raw },
	}
	for i, f := range reflect.VisibleFields(reflect.TypeFor[models.Knobs]()) {
		all[models.Knob(f.Tag.Get("name"))] = func(c *models.Config) {
			switch v := reflect.ValueOf(&c.Knobs).Elem().Field(i); v.Kind() {
			case reflect.Bool:
				v.SetBool(!v.Bool())
			case reflect.String: // the last is none that holds by default
				choices := strings.Split(f.Tag.Get("choices"), ",")
				v.SetString(choices[len(choices)-1])
			default:
				v.SetInt(v.Int() + 1)
			}
		}
	}
	return all
}()

func TestEveryKnobIsHonouredOrRefused(t *testing.T) {
	for _, m := range all.Models() {
		for knob, turn := range turned {
			t.Run(m.Name+"/"+string(knob), func(t *testing.T) {
				cfg := configFor(m)
				turn(&cfg)
				err := m.Check(cfg)
				if slices.Contains(m.Knobs, knob) {
					if err != nil {
						t.Errorf("a knob that the model honours is refused: %v", err)
					}
					return
				}
				wantRefusal(t, err, string(knob))
				if _, err := m.Listen(cfg); err == nil {
					t.Error("Listen does not check")
				}
			})
		}
	}
}

func TestModelsNameKnobsThatExist(t *testing.T) {
	for _, m := range all.Models() {
		for _, k := range m.Knobs {
			if turned[k] == nil {
				t.Errorf("%s has the knob %q, which no test turns", m.Name, k)
			}
		}
	}
}

func wantRefusal(t *testing.T, err error, knob string) {
	t.Helper()
	var ce *models.ConfigError
	if !errors.As(err, &ce) {
		t.Fatalf("got %v, want a ConfigError", err)
	}
	if ce.Knob != knob {
		t.Errorf("names %q, want %q", ce.Knob, knob)
	}
	if msg := err.Error(); !strings.HasPrefix(msg, knob+": ") || ce.Allowed == "" {
		t.Errorf("%q does not say what is wrong and what is allowed", msg)
	}
}

func TestCheckRanges(t *testing.T) {
	tests := []struct {
		knob string // empty: allowed
		set  func(*models.Config)
	}{
		{"", func(c *models.Config) {}},
		{"network", func(c *models.Config) { c.Network = "udp" }},
		{"network", func(c *models.Config) { c.Network = "tcp4" }},
		{"network", func(c *models.Config) { c.Network = "" }},
		{"", func(c *models.Config) { c.Network = "unix" }},
		{"addr", func(c *models.Config) { c.Address = "" }},
		{"framing", func(c *models.Config) { c.Framing = "" }},
		{"framing", func(c *models.Config) { c.Framing = "xml" }},
		{"work", func(c *models.Config) { c.Work = "nap" }},
		{"work", func(c *models.Config) { c.Work = "" }},
		{"max-frame", func(c *models.Config) { c.MaxFrame = 0 }},
		{"max-frame", func(c *models.Config) { c.MaxFrame = 1<<30 + 1 }},
		{"", func(c *models.Config) { c.MaxFrame = 1 }},
		{"", func(c *models.Config) { c.MaxFrame = 1 << 30 }},
		{"read-buffer", func(c *models.Config) { c.ReadBuffer = 0 }},
		{"read-buffer", func(c *models.Config) { c.ReadBuffer = 64<<20 + 1 }},
		{"rcvbuf", func(c *models.Config) { c.RecvBuffer = -1 }},
		{"rcvbuf", func(c *models.Config) { c.RecvBuffer = 1<<30 + 1 }},
		{"sndbuf", func(c *models.Config) { c.SendBuffer = -1 }},
		{"sndbuf", func(c *models.Config) { c.SendBuffer = 1<<30 + 1 }},
		{"backlog", func(c *models.Config) { c.Backlog = -1 }},
		{"backlog", func(c *models.Config) { c.Backlog = 65536 }},
		{"workers", func(c *models.Config) { c.Workers = -1 }},
		{"workers", func(c *models.Config) { c.Workers = 1<<20 + 1 }},
		{"loops", func(c *models.Config) { c.Loops = -1 }},
		{"loops", func(c *models.Config) { c.Loops = 1025 }},
		{"processes", func(c *models.Config) { c.Processes = -1 }},
		{"processes", func(c *models.Config) { c.Processes = 1025 }},
		{"spread", func(c *models.Config) { c.Spread = "" }},
		{"spread", func(c *models.Config) { c.Spread = "hash" }},
		{"spread", func(c *models.Config) { c.Network, c.Spread = "unix", models.SpreadReusePort }},
		{"trigger", func(c *models.Config) { c.Trigger = "" }},
		{"trigger", func(c *models.Config) { c.Trigger = "both" }},
		{"idle-timeout", func(c *models.Config) { c.IdleTimeout = -1 }},
		{"idle-timeout", func(c *models.Config) { c.IdleTimeout = 24*time.Hour + 1 }},
		{"", func(c *models.Config) { c.IdleTimeout = 24 * time.Hour }},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", i, tt.knob), func(t *testing.T) {
			cfg := models.DefaultConfig()
			tt.set(&cfg)
			err := blocking.Goroutine.Check(cfg)
			if tt.knob != "" {
				wantRefusal(t, err, tt.knob)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestListenErrors(t *testing.T) {
	for _, m := range all.Models() {
		t.Run(m.Name, func(t *testing.T) {
			cfg := configFor(m)
			cfg.Address = "127.0.0.1:no-such-port"
			_, err := m.Listen(cfg)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err == nil || !strings.HasPrefix(err.Error(), m.Name+": ") {
				t.Errorf("got %v, want an error that names the model", err)
			}
		})
	}
}
