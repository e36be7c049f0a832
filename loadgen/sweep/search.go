package sweep

// firstProbe is with how many clients a search begins: few servers do not keep up with
// so many.
const firstProbe = 16

// search finds the most clients, up to limit, with which keeps says that a server
// keeps up: by doubling, then by bisection to within a twentieth. What it finds was kept
// twice; 0 stands for none. keeps need not answer the same each time.
func search(limit int, keeps func(clients int) (bool, error)) (int, error) {
	low, high, err := double(limit, keeps)
	for err == nil {
		if low, err = bisect(low, high, keeps); err != nil || low == 0 {
			return 0, err
		}
		kept, err := keeps(low)
		if err != nil || kept {
			return low, err
		}
		if low, high, err = halve(low, keeps); err != nil {
			return 0, err
		}
	}
	return 0, err
}

// halve returns a number below high that was kept, 0 if there is none, and one above
// it that was not.
func halve(high int, keeps func(int) (bool, error)) (low, notKept int, err error) {
	for low = high / 2; low > 0; low, high = low/2, low {
		kept, err := keeps(low)
		if err != nil || kept {
			return low, high, err
		}
	}
	return 0, high, nil
}

// double returns the last number that was kept, 0 for none, and the first that was not.
func double(limit int, keeps func(int) (bool, error)) (low, high int, err error) {
	for n := min(firstProbe, limit); ; n = min(2*n, limit) {
		kept, err := keeps(n)
		switch {
		case err != nil:
			return 0, 0, err
		case !kept:
			return low, n, nil
		case n == limit:
			return n, n + 1, nil
		}
		low = n
	}
}

// bisect narrows between a number that was kept and one that was not.
func bisect(low, high int, keeps func(int) (bool, error)) (int, error) {
	for high-low > max(1, low/20) {
		middle := low + (high-low)/2
		kept, err := keeps(middle)
		if err != nil {
			return 0, err
		}
		if kept {
			low = middle
		} else {
			high = middle
		}
	}
	return low, nil
}
