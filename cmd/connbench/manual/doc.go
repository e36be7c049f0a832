// Package manual is what the command line says of itself: examples of each command, which
// version it is, and to a shell what a line can go on with.
package manual
