//go:build !linux

package modeltest

import "testing"

// awaitArrival cannot be told here.
func (c *client) awaitArrival(t *testing.T) {
	t.Skip("only Linux says when what was sent has arrived")
}
