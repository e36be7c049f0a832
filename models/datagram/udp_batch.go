package datagram

import "connbench/models"

// UDPBatch receives and answers many datagrams in a system call. Where several in a
// row go to one client, the kernel sends them as one, and cuts that up at the end.
var UDPBatch = models.Model{
	Name:     "udp-batch",
	Summary:  "one socket, one loop; many datagrams a system call, and segmentation by the kernel",
	Networks: []string{"udp"},
	Unit:     "none: one loop serves all",
	Blocking: false,
	Knobs:    udpKnobs,
	Open:     openUDPBatch,
}
