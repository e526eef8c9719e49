// Package testkit runs the whole application in one process, in a temporary
// folder, over real sockets, for tests that tell a story: messages go in over
// MLLP, pages come out over HTTP.
//
// It imitates nothing of the application. What it has of its own is the sender
// of messages and the reader of pages. After each story it looks through the
// whole data folder and every log line for the patients of the messages it
// sent, and fails the test if one of them can be read there.
package testkit
