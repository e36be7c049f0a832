package read

import (
	"testing"

	"github.com/google/pprof/profile"
)

func TestOwner(t *testing.T) {
	const inGo, inC = true, false
	for _, test := range []struct {
		inGo       bool
		name, file string
		want       Owner
	}{
		{inGo, "main.main", "/opt/connbench", OwnCode},
		{inGo, "connbench/models/wire.Cut", "/opt/connbench", OwnCode},
		{inGo, "runtime.mallocgc", "/opt/connbench", RuntimeCode},
		{inGo, "internal/runtime/maps.(*Map).Put", "/opt/connbench", RuntimeCode},
		{inGo, "runtime.futex", "/opt/connbench", KernelCode},
		{inGo, "internal/runtime/syscall/linux.Syscall6", "/opt/connbench", KernelCode},
		{inGo, "syscall.Read", "/opt/connbench", KernelCode},
		{inGo, "net.(*conn).Read", "/opt/connbench", LibraryCode},
		{inGo, "tcp_sendmsg", "[kernel.kallsyms]", KernelCode},
		{inGo, "tcp_sendmsg", "/boot/vmlinux-6.18", KernelCode},
		{inC, "[kernel]", "", KernelCode},
		{inC, "ngx_process_events", "/usr/sbin/nginx", OwnCode},
		{inC, "malloc", "/lib/libc.so.6", LibraryCode},
		{inC, "__vdso_clock_gettime", "[vdso]", LibraryCode},
		{inC, "_PyEval_EvalFrameDefault", "/usr/bin/python3.13", RuntimeCode},
		{inC, "serve", "", OwnCode},
	} {
		l := &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: test.name}}}}
		if test.file != "" {
			l.Mapping = &profile.Mapping{File: test.file}
		}
		frames := Frames(&profile.Sample{Location: []*profile.Location{nil, l}})
		if len(frames) != 1 || frames[0].Owner(test.inGo) != test.want {
			t.Errorf("%s of %q is %v, want one of %v", test.name, test.file, frames, test.want)
		}
	}
}
