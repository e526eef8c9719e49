//go:build !windows

package crisis

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// whole makes the end of a command that takes too long the end of everything it
// started: it leads a process group of its own, and the group is killed.
func whole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
