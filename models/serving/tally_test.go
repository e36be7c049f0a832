package serving

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"connbench/models/wire"

	"github.com/google/go-cmp/cmp"
)

func TestEnded(t *testing.T) {
	tests := []struct {
		err     error
		partial bool
		class   string
	}{
		{io.EOF, false, "clean"},
		{io.EOF, true, "truncated"},
		{ErrDrained, false, "clean"},
		{wire.ErrClose, false, "clean"},
		{fmt.Errorf("frame: %w", wire.ErrTooLong), true, "oversized"},
		{net.ErrClosed, true, "cut"},
		{os.ErrDeadlineExceeded, true, "idle"},
		{syscall.ECONNRESET, true, "reset"},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, false, "reset"},
		{errors.New("something else"), false, "failed"},
	}
	for _, tt := range tests {
		var c, zero Tally
		c.Ended(tt.err, tt.partial)
		want := zero.Counters()
		want[tt.class] = 1
		if diff := cmp.Diff(want, c.Counters()); diff != "" {
			t.Errorf("%v, partial %v (-want +got):\n%s", tt.err, tt.partial, diff)
		}
	}
}

func TestOutOfResources(t *testing.T) {
	for err, want := range map[error]bool{
		&net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}: true,
		syscall.ENFILE:       true,
		syscall.ENOBUFS:      true,
		syscall.ENOMEM:       true,
		syscall.ECONNABORTED: false,
		net.ErrClosed:        false,
	} {
		if got := OutOfResources(err); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}
