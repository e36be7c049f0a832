// Package models holds the servers that connbench compares: interchangeable echo
// servers that differ in one thing only, how a connection gets the attention of
// a thread.
//
//   - A [Model] says what it is and opens a [Server] from a [Config]; [All] is
//     the list of them.
//   - Config is the same for every model. A model honours every knob that
//     applies to it and refuses the others, so that rows stay comparable.
//   - What a request means is in session: bytes in, replies out. Every stream
//     model uses it, with the same copies, so that the difference between two
//     rows is the model and nothing else.
//   - lifecycle is what Serve and Shutdown have in common.
//
// A model is one file with its test, which runs the conformance suite of
// models/modeltest.
package models
