//go:build !linux

package models

// systemThreads is a number that common systems allow; they are not asked.
func systemThreads() (room int, limit string) { return 2000, "what any system allows" }

func startableThreads() (room int, limit string) { return systemThreads() }
