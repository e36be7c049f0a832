package profile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"connbench/models/kernel"
	"connbench/results"

	"golang.org/x/sys/unix"
)

const traceBytes = 4 << 20 // of a CPU's ring: 0.1 s of a call a microsecond

// Tracer counts the system calls of processes.
type Tracer struct {
	events *events
	family *family

	exit, wake *tracepoint

	calls map[int]*[mostCalls]tally // by process
	last  int                       // the process of the latest call, and its tallies
	tally *[mostCalls]tally
	woken map[[2]int]int64 // by the process that woke, and the thread that was woken
}

// mostCalls is more than the numbers of system calls of any kernel.
const mostCalls = 1024

type tally struct{ count, again, sum int64 }

// Trace records each system call that returns in processes, given by their numbers, and in all
// that come from them, until End, and when their threads wake each other. It takes the CPUs that these
// processes may run on now.
//
// It needs tracefs and root's rights, or CAP_PERFMON. Where either is missing the error wraps
// [errors.ErrUnsupported] and says what to do.
func Trace(roots []int) (*Tracer, error) {
	t := &Tracer{calls: map[int]*[mostCalls]tally{}, woken: map[[2]int]int64{}, last: -1}
	if err := t.begin(roots); err != nil {
		return nil, fmt.Errorf("trace system calls: %w", err)
	}
	return t, nil
}

func (t *Tracer) begin(roots []int) (err error) {
	var attrs []unix.PerfEventAttr
	for _, from := range []struct {
		to     **tracepoint
		event  string
		fields []string
	}{
		{&t.exit, "raw_syscalls/sys_exit", []string{"id", "ret"}},
		{&t.wake, "sched/sched_waking", []string{"common_flags", "pid"}},
	} {
		text, err := kernel.TraceEvent(from.event, "format")
		if err != nil {
			return err
		}
		if *from.to, err = parseFormat(text, from.fields...); err != nil {
			return fmt.Errorf("%s: %w", from.event, err)
		}
		attrs = append(attrs, unix.PerfEventAttr{
			Type: unix.PERF_TYPE_TRACEPOINT, Config: uint64((*from.to).id), Sample: 1,
			Sample_type: unix.PERF_SAMPLE_TID | unix.PERF_SAMPLE_RAW,
		})
	}
	if t.family, err = newFamily(roots); err != nil {
		return err
	}
	t.events, err = open(attrs, []int{-1}, t.family.cpus(), traceBytes, t.take)
	return err
}

func (t *Tracer) take(kind uint32, body []byte) {
	switch kind {
	case unix.PERF_RECORD_SAMPLE:
		t.sample(body)
	case unix.PERF_RECORD_FORK:
		t.family.forked(body)
	}
}

// sample takes up a record of a tracepoint: of all processes, as one that has been started
// since is known by the records of another CPU, which may come later.
func (t *Tracer) sample(body []byte) {
	f := fields(body)
	pid, _ := int(f.uint32()), f.uint32()
	raw := []byte(f)
	if len(raw) < 6 {
		return
	}
	raw = raw[4:] // its length
	switch uint16(place{0, 2}.of(raw)) {
	case t.exit.id:
		t.called(pid, t.exit.fields["id"].of(raw), t.exit.fields["ret"].of(raw))
	case t.wake.id:
		const interrupt = 0x08 | 0x10 // TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ: it is not the thread that wakes
		if t.wake.fields["common_flags"].of(raw)&interrupt == 0 {
			t.woken[[2]int{pid, int(t.wake.fields["pid"].of(raw))}]++
		}
	}
}

func (t *Tracer) called(pid int, call, result int64) {
	if call < 0 || call >= mostCalls {
		return
	}
	if pid != t.last {
		t.last, t.tally = pid, t.calls[pid]
		if t.tally == nil {
			t.tally = new([mostCalls]tally)
			t.calls[pid] = t.tally
		}
	}
	c := &t.tally[call]
	c.count++
	switch {
	case result > 0:
		c.sum += result
	case nothing(result):
		c.again++
	}
}

// nothing says of a negative result that the call is to be made again. Of a call that a signal
// interrupts it is one of the kernel's own, from ERESTARTSYS, 512, to ERESTART_RESTARTBLOCK.
func nothing(result int64) bool {
	const restart, restartBlock = 512, 516
	e := unix.Errno(-result)
	return e == unix.EAGAIN || e == unix.EINTR || e == unix.ETIMEDOUT || e >= restart && e <= restartBlock
}

// End ends recording and returns what was recorded; it is called once.
func (t *Tracer) End() (*results.Calls, error) {
	err := t.events.close()
	if err == nil {
		err = t.family.look()
	}
	if err != nil {
		return nil, fmt.Errorf("trace system calls: %w", err)
	}
	c := &results.Calls{Each: t.each(), Lost: t.events.lost, Wakeups: new(int64)}
	for by, n := range t.woken {
		if pid, known := t.family.threads[by[1]]; known && t.family.has(pid) && t.family.has(by[0]) {
			*c.Wakeups += n
		}
	}
	return c, nil
}

func (t *Tracer) each() []results.Call {
	sums := map[string]*results.Call{}
	for pid, tallies := range t.calls {
		if !t.family.has(pid) {
			continue
		}
		for call, c := range tallies {
			if c.count == 0 {
				continue
			}
			name := CallName(call)
			sum := sums[name]
			if sum == nil {
				sum = &results.Call{Name: name}
				sums[name] = sum
			}
			sum.Count += c.count
			sum.Again += c.again
			switch {
			case slices.Contains(moving, name):
				sum.Bytes += c.sum
			case slices.Contains(telling, name):
				sum.Events += c.sum
			}
		}
	}
	each := make([]results.Call, 0, len(sums))
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		each = append(each, *sums[name])
	}
	slices.SortStableFunc(each, func(a, b results.Call) int { return cmp.Compare(b.Count, a.Count) })
	return each
}
