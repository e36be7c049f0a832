package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestSequential(t *testing.T) { modeltest.Run(t, models.Sequential) }
