//go:build linux && !amd64

package sample

var olderCalls map[int]string
