//go:build !linux

package blocking

import (
	"connbench/models"
	"connbench/models/serving"
)

func openThread(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("waking a thread from read(2) relies on Linux")
}

// systemThreads is a number that common systems allow; they are not asked.
func systemThreads(bool) (room int, limit string) { return 2000, "what any system allows" }
