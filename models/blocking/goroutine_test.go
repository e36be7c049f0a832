package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestGoroutine(t *testing.T) { modeltest.Run(t, models.Goroutine) }
