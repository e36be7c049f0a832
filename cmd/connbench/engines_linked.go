//go:build engines

package main

import (
	"connbench/models"
	"connbench/models/engines"
)

func linkedEngines() []models.Model { return engines.All() }
