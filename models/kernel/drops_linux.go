package kernel

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Drops is how many datagrams the kernel has thrown away because c's receive buffer
// was full or their checksum was wrong (SO_MEMINFO). It starts again at 2^32.
func Drops(c syscall.Conn) (n int64, err error) {
	err = control(c, func(fd int) error {
		n, err = drops(fd)
		return err
	})
	return n, err
}

func drops(fd int) (int64, error) {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("getsockopt SO_MEMINFO", errno)
	}
	return int64(info[unix.SK_MEMINFO_DROPS]), nil
}
