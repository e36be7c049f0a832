package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestUDP(t *testing.T) { modeltest.Run(t, models.UDP) }
