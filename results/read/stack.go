package read

import (
	"path"
	"regexp"
	"strings"
)

// A sample of a CPU profile counts for one part of a server's time: that which its stack tells by
// the functions on it. What the kernel does inside of a system call counts for that, but for what
// is a subject of its own wherever it happens: to switch threads, to wake them, to move packets to the
// other end, to bring in pages.

// The parts that are not of one call, function or program.
const (
	partSwitch    = "switching threads"
	partWake      = "waking threads"
	partInterrupt = "interrupt work"
	partFault     = "page faults"
	partEntry     = "entering and leaving the kernel"
	partKernel    = "the kernel otherwise"
	partGC        = "garbage collection"
	partAlloc     = "allocating"
	partScheduler = "Go's scheduler"
	partCalling   = "Go's bookkeeping of a call"
	partPoll      = "Go's net and poll packages"
	partCopy      = "copying"
	partWire      = "cutting the stream into requests"
	partOwn       = "the row's own code"
	partSystem    = "the kernel, system time" // of which there are no stacks
	partUnknown   = ""                        // nobody knows
)

// callPart is the part of one system call, by its name.
const callPart = "the call "

// The tasks of system calls that programs may choose among: what one row reads another receives.
const (
	taskReceive = "receiving"
	taskSend    = "sending"
	taskWait    = "waiting for events"
)

var tasks = map[string]string{
	"read": taskReceive, "readv": taskReceive, "recvfrom": taskReceive, "recvmsg": taskReceive, "recvmmsg": taskReceive, "pread64": taskReceive,
	"write": taskSend, "writev": taskSend, "sendto": taskSend, "sendmsg": taskSend, "sendmmsg": taskSend, "sendfile": taskSend, "sendfile64": taskSend,
	"epoll_wait": taskWait, "epoll_pwait": taskWait, "epoll_pwait2": taskWait, "poll": taskWait, "ppoll": taskWait, "select": taskWait, "pselect6": taskWait,
}

// Counted is what is counted of a part, in the singular; empty for nothing.
func Counted(part string) string {
	switch {
	case part == partSwitch:
		return "switch"
	case part == partFault:
		return "fault"
	case strings.HasPrefix(part, callPart), isTask(part):
		return "call"
	}
	return ""
}

// taskOf is the task of a part that is a call which has one, else the part.
func taskOf(part string) string {
	if call, is := strings.CutPrefix(part, callPart); is && tasks[call] != "" {
		return tasks[call]
	}
	return part
}

// rule is what the innermost function that matches says of a stack.
type rule struct {
	matches *regexp.Regexp
	part    string
}

// inKernel are the kernel's own subjects, by functions of Linux 4.19 to 6.18. The first rule that matches
// any function on the stack holds.
var inKernel = []rule{
	{regexp.MustCompile(`^(asm_)?exc_page_fault|^handle_mm_fault|^do_user_addr_fault|^do_page_fault|^do_mem_abort`), partFault},
	{regexp.MustCompile(`^(handle_softirqs|__do_softirq|do_softirq|net_rx_action|irq_exit|run_ksoftirqd)`), partInterrupt},
	{regexp.MustCompile(`^(asm_)?sysvec_|^(asm_)?common_interrupt|^el[01]t?_(64_)?irq|^(__)?hrtimer_interrupt|^smp_apic_timer`), partInterrupt},
	{regexp.MustCompile(`^(try_to_wake_up|wake_up_|__wake_up|default_wake_function|ep_poll_callback|ttwu_|wake_q_add|futex_wake_mark)`), partWake},
	{regexp.MustCompile(`^(__schedule|schedule|preempt_schedule|finish_task_switch|__switch_to|context_switch|ret_from_fork|schedule_idle)`), partSwitch},
}

// systemCall finds its name in that of the kernel's function for it.
var systemCall = regexp.MustCompile(`^(?:__(?:x64|arm64|se|do|ia32)_sys_|ksys_|__sys_)(?:newf?(stat)|([a-z0-9_]+))$|^do_(readv|writev|sendfile|epoll_wait|epoll_ctl|accept)$`)

// kernelEntry is where a call begins and ends.
var kernelEntry = regexp.MustCompile(`^(entry_SYSCALL|do_syscall_64|x64_sys_call|syscall_(enter|exit|return)|__syscall|el0t?_(64_)?s|do_el0_svc|invoke_syscall|exit_to_user|irqentry_|arch_exit|fpregs_|rseq_|__rseq)`)

