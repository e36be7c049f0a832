package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestPoll(t *testing.T) { modeltest.Run(t, models.Poll) }
