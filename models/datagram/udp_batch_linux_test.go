package datagram

import (
	"bytes"
	"context"
	"net"
	"slices"
	"testing"
	"time"
	"unsafe"

	"connbench/models"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// batchServer is a server that has been opened and does not serve yet, so that what a
// test sends arrives in one batch, and a client of it.
func batchServer(t *testing.T, tweak func(*models.Config)) (*udpBatchServer, *net.UDPConn) {
	t.Helper()
	cfg := models.DefaultConfig()
	cfg.Network = "udp"
	tweak(&cfg)
	opened, err := UDPBatch.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Shutdown(t.Context()) })
	c, err := net.Dial("udp", opened.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return opened.(*udpBatchServer), c.(*net.UDPConn)
}

// expectInOrder reads datagrams from c.
func expectInOrder(t *testing.T, c net.Conn, want [][]byte) {
	t.Helper()
	buf := make([]byte, 1<<16)
	for i, w := range want {
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buf[:n], w) {
			t.Fatalf("answer %d is %q, want %q", i, buf[:n], w)
		}
	}
}

// checkBatch stops s and compares the counts that want names.
func checkBatch(t *testing.T, s *udpBatchServer, want map[string]int64) {
	t.Helper()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := s.Counters()
	for class := range got {
		if _, ok := want[class]; !ok {
			delete(got, class)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// A client that has several requests in flight is answered in one call and, where
// they are of one length, in one message.
func TestUDPBatchAnswersPipelineAtOnce(t *testing.T) {
	s, c := batchServer(t, func(*models.Config) {})
	var requests [][]byte
	for i := range 16 {
		requests = append(requests, bytes.Repeat([]byte{byte(i)}, 64))
	}
	for _, r := range requests {
		if _, err := c.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	go s.Serve()
	expectInOrder(t, c, requests)
	checkBatch(t, s, map[string]int64{
		"received": 16, "receive_messages": 16, "receive_calls": 1,
		"sent": 16, "send_messages": 1, "send_calls": 1,
		"pauses": 1, "failed": 0, "dropped": 0,
	})
}

// Requests that the kernel has joined are requests of their own: the work is done for
// each, and each may be too long.
func TestUDPBatchTellsJoinedRequestsApart(t *testing.T) {
	for _, tt := range []struct {
		maxFrame        int
		answered        int
		oversized, sent int64
	}{
		{100, 5, 0, 5},
		{99, 1, 4, 1}, // the last one is shorter
	} {
		s, c := batchServer(t, func(c *models.Config) { c.MaxFrame = tt.maxFrame })
		var worked []string
		s.session.Work = func(p []byte) { worked = append(worked, string(p)) }
		joined := bytes.Repeat([]byte("joined "), 65)[:450]
		requests := slices.Collect(slices.Chunk(joined, 100))
		if _, _, err := c.WriteMsgUDP(joined, segmentMessage(100), nil); err != nil {
			t.Skip(err)
		}
		go s.Serve()
		answered := requests[len(requests)-tt.answered:]
		expectInOrder(t, c, answered)
		// In how many messages it is sent depends on how long the work takes; see longestHold.
		checkBatch(t, s, map[string]int64{
			"received": 5, "receive_messages": 1, "receive_calls": 1, "sent": tt.sent, "oversized": tt.oversized,
		})
		if len(worked) != tt.answered || worked[0] != string(answered[0]) {
			t.Errorf("the work was done for %q, want %q", worked, answered)
		}
	}
}

// segmentMessage is the control message that has the kernel cut a message up.
func segmentMessage(segment uint16) []byte {
	message := make([]byte, unix.CmsgSpace(2))
	header := (*unix.Cmsghdr)(unsafe.Pointer(&message[0]))
	header.Level, header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	header.SetLen(unix.CmsgLen(2))
	*(*uint16)(unsafe.Pointer(&message[unix.CmsgLen(0)])) = segment
	return message
}

// Answers do not wait for long for the work on others, and Shutdown does not at all
// when its time is up.
func TestUDPBatchHoldsAndCuts(t *testing.T) {
	s, c := batchServer(t, func(*models.Config) {})
	working, goOn := make(chan struct{}), make(chan struct{})
	s.session.Work = func(p []byte) {
		if p[0] == 1 {
			close(working)
			<-goOn
			return
		}
		time.Sleep(2 * longestHold)
	}
	for i := range 4 {
		if _, err := c.Write([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	go s.Serve()
	<-working
	expectInOrder(t, c, [][]byte{{0}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(ctx) }()
	for !s.cutting.Load() {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if err := <-ended; err != context.Canceled {
		t.Errorf("Shutdown returned %v, want the context's error", err)
	}
	checkBatch(t, s, map[string]int64{"received": 4, "cut": 3, "failed": 0, "sent": 1})
}

func TestGathering(t *testing.T) {
	alone := batch{2, 2, 2}    // of clients with one request in flight each
	few := batch{4, 4, 1}      // joined, and not enough to wait for
	spread := batch{12, 12, 8} // enough, and hardly joined
	good := batch{16, 16, 2}
	full := batch{datagramBatch, datagramBatch, 2}
	refused := batch{4, 0, 0}
	tests := []struct {
		name   string
		begin  []batch
		repeat batch
		pauses int // in the next 100
	}{
		{"one in flight", nil, alone, 0},
		{"nothing sent", nil, refused, 0},
		{"few in flight", nil, few, 1 + 99/(barrenPauses+1)}, // tried again after so many
		{"hardly joined", nil, spread, 1 + 99/(barrenPauses+1)},
		{"pays", nil, good, 100},
		{"more is there", nil, full, 0},
		{"pays again at once", []batch{good, full, full}, good, 100},
		{"not yet after it did not pay", []batch{few, few}, good, 100 - barrenPauses + 1},
		{"ends where it no longer pays", []batch{good, good}, alone, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var g gathering
			for _, b := range tt.begin {
				g.next(b)
			}
			pauses := 0
			for range 100 {
				if g.next(tt.repeat) {
					pauses++
				}
			}
			if pauses != tt.pauses {
				t.Errorf("%d pauses, want %d", pauses, tt.pauses)
			}
		})
	}
}
