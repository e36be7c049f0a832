package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestGoroutineLean(t *testing.T) { modeltest.Run(t, models.GoroutineLean) }
