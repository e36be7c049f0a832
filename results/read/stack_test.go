package read

import (
	"strings"
	"testing"
)

// stackOf is a stack from its names, the innermost first; those after a bar are the kernel's.
func stackOf(text string) []Frame {
	var all []Frame
	for name := range strings.FieldsSeq(text) {
		f := Frame{Name: name, Object: "/usr/bin/connbench"}
		if rest, is := strings.CutPrefix(name, "k:"); is {
			f = Frame{rest, "[kernel.kallsyms]", true}
		}
		if rest, is := strings.CutPrefix(name, "o:"); is {
			f = Frame{"", rest, false}
		}
		all = append(all, f)
	}
	return all
}

func TestPartOf(t *testing.T) {
	const entry = " k:do_syscall_64 k:entry_SYSCALL_64_after_hwframe "
	for _, test := range []struct{ stack, want string }{
		{"k:tcp_sendmsg k:__sys_sendto k:__x64_sys_sendto" + entry, "the call sendto"},
		{"k:sock_read_iter k:vfs_read k:ksys_read k:__x64_sys_read" + entry + "internal/runtime/syscall/linux.Syscall6 syscall.read", "the call read"},
		{"k:tcp_rcv_established k:net_rx_action k:handle_softirqs k:do_softirq k:__dev_queue_xmit k:tcp_sendmsg k:__x64_sys_write" + entry, partInterrupt},
		{"k:_raw_spin_lock k:try_to_wake_up k:ep_poll_callback k:sock_def_readable k:net_rx_action k:handle_softirqs k:__x64_sys_write" + entry, partInterrupt},
		{"k:try_to_wake_up k:wake_up_q k:futex_wake k:do_futex k:__x64_sys_futex" + entry, partWake},
		{"k:finish_task_switch k:__schedule k:schedule k:futex_wait_queue k:__x64_sys_futex" + entry + "runtime.futex runtime.notesleep", partSwitch},
		{"k:clear_page_erms k:handle_mm_fault k:exc_page_fault k:asm_exc_page_fault runtime.mallocgc", partFault},
		{"k:tick_nohz_handler k:__hrtimer_run_queues k:asm_sysvec_apic_timer_interrupt main.f", partInterrupt},
		{"k:do_syscall_64 k:entry_SYSCALL_64_after_hwframe syscall.read", partEntry},
		{"k:copy_from_user k:unknown_driver", partKernel},
		{"k:[kernel] internal/runtime/syscall.Syscall6 syscall.RawSyscall6 syscall.Syscall syscall.write syscall.Write internal/poll.(*FD).Write", "the call write"},
		{"internal/runtime/syscall.Syscall6 internal/runtime/syscall.EpollWait runtime.netpoll runtime.findRunnable", "the call epoll_pwait"},
		{"internal/runtime/syscall/linux.Syscall6 syscall.RawSyscall6 connbench/models/kernel.Send connbench/models/readiness.(*loop).read", "the call sendto"},
		{"syscall.RawSyscall6 connbench/models/kernel.(*Poller).Poll connbench/models/readiness.(*loop).run", "the call epoll_pwait"},
		{"syscall.RawSyscall6 connbench/models/kernel.(*Ring).enter connbench/models/completion.(*ring).run", "the call io_uring_enter"},
		{"syscall.RawSyscall6 connbench/models/kernel.(*Pollset).next connbench/models/readiness.(*loop).run", partEntry},
		{"internal/runtime/syscall.Syscall6 runtime.netpoll runtime.findRunnable", partEntry},
		{"k:tcp_sendmsg k:do_iter_readv_writev k:vfs_writev k:do_writev" + entry + "o:/usr/sbin/nginx", "the call writev"},
		{"runtime.futex runtime.futexsleep runtime.notesleep runtime.stopm", "the call futex"},
		{"runtime.casgstatus runtime.park_m runtime.mcall", partScheduler},
		{"runtime.casgstatus runtime.reentersyscall runtime.entersyscall syscall.Read", partCalling},
		{"runtime.findRunnable runtime.schedule runtime.park_m runtime.mcall", partScheduler},
		{"runtime.scanobject runtime.gcDrain runtime.gcBgMarkWorker", partGC},
		{"runtime.memclrNoHeapPointers runtime.mallocgc runtime.newobject connbench/models/blocking.serve", partAlloc},
		{"runtime.memmove connbench/models/wire.(*Splitter).Split connbench/models/blocking.serve", partCopy},
		{"connbench/models/wire.(*Splitter).Split connbench/models/blocking.serve", partWire},
		{"internal/poll.(*fdMutex).rwlock internal/poll.(*FD).Read net.(*conn).Read connbench/models/blocking.serve", partPoll},
		{"connbench/models/readiness.(*loop).run main.main", partOwn},
		{"github.com/lesismal/nbio.(*poller).readWriteLoop", "the library github.com/lesismal/nbio"},
		{"bufio.(*Reader).Peek net/http.(*conn).serve", "the library net/http"},
		{"github.com/xtaci/gaio.(*watcher).loop", "the library github.com/xtaci/gaio"},
		{"o:/usr/sbin/nginx", "code of nginx"},
		{"o:[vdso]", "reading clocks"},
		{"o:", partUnknown},
		{"selectors.py:select asyncio/base_events.py:_run_once", "selectors.py:select"},
		{"", partUnknown},
	} {
		if got := partOf(stackOf(test.stack)); got != test.want {
			t.Errorf("%s: %q, want %q", test.stack, got, test.want)
		}
	}
}
