package hosts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"connbench/results"
)

// Info is what an agent says of itself and its machine.
type Info struct {
	Name        string      `json:"name"`
	Address     string      `json:"address"` // that servers bind to
	Interfaces  []Interface `json:"interfaces,omitempty"`
	CPUs        []int       `json:"cpus"` // that processes may use
	Version     Version     `json:"version"`
	AllowExec   bool        `json:"allow_exec"`
	AllowUpdate bool        `json:"allow_update"`
	Incarnation string      `json:"incarnation"` // another one after each start of the agent
	Started     time.Time   `json:"started"`
	Now         time.Time   `json:"now"` // by its clock, as all times that it says
	Busy        *Holder     `json:"busy,omitempty"`
	// Readiness is what would limit or disturb a benchmark there, as it was when the agent
	// started, a line each.
	Readiness   []string            `json:"readiness,omitempty"`
	Environment results.Environment `json:"environment"` // kernel, architecture, limits and the rest
}

// Version is what an agent is made of.
type Version struct {
	Protocol int    `json:"protocol"`
	Commit   string `json:"commit,omitempty"`
	Program  string `json:"program"` // SHA-256 in hex of the connbench that it starts; of a controller empty if any will do
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// Interface is one of a machine's to a network.
type Interface struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	MTU       int      `json:"mtu"`                  // bytes
	SpeedMbit int      `json:"speed_mbit,omitempty"` // of the link, where the system says
}

// interfaces are those that are up, without loopback, and without addresses that hold on one link only.
func interfaces() []Interface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var some []Interface
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, _ := i.Addrs()
		found := Interface{Name: i.Name, MTU: i.MTU, SpeedMbit: linkSpeed(i.Name)}
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
				found.Addresses = append(found.Addresses, n.IP.String())
			}
		}
		if len(found.Addresses) > 0 {
			some = append(some, found)
		}
	}
	return some
}

// linkSpeed is that of an interface in Mbit/s, 0 where the system does not say.
func linkSpeed(name string) int {
	text, _ := os.ReadFile(filepath.Join("/sys/class/net", filepath.Base(name), "speed"))
	speed, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return max(0, speed) // -1 is of a link that has none
}

// DefaultAddress is the first of this machine's by which others reach it, that of loopback
// if there is none.
func DefaultAddress() string {
	for _, i := range interfaces() {
		return i.Addresses[0]
	}
	return "127.0.0.1"
}

// CheckAddress reports whether servers of this machine can bind to an address.
func CheckAddress(address string) error {
	ip := net.ParseIP(address)
	if ip == nil || ip.IsUnspecified() {
		return fmt.Errorf("%q is no address of one interface", address)
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && (n.IP.Equal(ip) || n.IP.IsLoopback() && n.Contains(ip)) {
			return nil
		}
	}
	return fmt.Errorf("%s is not an address of this machine", address)
}

// Fingerprint is the SHA-256 of a program in hex.
func Fingerprint(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// differs says in what an agent's software is not this one; empty if it is the same.
// Shipping this program would help if shippable.
func (v Version) differs(from Version) (what string, shippable bool) {
	commit := func(v Version) string { return cmp.Or(v.Commit, "unknown") }
	switch {
	case v.Protocol > from.Protocol:
		return fmt.Sprintf("its connbench (commit %s) is newer than this one (commit %s): install that here", commit(v), commit(from)), false
	case v.Protocol < from.Protocol:
		return fmt.Sprintf("its connbench (commit %s) is older than this one (commit %s): install this one there", commit(v), commit(from)), false
	case from.Program == "" || v.Program == from.Program:
		return "", false
	}
	return fmt.Sprintf("its connbench (commit %s) is another build than this one (commit %s)", commit(v), commit(from)), v.OS == from.OS && v.Arch == from.Arch
}
