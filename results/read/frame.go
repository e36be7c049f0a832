package read

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Frame is a function on a stack.
type Frame struct {
	Name, Object string // either is empty where it is not known
	Kernel       bool
}

// Frames are those of a sample, the innermost first.
func Frames(s *profile.Sample) (all []Frame) {
	for _, l := range s.Location {
		if l == nil {
			continue
		}
		object := ""
		if l.Mapping != nil {
			object = l.Mapping.File
		}
		inKernel := strings.HasPrefix(path.Base(object), "[kernel") || strings.HasPrefix(path.Base(object), "vmlinux")
		lines := l.Line
		if len(lines) == 0 {
			lines = []profile.Line{{}}
		}
		for _, line := range lines {
			name := ""
			if line.Function != nil {
				name = cmp.Or(line.Function.Name, line.Function.SystemName)
			}
			all = append(all, Frame{name, object, inKernel || strings.HasPrefix(name, "[kernel")})
		}
	}
	return all
}

// Owner is whose code a function is.
type Owner int

const (
	OwnCode     Owner = iota // of the server's program
	RuntimeCode              // of its language
	LibraryCode
	KernelCode // and what enters it
)

// InGo reports whether a profile is of a program in Go.
func InGo(p *profile.Profile) bool {
	return slices.ContainsFunc(p.Function, func(f *profile.Function) bool { return f != nil && strings.HasPrefix(f.Name, "runtime.") })
}

// goRuntime is the names of Go's runtime.
var goRuntime = regexp.MustCompile(`^(runtime|internal/(abi|bytealg))\.|^(internal/)?runtime/`)

// Owner tells by the name in programs in Go, which are one file, and else by the file: an
// interpreter's is its language's runtime, and what is of no file its program.
func (f Frame) Owner(inGo bool) Owner {
	file := path.Base(f.Object)
	switch {
	case f.Kernel || inGo && (callInstruction.MatchString(f.Name) || libraryCall(f.Name) != ""):
		return KernelCode
	case inGo && goRuntime.MatchString(f.Name), strings.HasPrefix(file, "python"), strings.HasPrefix(file, "libpython"):
		return RuntimeCode
	case inGo && !f.own(), strings.Contains(file, ".so"), strings.HasPrefix(file, "["):
		return LibraryCode
	}
	return OwnCode
}

// own reports whether a function of Go is of the program itself.
func (f Frame) own() bool {
	return strings.HasPrefix(f.Name, "connbench/") || strings.HasPrefix(f.Name, "main.")
}

// callInstruction is where a Go program leaves for the kernel.
var callInstruction = regexp.MustCompile(`(^|[./])(Syscall6?|RawSyscall6?|rawSyscallNoError|rawVforkSyscall|epollwait|futex|usleep|osyield)$|^runtime/internal/syscall\.|^internal/runtime/syscall\.|^syscall\.(raw)?[sS]yscall|^syscall\.RawSyscall`)

// nameOfCall is the system call for which a function of Go's libraries stands.
var nameOfCall = regexp.MustCompile(`^(?:syscall|golang\.org/x/sys/unix|internal/syscall/unix|internal/runtime/syscall(?:/linux)?|runtime)\.(?:\(\*[A-Za-z]+\)\.)?([A-Za-z0-9]+)$`)

var calls = map[string]string{
	"read": "read", "write": "write", "readv": "readv", "writev": "writev", "pread": "pread64", "pwrite": "pwrite64", "sendfile": "sendfile",
	"sendto": "sendto", "recvfrom": "recvfrom", "sendmsg": "sendmsg", "sendmsgn": "sendmsg", "recvmsg": "recvmsg", "recvmsgraw": "recvmsg",
	"accept": "accept", "accept4": "accept4", "close": "close", "connect": "connect", "shutdown": "shutdown", "setsockopt": "setsockopt", "getsockopt": "getsockopt",
	"epollctl": "epoll_ctl", "epollwait": "epoll_pwait", "futex": "futex", "usleep": "nanosleep", "osyield": "sched_yield",
}

func libraryCall(function string) string {
	if m := nameOfCall.FindStringSubmatch(function); m != nil {
		return calls[strings.ToLower(m[1])]
	}
	return ""
}

// ourCall is a function of ours that calls the kernel without a library between.
var ourCall = regexp.MustCompile(`^connbench/models/kernel\.((?:\(\*[A-Za-z]+\)\.)?[A-Za-z]+)$`)

var ourCalls = map[string]string{
	"Send": "sendto", "Recv": "recvfrom", "Read": "read", "Accept": "accept4", "WaitAccept": "accept4", "WaitRead": "read", "WaitWrite": "sendto", "Linger": "recvfrom",
	"(*Poller).Poll": "epoll_pwait", "(*Poller).Wait": "epoll_pwait", "(*Poller).Block": "epoll_pwait", "(*Ring).enter": "io_uring_enter",
}

// goCall is the system call for which a function of Go's libraries, or of ours, stands; empty for none.
func goCall(function string) string {
	if m := ourCall.FindStringSubmatch(function); m != nil {
		return ourCalls[m[1]]
	}
	return libraryCall(function)
}
