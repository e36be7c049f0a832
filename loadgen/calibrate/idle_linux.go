package calibrate

import "github.com/prometheus/procfs"

// busy is how many seconds the CPUs have been at work or stolen since the system
// started, nil where it does not say.
func busy(cpus []int) *float64 {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil
	}
	stat, err := fs.Stat()
	if err != nil {
		return nil
	}
	sum := 0.0
	for _, cpu := range cpus {
		c, ok := stat.CPU[int64(cpu)]
		if !ok {
			return nil
		}
		sum += c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ + c.Steal
	}
	return &sum
}
