package datagram_test

import (
	"testing"

	"connbench/models/datagram"
	"connbench/models/modeltest"
)

func TestUDPBatch(t *testing.T) { modeltest.Run(t, datagram.UDPBatch) }
