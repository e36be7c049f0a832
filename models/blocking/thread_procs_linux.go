package blocking

import (
	"runtime"
	"sync"
)

// processors gives each thread of a server one of Go's processors, without which no
// thread may run between two system calls. With as many as there are CPUs, as Go has
// it, a thread in read(2) keeps its processor until the runtime's monitor takes it
// away, 20 µs to 10 ms later, and all that have something to do meanwhile wait: the
// same few threads would be served again and again. The CPUs stay what they are, and
// whose turn it is on them becomes the kernel's to say.
type processors struct {
	most  int // each takes memory, and the runtime may start a thread for each
	added int
}

// cover adds to GOMAXPROCS what n threads need, by leaps: the world stops for it.
func (p *processors) cover(n int) {
	if n <= p.added || p.added == p.most {
		return
	}
	more := min(max(n-p.added, 4, p.added/4), p.most-p.added)
	addProcessors(more)
	p.added += more
}

func (p *processors) close() {
	if p.added > 0 {
		addProcessors(-p.added)
	}
}

// addedProcessors is what all servers of this process have added.
var addedProcessors struct {
	sync.Mutex
	before, more int
}

func addProcessors(n int) {
	addedProcessors.Lock()
	defer addedProcessors.Unlock()
	if addedProcessors.more == 0 {
		addedProcessors.before = runtime.GOMAXPROCS(0)
	}
	addedProcessors.more += n
	runtime.GOMAXPROCS(addedProcessors.before + addedProcessors.more)
}
