package profile

import "encoding/binary"

const headerBytes = 8 // of struct perf_event_header

// eachRecord takes the records of a ring of perf_event_open(2) between tail and head, which
// count bytes since its start. The length of data is a power of two. A body is valid until
// the next. What is after a record that says a wrong length is left out.
func eachRecord(data []byte, tail, head uint64, take func(kind uint32, body []byte)) {
	size := uint64(len(data))
	if size == 0 || head-tail > size {
		return
	}
	var joined []byte
	for head-tail >= headerBytes {
		at := tail % size
		if size-at < headerBytes { // the kernel aligns records by 8
			return
		}
		kind := binary.NativeEndian.Uint32(data[at:])
		length := uint64(binary.NativeEndian.Uint16(data[at+6:]))
		if length < headerBytes || length > head-tail {
			return
		}
		var body []byte
		if at+length <= size {
			body = data[at+headerBytes : at+length]
		} else {
			joined = append(append(joined[:0], data[at+headerBytes:]...), data[:at+length-size]...)
			body = joined
		}
		take(kind, body)
		tail += length
	}
}

// fields reads the numbers of a record's body one after the other, 0 after its end.
type fields []byte

func (f *fields) uint32() uint32 { return uint32(f.number(4)) }
func (f *fields) uint64() uint64 { return uint64(f.number(8)) }

func (f *fields) number(size int) int64 {
	n := place{0, size}.of(*f)
	*f = (*f)[min(size, len(*f)):]
	return n
}

// What begins a part of a stack, and is no address: PERF_CONTEXT_KERNEL and so on, down to
// PERF_CONTEXT_MAX.
const (
	inKernel     = -128 & (1<<64 - 1)
	inUser       = -512 & (1<<64 - 1)
	firstContext = -4095 & (1<<64 - 1)
)

// sampled is a sample with PERF_SAMPLE_TID and PERF_SAMPLE_CALLCHAIN.
type sampled struct {
	pid, tid     int
	kernel, user []uint64 // the innermost first
}

func parseSample(body []byte) sampled {
	f := fields(body)
	s := sampled{pid: int(f.uint32()), tid: int(f.uint32())}
	part := &s.user
	for n := f.uint64(); n > 0 && len(f) > 0; n-- {
		switch address := f.uint64(); {
		case address == inKernel:
			part = &s.kernel
		case address == inUser:
			part = &s.user
		case address >= firstContext: // of a guest or a hypervisor
			part = new([]uint64)
		default:
			*part = append(*part, address)
		}
	}
	return s
}
