package calibrate

import (
	"testing"
	"time"
)

func TestServerConfig(t *testing.T) {
	for _, c := range []ServerConfig{
		{},
		{Distribution: "normal"},
		{Distribution: Fixed, Service: -1},
		{Distribution: Exponential, Service: time.Hour},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v is allowed", c)
		}
	}
}
