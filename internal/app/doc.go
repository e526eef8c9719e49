// Package app wires the parts: it turns a configuration into a running hub, or
// into the same parts for one command of an operator. It contains no rule of
// its own and is the only place that knows them all.
package app
