package completion_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"connbench/models"
	"connbench/models/completion"
	"connbench/models/modeltest"
	"connbench/models/wire"

	"golang.org/x/sync/errgroup"
)

func TestUring(t *testing.T) { modeltest.Run(t, completion.Uring) }

// With two buffers for all connections, receives end for want of one all the time.
func TestUringShortOfBuffers(t *testing.T) {
	modeltest.RunSetting(t, completion.Uring, func(c *models.Config) { c.ReadBuffer = 8 << 20 })
}

// Requests of many connections arrive while one is worked on, so that their replies
// are sent in one call: each is of other bytes and of a size that the request asks for.
func TestUringRepliesTogether(t *testing.T) {
	cfg := models.DefaultConfig()
	cfg.Work = "sleep:1ms"
	s, err := completion.Uring.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	defer s.Shutdown(t.Context())
	var group errgroup.Group
	for i := range 20 {
		group.Go(func() error { return askInTurn(s.Addr(), i) })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// askInTurn asks for replies of several sizes, one after another.
func askInTurn(addr net.Addr, client int) error {
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	for _, size := range []int{10, 10_000, 100_000, 0, 100} {
		request := make([]byte, wire.HeaderSize+8)
		wire.PutSizedHeader(request, 8, size)
		copy(request[wire.HeaderSize+wire.SizeField:], fmt.Sprintf("%04d", client))
		left := wire.Budget(size)
		want, err := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: 8}).Reply(nil, request, &left)
		if err != nil {
			return err
		}
		if _, err := c.Write(request); err != nil {
			return err
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("client %d: a reply of %d bytes is not its own", client, size)
		}
	}
	return nil
}
