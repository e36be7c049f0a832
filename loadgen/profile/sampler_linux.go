package profile

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"connbench/results"

	"github.com/google/pprof/profile"
	"golang.org/x/sys/unix"
)

const (
	mostHz      = 10_000
	sampleBytes = 512 << 10 // of a CPU's ring, which is what kernel.perf_event_mlock_kb allows everybody
)

// Sampler samples the CPU time of processes.
type Sampler struct {
	events   *events
	family   *family
	layout   *layout
	stacks   map[string]int64 // samples by their records
	began    time.Time
	hz       int
	comments []string
	took     time.Duration // 0 until it has ended
	err      error
}

// Begin samples the stacks of processes, given by their numbers, and of all that come from
// them, hz times a second of CPU time, 1 to 10,000, until End. It takes the CPUs that these
// processes may run on now.
//
// With root's rights, or CAP_PERFMON, it follows the CPUs, and else the threads and those that
// they start: 1024 divided by the CPUs, at most. With kernel.perf_event_paranoid at 2 or more it
// then counts only the time in the processes' own code. The profile's comments say which it was.
// Where none of it is allowed the error wraps [errors.ErrUnsupported] and says what to do.
//
// What the kernel does with interrupts disabled is counted where it enables them, and stacks of
// code without frame pointers end early.
func Begin(roots []int, hz int) (*Sampler, error) {
	if hz < 1 || hz > mostHz {
		return nil, fmt.Errorf("sample processes: %d times a second, allowed are 1 to %d", hz, mostHz)
	}
	f, err := newFamily(roots)
	if err != nil {
		return nil, fmt.Errorf("sample processes: %w", err)
	}
	s, err := begin(f, hz, ways)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, fmt.Errorf("sample processes (sysctl kernel.perf_event_paranoid=1 allows it for one's own, in a container the capability PERFMON): %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("sample processes: %w", err)
	}
	return s, nil
}

// way is one of sampling; the first that is allowed is taken.
type way struct {
	everywhere bool   // all threads on the CPUs, of which the others are left out later
	bits       uint64 // of the event
	comments   []string
}

const kernelStacks = "kernel stacks"

var ways = []way{
	{true, unix.PerfBitExcludeIdle, []string{kernelStacks}},
	{false, unix.PerfBitInherit, []string{kernelStacks, "by thread"}},
	{false, unix.PerfBitInherit | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv, []string{results.UserStacks, "by thread"}},
}

func begin(f *family, hz int, ways []way) (s *Sampler, err error) {
	mapped := &layout{family: f, areas: map[int][]area{}, objects: map[string]*object{}}
	mapped.look()
	for _, w := range ways {
		s = &Sampler{family: f, layout: mapped, stacks: map[string]int64{}, hz: hz, comments: w.comments}
		attr := unix.PerfEventAttr{
			Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK, Sample: uint64(time.Second) / uint64(hz),
			Sample_type: unix.PERF_SAMPLE_TID | unix.PERF_SAMPLE_CALLCHAIN, Bits: w.bits | unix.PerfBitMmap,
		}
		threads := []int{-1}
		if !w.everywhere {
			threads = f.tids()
		}
		s.events, err = open([]unix.PerfEventAttr{attr}, threads, f.cpus(), sampleBytes, s.take)
		if !errors.Is(err, errors.ErrUnsupported) {
			break
		}
	}
	s.began = time.Now()
	return s, err
}

func (s *Sampler) take(kind uint32, body []byte) {
	switch kind {
	case unix.PERF_RECORD_SAMPLE:
		s.stacks[string(body)]++
	case unix.PERF_RECORD_FORK:
		s.family.forked(body)
	case unix.PERF_RECORD_MMAP:
		s.layout.mapped(body)
	}
}

// Kernel reports whether it sees the kernel's stacks.
func (s *Sampler) Kernel() bool { return slices.Contains(s.comments, kernelStacks) }

// Stop ends sampling, before what is done for the profile, and may be left out.
func (s *Sampler) Stop() error {
	if s.took == 0 {
		s.took, s.err = time.Since(s.began), s.events.close()
	}
	return s.err
}

// End ends sampling; it is called once. The profile has samples and nanoseconds of CPU time by stack, the label
// thread with its name where it still lives, and in the comments "kernel stacks" or "user stacks
// only", and how many samples were lost, if any.
func (s *Sampler) End() (*profile.Profile, error) {
	err := s.Stop()
	if err == nil {
		err = s.family.look()
	}
	if err != nil {
		return nil, fmt.Errorf("sample processes: %w", err)
	}
	s.layout.look()
	b := newBuilder(time.Second / time.Duration(s.hz))
	names := map[int]string{}
	for body, count := range s.stacks {
		sample := parseSample([]byte(body))
		if !s.family.has(sample.pid) {
			continue
		}
		thread, known := names[sample.tid]
		if !known {
			thread = threadName(sample.pid, sample.tid)
			names[sample.tid] = thread
		}
		if stack := s.layout.stack(b, sample); len(stack) > 0 {
			b.add(stack, thread, count)
		}
	}
	p := b.profile
	program, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", s.family.roots[0]))
	if i := slices.IndexFunc(p.Mapping, func(m *profile.Mapping) bool { return m.File == program }); i > 0 {
		p.Mapping[0], p.Mapping[i] = p.Mapping[i], p.Mapping[0] // the first gives the profile its name
	}
	p.TimeNanos, p.DurationNanos = s.began.UnixNano(), int64(s.took)
	p.Comments = s.comments
	if s.events.lost > 0 {
		p.Comments = append(p.Comments, fmt.Sprintf("%d samples lost", s.events.lost))
	}
	p = p.Compact() // functions of several addresses, and stacks of several threads of a name, become one
	return p, p.CheckValid()
}
