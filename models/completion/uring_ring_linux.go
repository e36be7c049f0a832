package completion

import (
	"math/bits"

	"connbench/models"
	"connbench/models/kernel"
)

const (
	uringEntries = 1024 // operations handed over in one call
	// uringMemory bounds the buffers that receives take from, which all connections
	// share; where one is longer than half of it, there are two.
	uringMemory = 8 << 20
	// uringFirstBuffers is how many of them the kernel is given at first. It gets more
	// when it has run out: few stay in the CPU's caches.
	uringFirstBuffers = 16
)

// uringPlaces is how many connections a ring has at the most as direct descriptors. Tests
// change it.
var uringPlaces = 1 << 20

type uringRing struct {
	*kernel.Ring
	buffers *kernel.Buffers
	poller  *kernel.Poller // for its wake-up, which the ring watches
	places  int            // for direct descriptors; 0 where there are none
}

func newUringRing(cfg *models.Config) (r *uringRing, err error) {
	r = &uringRing{}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if r.Ring, err = kernel.NewRing(uringEntries); err != nil {
		return nil, err
	}
	if r.buffers, err = r.ReserveBuffers(0, uringBuffers(cfg.ReadBuffer), cfg.ReadBuffer); err != nil {
		return nil, err
	}
	if cfg.Direct {
		if r.places, err = r.ReserveFiles(uringPlaces); err != nil {
			return nil, err
		}
	}
	r.poller, err = kernel.NewPoller()
	return r, err
}

// uringBuffers is how many buffers of size bytes there are: a power of two, no more
// than can be in use between two calls.
func uringBuffers(size int) int {
	n := min(max(2, uringMemory/size), 2*uringEntries)
	return 1 << (bits.Len(uint(n)) - 1)
}

func (r *uringRing) close() {
	if r.Ring != nil {
		r.Close()
	}
	if r.poller != nil {
		r.poller.Close()
	}
}
