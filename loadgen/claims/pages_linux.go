package claims

import "golang.org/x/sys/unix"

// smallPages keeps the system from making one large page of many.
func smallPages(b []byte) { unix.Madvise(b, unix.MADV_NOHUGEPAGE) }
