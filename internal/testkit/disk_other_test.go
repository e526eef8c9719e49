//go:build !linux

package testkit_test

func fillDisk(bool) string { return "not on this system" }
