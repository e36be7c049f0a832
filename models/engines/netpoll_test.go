package engines

import "testing"

func TestNetpoll(t *testing.T) { conforms(t, Netpoll) }
