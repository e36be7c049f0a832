package sample

import (
	"testing"
	"time"
)

// A shell that reads is parked in a call that waits for one, and a thread that is gone
// in none.
func TestParked(t *testing.T) {
	t.Parallel()
	pid := shell(t, `echo ready; read end; :`)
	for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		found := parked([]int{pid, 1 << 30})
		if found == nil {
			t.Skip("this kernel does not say in which call a thread waits, or not to us")
		}
		if len(found) == 1 && found["read"] == 1 {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("parked: %v", found)
		}
	}
}
