package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestUDPBatch(t *testing.T) { modeltest.Run(t, models.UDPBatch) }
