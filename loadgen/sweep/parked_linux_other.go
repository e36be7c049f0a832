//go:build linux && !amd64

package sweep

var olderCalls map[int]string