// inGo are the subjects of Go's runtime and library. The first rule that matches any function on the stack
// holds.
var inGo = []rule{
	{regexp.MustCompile(`^runtime\.(gcBgMarkWorker|gcAssist|gcStart|gcMark|bgsweep|bgscavenge|gcDrain|sweepone|scanobject|wbBufFlush|gcWriteBarrier)`), partGC},
	{regexp.MustCompile(`^runtime\.(mallocgc|newobject|makeslice|growslice|newstack|copystack|morestack)`), partAlloc},
	{regexp.MustCompile(`^runtime\.(reentersyscall|entersyscall|exitsyscall)`), partCalling},
	{regexp.MustCompile(`^runtime\.(schedule|findRunnable|mcall|park_m|gopark|goready|ready|netpoll|note|start|stop|wakep|goexit0|gosched|sysmon|mstart|mPark|retake|handoffp|execute|systemstack|semasleep|semawakeup|futex|lock2|unlock2|osyield|usleep|injectglist|casgstatus|runq|resetspinning|chan|select|semacquire|semrelease|newproc|gfget|goschedImpl|morestack|sighandler|sigtramp|asyncPreempt|resumeG|suspendG)`), partScheduler},
}

// leafCopy is what only moves bytes.
var leafCopy = regexp.MustCompile(`^(runtime\.mem(move|clr.*|equal.*)|mem(cpy|move|set)|__mem.*|_?copy_(to|from).*|rep_movs.*|copyin|copyout)$`)

// partOf is the part for which a stack counts.
func partOf(stack []Frame) string {
	if len(stack) == 0 {
		return partUnknown
	}
	if stack[0].Kernel {
		return kernelPart(stack)
	}
	return userPart(stack)
}

func kernelPart(stack []Frame) string {
	for _, r := range inKernel {
		for _, f := range stack {
			if f.Kernel && r.matches.MatchString(f.Name) {
				return r.part
			}
		}
	}
	named := false
	for i := len(stack) - 1; i >= 0; i-- { // the outermost
		if !stack[i].Kernel {
			continue
		}
		if m := systemCall.FindStringSubmatch(stack[i].Name); m != nil {
			return callPart + m[1] + m[2] + m[3]
		}
		named = named || stack[i].Name != "" && !strings.HasPrefix(stack[i].Name, "[")
	}
	switch {
	case !named:
		return userCall(stack) // the kernel does not name its functions, but the program may say what it asked for
	case kernelEntry.MatchString(stack[0].Name):
		return partEntry
	}
	return partKernel
}

func userPart(stack []Frame) string {
	leaf := stack[0].Name
	switch {
	case strings.Contains(leaf, ".py:"):
		return leaf
	case leaf == "" || strings.HasPrefix(leaf, "["):
		return ofObject(stack[0])
	case callInstruction.MatchString(leaf):
		return userCall(stack)
	}
	for _, r := range inGo {
		for _, f := range stack {
			if r.matches.MatchString(f.Name) {
				return r.part
			}
		}
	}
	if leafCopy.MatchString(leaf) {
		return partCopy
	}
	for _, f := range stack {
		if f.Kernel {
			continue
		}
		switch name := f.Name; {
		case strings.HasPrefix(name, "connbench/models/wire."), strings.HasPrefix(name, "connbench/models/serving."):
			return partWire
		case f.own():
			return partOwn
		case strings.HasPrefix(name, "net/http."):
			return "the library net/http"
		case strings.HasPrefix(name, "internal/poll."), strings.HasPrefix(name, "net."), strings.HasPrefix(name, "syscall."), strings.HasPrefix(name, "os."):
			return partPoll
		case library.MatchString(name):
			return "the library " + library.FindStringSubmatch(name)[1]
		}
	}
	return ofObject(stack[0])
}

// library is the module of a function of Go that is not of the standard library.
var library = regexp.MustCompile(`^([a-z0-9-]+\.[a-z]+(?:/[A-Za-z0-9_.-]+?){1,3})(?:/[A-Za-z0-9_./-]+)?\.[(A-Za-z]`)

// userCall is the part of a sample that shows only that the program was on its way into the kernel.
func userCall(stack []Frame) string {
	for _, f := range stack {
		if call := goCall(f.Name); call != "" {
			return callPart + call
		}
		if !f.Kernel && !callInstruction.MatchString(f.Name) {
			break
		}
	}
	return partEntry
}

// ofObject is the part of a function of which only the program is known.
func ofObject(f Frame) string {
	object := path.Base(f.Object)
	switch {
	case strings.HasPrefix(object, "[vdso") || f.Name == "[vdso]":
		return "reading clocks"
	case object == "." || strings.HasPrefix(object, "["):
		return partUnknown
	}
	return "code of " + object
}
