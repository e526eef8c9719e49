package testkit_test

import (
	"syscall"
)

// fillDisk lets no file of this process grow beyond a few bytes, or all again.
// Writes then fail as on a full disk.
func fillDisk(full bool) string {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		return err.Error()
	}
	now.Cur = now.Max
	if full {
		now.Cur = 4096
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		return err.Error()
	}
	return ""
}
