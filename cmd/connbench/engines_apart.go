//go:build !engines

package main

import "connbench/models"

func linkedEngines() []models.Model { return nil }
