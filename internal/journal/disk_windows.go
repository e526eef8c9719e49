package journal

import (
	"syscall"
	"unsafe"
)

// freeBytes returns what this user may still write on the disk of dir.
func freeBytes(dir string) (uint64, error) {
	p, err := syscall.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	proc := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	ok, _, err := proc.Call(uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&free)), 0, 0)
	if ok == 0 {
		return 0, err
	}
	return free, nil
}

// syncDir does nothing: Windows cannot sync a folder; NTFS journals a rename.
func syncDir(string) error { return nil }
