package crisis

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// whole makes the end of a command that takes too long the end of everything it
// started: taskkill ends the tree of its processes.
func whole(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		taskkill := filepath.Join(os.Getenv("SystemRoot"), "System32", "taskkill.exe")
		tree := exec.Command(taskkill, "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
		err := cmd.Process.Kill()
		if tree == nil && errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return errors.Join(tree, err)
	}
}
