//go:build engines

package main

import "connbench/models/engines"

func init() { linkedEngines = engines.All() }
